// Tries, headers, receipts, and the node that is asked.
#include "anchoring/ethereum/abi.hpp"
#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ethereum/rlp.hpp"
#include "anchoring/kedge_verify/chain_encoding.hpp"
#include "anchoring/kedge_verify/node.hpp"
#include "anchoring/kedge_verify/trie.hpp"
#include "storage/base/encoding.hpp"

#include <random>

#include <gtest/gtest.h>

namespace {

using base::Kind;
using namespace kedge_verify;

std::vector<base::Bytes> values(std::size_t count) {
    std::vector<base::Bytes> out;
    for (std::size_t i = 0; i < count; ++i)
        out.emplace_back(1 + i * 7 % 90, static_cast<std::uint8_t>(i + 1));  // some stand inside their parents
    return out;
}

TEST(Trie, ProofsLeadToEachValueAndNowhereElse) {
    std::mt19937 random(3);
    std::size_t refused = 0;
    for (const std::size_t count : {1u, 2u, 3u, 16u, 17u, 128u, 129u, 260u}) {
        const auto all = values(count);
        for (std::size_t i = 0; i < count; i += 1 + count / 20) {
            const auto proof = trie_proof(all, i);
            const auto value = trie_value(proof.root, index_key(i), proof.nodes);
            ASSERT_TRUE(value.has_value()) << count << " " << i << " " << value.error().diagnostics;
            EXPECT_EQ(*value, all[i]);
            EXPECT_FALSE(trie_value(proof.root, index_key(i + 1), proof.nodes).has_value());
            EXPECT_FALSE(trie_value(proof.root, index_key(count), proof.nodes).has_value());
            for (std::size_t n = 0; n < proof.nodes.size(); ++n, ++refused) {
                auto changed = proof.nodes;
                changed[n][random() % changed[n].size()] ^= static_cast<std::uint8_t>(1u << random() % 8);
                EXPECT_EQ(trie_value(proof.root, index_key(i), changed).error().kind, Kind::invalid);
                changed = proof.nodes;
                changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(n));
                EXPECT_FALSE(trie_value(proof.root, index_key(i), changed).has_value());
            }
            auto longer = proof.nodes;
            longer.push_back(longer.front());
            EXPECT_FALSE(trie_value(proof.root, index_key(i), longer).has_value());
        }
    }
    EXPECT_GE(refused, 100u);
}

// The root of no receipts is known to everyone: keccak256(0x80). One entry, by hand: a leaf with the whole key.
TEST(Trie, KnownRoots) {
    const base::Bytes value{0x01, 0x02};
    const auto leaf = ethereum::RlpWriter().bytes(base::Bytes{0x20, 0x80}).bytes(value).take_list();
    EXPECT_EQ(trie_proof({value}, 0).root, ethereum::keccak256(leaf));
    EXPECT_EQ(base::to_hex(index_key(0)), "80");
    EXPECT_EQ(base::to_hex(index_key(127)), "7f");
    EXPECT_EQ(base::to_hex(index_key(128)), "8180");
}

// Ethereum's first block: its header is in every client, its hash in every book.
constexpr const char* kGenesis =
    R"({"parentHash":"0x0000000000000000000000000000000000000000000000000000000000000000","sha3Uncles":"0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347","miner":"0x0000000000000000000000000000000000000000","stateRoot":"0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544","transactionsRoot":"0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421","receiptsRoot":"0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421","difficulty":"0x400000000","number":"0x0","gasLimit":"0x1388","gasUsed":"0x0","timestamp":"0x0","extraData":"0x11bbe8db4e347b4e8c937c1c8370e4b5ed33adb3db69cbdb7a38e1e50b1b82fa","mixHash":"0x0000000000000000000000000000000000000000000000000000000000000000","nonce":"0x0000000000000042","logsBloom":"0x)";

TEST(Header, OfMainnetsFirstBlock) {
    const auto block = *json::parse(kGenesis + std::string(512, '0') + "\"}");
    const auto rlp = header_rlp(block);
    ASSERT_TRUE(rlp.has_value()) << rlp.error().diagnostics;
    const auto header = decode_header(*rlp);
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(ethereum::to_text(header->hash), "0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3");
    EXPECT_EQ(header->number, 0u);
    for (std::size_t cut = 0; cut < rlp->size(); cut += 13)
        EXPECT_EQ(decode_header(base::ByteView(*rlp).first(cut)).error().kind, Kind::invalid);
    auto without = block;
    without.if_object()->erase("stateRoot");
    EXPECT_EQ(header_rlp(without).error().kind, Kind::corrupt);
}

TEST(Encoding, OfTransactionsThatAreNotKnown) {
    EXPECT_EQ(transaction_bytes(*json::parse(R"({"type":"0x7e"})")).error().kind, Kind::not_supported);
    EXPECT_EQ(transaction_bytes(*json::parse(R"({"type":"0x2"})")).error().kind, Kind::corrupt);
    EXPECT_EQ(receipt_bytes(*json::parse(R"({"type":"0x2","status":"0x1"})")).error().kind, Kind::corrupt);
    EXPECT_EQ(decode_receipt(base::Bytes{0x02, 0xc0}).error().kind, Kind::invalid);
    EXPECT_EQ(decode_receipt({}).error().kind, Kind::invalid);
}

// A node that lies in one place.
struct Liar {
    std::map<std::string, std::string> answers;
    Node node(Pins pins = {}) {
        return Node(
            [this](std::string_view method, json::Array) -> base::Result<json::Value> {
                const auto at = answers.find(std::string(method));
                if (at == answers.end()) return base::fail(Kind::unavailable, "nobody answers");
                return json::parse(at->second);
            },
            std::move(pins));
    }
};

TEST(Node, ContradictionsAreFound) {
    Liar liar;
    EXPECT_EQ(liar.node().begin().error().kind, Kind::unavailable);
    liar.answers["eth_chainId"] = "\"0x1\"";
    const auto genesis = kGenesis + std::string(512, '0') + "\"";
    liar.answers["eth_getBlockByNumber"] = genesis + R"(,"hash":"0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"})";
    EXPECT_TRUE(liar.node().begin().has_value());
    liar.answers["eth_getBlockByNumber"] = genesis + R"(,"hash":"0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa4"})";
    EXPECT_EQ(liar.node().begin().error().kind, Kind::corrupt) << "a header with another hash";
    liar.answers["eth_getBlockByNumber"] = "null";
    EXPECT_EQ(liar.node().begin().error().kind, Kind::not_found);

    liar.answers["eth_getBlockByNumber"] = genesis + R"(,"hash":"0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3"})";
    Pins pins;
    pins.audit_anchor = ethereum::Address{};
    pins.log_id = ethereum::Hash{};
    auto node = liar.node(pins);
    ASSERT_TRUE(node.begin().has_value());
    Evidence evidence;
    liar.answers["eth_getLogs"] = "{}";
    EXPECT_EQ(node.anchors(evidence).error().kind, Kind::corrupt);
    liar.answers["eth_getLogs"] = "[]";
    liar.answers["eth_call"] = "\"0x\"";
    EXPECT_EQ(node.anchors(evidence).error().kind, Kind::corrupt) << "no contract there";
    const auto head = [](std::uint64_t size) {
        return "\"0x" +
               base::to_hex(ethereum::abi_encode({ethereum::AbiValue::of(ethereum::Address{}), ethereum::AbiValue::of(size),
                                                  ethereum::AbiValue::of(ethereum::Hash{}), ethereum::AbiValue::of(std::uint64_t{0})})) +
               "\"";
    };
    liar.answers["eth_call"] = head(0);
    EXPECT_TRUE(node.anchors(evidence).has_value());
    liar.answers["eth_call"] = head(9);
    EXPECT_EQ(node.anchors(evidence).error().kind, Kind::corrupt) << "a head without its event: anchors are being hidden";
    liar.answers["eth_getLogs"] = R"([{"blockNumber":"0x0"}])";
    EXPECT_EQ(node.anchors(evidence).error().kind, Kind::corrupt);
}

}  // namespace
