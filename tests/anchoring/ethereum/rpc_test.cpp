// The RPC client against a server that misbehaves in each documented way, and the strict hex.
#include "anchoring/ethereum/rpc_client.hpp"
#include "anchoring/ethereum/rpc_reply.hpp"
#include "anchoring/ethereum/rpc_values.hpp"
#include "tests/anchoring/ethereum/fake_rpc.hpp"

#include <gtest/gtest.h>

namespace ethereum {
namespace {

using base::Kind;
using rpc_test::FakeRpc;
using rpc_test::Reply;

RpcOptions options(std::vector<std::string> urls) {
    RpcOptions out;
    out.urls = std::move(urls);
    out.timeout_ms = 300;
    return out;
}
std::unique_ptr<RpcClient> open(RpcOptions options) {
    auto client = RpcClient::open(std::move(options));
    EXPECT_TRUE(client) << client.error().diagnostics;
    return std::move(*client);
}
FakeRpc::Script always(Reply reply) {
    return [reply](const std::string&, const json::Value&) { return reply; };
}
FakeRpc::Script block_number(const std::string& hex) {
    return always({.result = "\"" + hex + "\""});
}

TEST(RpcClient, AsksAndReads) {
    std::string asked;
    FakeRpc node([&](const std::string& method, const json::Value& params) {
        asked = method + json::write(params);
        return Reply{.result = R"({"number":"0x10"})"};
    });
    auto with_header = options({node.url() + "/v3/secret-key"});
    with_header.headers = {{"Authorization", "Bearer abc"}};
    const auto client = open(with_header);
    const auto answer = client->call("eth_getBlockByNumber", {"0x10", false});
    ASSERT_TRUE(answer) << answer.error().diagnostics;
    EXPECT_EQ(asked, R"(eth_getBlockByNumber["0x10",false])");
    EXPECT_EQ(quantity_of(*answer, "number").value(), 16u);
    EXPECT_NE(node.last_head().find("POST /v3/secret-key"), std::string::npos);
    EXPECT_NE(node.last_head().find("Authorization:Bearer abc"), std::string::npos);
    EXPECT_EQ(client->endpoint(), node.url()) << "the path may hold a key";
    EXPECT_GT(client->last_answer_us(), 0);
}

TEST(RpcClient, AnErrorObjectIsNoTransportFailure) {
    FakeRpc node(always({.error = R"({"code":3,"message":"execution reverted","data":"0x82b42900"})"}));
    const auto client = open(options({node.url()}));
    const auto reply = client->ask("eth_call", {});
    ASSERT_TRUE(reply);
    ASSERT_TRUE(reply->error);
    EXPECT_EQ(reply->error->code, 3);
    EXPECT_EQ(reply->error->message, "execution reverted");
    EXPECT_EQ(revert_data(*reply->error), (base::Bytes{0x82, 0xb4, 0x29, 0x00}));
    const auto called = client->call("eth_call", {});
    ASSERT_FALSE(called);
    EXPECT_EQ(called.error().kind, Kind::unprocessable);
    EXPECT_EQ(node.questions, 2) << "not asked again";
}

TEST(RpcClient, ALateAnswerIsNoAnswer) {
    FakeRpc node(always({.delay_ms = 5000}));
    const auto client = open(options({node.url()}));
    const auto before = std::chrono::steady_clock::now();
    const auto answer = client->call("eth_blockNumber", {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, Kind::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(4)) << "bounded by attempts, not by the node";
    EXPECT_EQ(client->last_answer_us(), 0);
}

TEST(RpcClient, ADrippingAnswerIsCutOff) {
    FakeRpc node(always({.result = "\"" + std::string(2000, 'a') + "\"", .drip_ms = 20}));
    auto once = options({node.url()});
    once.attempts = 1;
    const auto client = open(once);
    const auto before = std::chrono::steady_clock::now();
    const auto answer = client->call("eth_blockNumber", {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, Kind::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5)) << "its 40 s would never be a timeout of one read";
}

TEST(RpcClient, BusyAndBrokenAnswersAreAskedAgain) {
    for (const Reply& bad : {Reply{.body = "slow down", .status = 429}, Reply{.body = "oops", .status = 503}, Reply{.body = "{not json"},
                             Reply{.body = R"({"jsonrpc":"2.0","id":999999,"result":"0x1"})"}, Reply{.body = R"({"id":1,"result":"0x1"})"},
                             Reply{.error = R"({"code":-32005,"message":"Too Many Requests"})"}}) {
        std::atomic<int> n{0};
        FakeRpc node([&](const std::string&, const json::Value&) { return ++n == 1 ? bad : Reply{.result = "\"0x7\""}; });
        const auto answer = open(options({node.url()}))->call("eth_blockNumber", {});
        ASSERT_TRUE(answer) << bad.body << ": " << answer.error().diagnostics;
        EXPECT_EQ(*answer->if_string(), "0x7");
        EXPECT_EQ(n, 2);
        FakeRpc dead(always(bad));
        const auto never = open(options({dead.url()}))->call("eth_blockNumber", {});
        ASSERT_FALSE(never);
        EXPECT_EQ(never.error().kind, Kind::unavailable);
        EXPECT_EQ(dead.questions, 3) << "bounded";
    }
}

TEST(RpcClient, AnOversizeAnswerIsNotTaken) {
    FakeRpc node(always({.result = "\"" + std::string(300'000, 'a') + "\""}));
    auto small = options({node.url()});
    small.max_answer_bytes = 100'000;
    const auto answer = open(small)->call("eth_getLogs", {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, Kind::too_large);
    EXPECT_EQ(node.questions, 1);
}

TEST(RpcClient, TheNextEndpointTakesOverAndIsKept) {
    FakeRpc sick(always({.body = "no", .status = 500})), well(block_number("0x9"));
    const auto client = open(options({"http://127.0.0.1:1", sick.url(), well.url()}));
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(client->call("eth_blockNumber", {}));
    EXPECT_EQ(sick.questions, 1);
    EXPECT_EQ(well.questions, 3);
    EXPECT_EQ(client->endpoint(), well.url());
}

TEST(RpcClient, AnotherChainIsNotBelieved) {
    std::atomic<int> chain{1}, fail_once{0};
    FakeRpc node([&](const std::string& method, const json::Value&) {
        if (method == "eth_chainId") return Reply{.result = "\"" + to_quantity(static_cast<std::uint64_t>(chain)) + "\""};
        if (fail_once.exchange(0) == 1) return Reply{.body = "restarting", .status = 502};
        return Reply{.result = "\"0x9\""};
    });
    auto on_one = options({node.url()});
    on_one.chain_id = 1;
    const auto client = open(on_one);
    EXPECT_TRUE(client->call("eth_blockNumber", {}));
    EXPECT_TRUE(client->call("eth_blockNumber", {}));
    EXPECT_EQ(node.questions, 3) << "asked once for its chain";
    chain = 5;
    fail_once = 1;  // the node went away and came back as another
    const auto answer = client->call("eth_blockNumber", {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, Kind::corrupt);
    EXPECT_NE(answer.error().diagnostics.find("chain 5"), std::string::npos) << answer.error().diagnostics;
}

TEST(RpcClient, AConnectionThatTheNodeClosedMeanwhileIsNoFailure) {
    std::atomic<int> asked{0};
    std::atomic<bool> moved{false};
    FakeRpc node([&](const std::string& method, const json::Value&) {
        if (method == "eth_blockNumber") ++asked;
        return Reply{.result = moved ? "\"0x5\"" : "\"0x1\"", .keep_ms = 400};
    });
    auto once = options({node.url()});
    once.attempts = 1;
    once.chain_id = 1;
    const auto client = open(once);
    for (int i = 0; i < 4; ++i) {
        const auto answer = client->call("eth_blockNumber", {});
        ASSERT_TRUE(answer) << i << ": " << answer.error().diagnostics;
        std::this_thread::sleep_for(std::chrono::milliseconds(500));  // past what the node keeps a connection for
    }
    EXPECT_EQ(asked, 4) << "each once";
    moved = true;
    const auto answer = client->call("eth_blockNumber", {});
    ASSERT_FALSE(answer) << "what closed the connection may be another node by now";
    EXPECT_EQ(answer.error().kind, Kind::corrupt);
    EXPECT_EQ(asked, 4);
}

TEST(RpcClient, RefusesWhatIsNoEndpoint) {
    for (const char* url : {"", "ftp://x", "http://", "localhost:8545", "file:///etc/passwd"}) {
        const auto client = RpcClient::open(options({url}));
        ASSERT_FALSE(client) << url;
        EXPECT_EQ(client.error().kind, Kind::invalid);
    }
    EXPECT_FALSE(RpcClient::open(options({})));
    auto no_file = options({"https://127.0.0.1"});
    no_file.ca_file = "/nonexistent/ca.pem";
    EXPECT_EQ(RpcClient::open(no_file).error().kind, Kind::invalid);
}

TEST(RpcValues, QuantitiesAndDataAreStrict) {
    EXPECT_EQ(to_quantity(0), "0x0");
    EXPECT_EQ(to_quantity(0x400), "0x400");
    EXPECT_EQ(parse_quantity("0xffffffffffffffff").value(), UINT64_MAX);
    EXPECT_EQ(parse_quantity_u256("0xde0b6b3a7640000").value(), U256(1'000'000'000'000'000'000));
    for (const char* bad : {"", "0x", "0x0400", "ff", "0xG", "0x1 ", "0x10000000000000000", "12", "-0x1"}) {
        ASSERT_FALSE(parse_quantity(bad)) << bad;
        EXPECT_EQ(parse_quantity(bad).error().kind, Kind::corrupt);
    }
    EXPECT_EQ(parse_data("0x").value(), base::Bytes{});
    EXPECT_EQ(parse_data("0x00fF").value(), (base::Bytes{0, 255}));
    EXPECT_EQ(to_data(base::Bytes{0, 255}), "0x00ff");
    for (const char* bad : {"", "0x0", "00", "0xzz"}) EXPECT_FALSE(parse_data(bad)) << bad;
    const auto object = json::parse(R"({"a":null,"h":"0x01"})").value();
    EXPECT_FALSE(quantity_of(object, "a"));
    EXPECT_FALSE(quantity_of(object, "missing"));
    EXPECT_FALSE(hash_of(object, "h"));
}

TEST(RpcReply, RevertDataIsFoundWhereNodesPutIt) {
    const auto error = [](const char* data) { return RpcError{3, "execution reverted", json::parse(data).value()}; };
    const base::Bytes expected{0x12, 0x34};
    EXPECT_EQ(revert_data(error(R"("0x1234")")), expected);
    EXPECT_EQ(revert_data(error(R"("Reverted 0x1234")")), expected);
    EXPECT_EQ(revert_data(error(R"({"data":"0x1234"})")), expected);
    EXPECT_EQ(revert_data(error(R"({"data":{"result":"0x1234"}})")), expected);
    EXPECT_EQ(revert_data(error("null")), std::nullopt);
}

}  // namespace
}  // namespace ethereum
