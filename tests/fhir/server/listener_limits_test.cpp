// Invariant 11: each limit is met by a client that does not care, and answered with an OperationOutcome naming it.
#include "tests/fhir/server/listener_fixture.hpp"

#include <thread>
#include <vector>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

namespace server_test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

void expect_outcome(const std::string& response, int status, std::string_view code, std::string_view names) {
    EXPECT_EQ(status_of(response), status) << response;
    EXPECT_TRUE(has(response, "Content-Type: application/fhir+json")) << response;
    EXPECT_TRUE(has(response, "\"resourceType\":\"OperationOutcome\"")) << response;
    EXPECT_TRUE(has(response, "\"code\":\"" + std::string(code) + "\"")) << response;
    EXPECT_TRUE(has(response, names)) << response;
}

TEST_F(ListenerTest, Streaming400MegabytesOfHeadersTakesNoMemory) {
    start();
    auto client = connect();
    client.send("GET / HTTP/1.1\r\nHost: x\r\n");
    std::string block;
    while (block.size() < 64 * 1024) block += "X-Fill: " + std::string(1000, 'a') + "\r\n";
    [[maybe_unused]] const auto before = resident_bytes();
    std::size_t sent = 0;
    while (sent < 400'000'000 && client.send(block)) sent += block.size();
    EXPECT_LT(sent, 400'000'000u) << "the server read all of it";
    EXPECT_LT(resident_bytes(), before + 8'000'000);
    expect_outcome(client.response(), 431, "too-long", "header_bytes");
}

TEST_F(ListenerTest, AHeaderAtTheLimitPassesAndOneByteMoreDoesNot) {
    server::Limits limits;
    limits.header_bytes = 5000;
    start(limits);
    const auto with_size = [](std::size_t size) {
        const auto frame = get("/", "X-Fill: \r\n").size();
        return get("/", "X-Fill: " + std::string(size - frame, 'a') + "\r\n");
    };
    EXPECT_EQ(status_of(ask(with_size(5000))), 200);
    EXPECT_EQ(status_of(ask(with_size(5001))), 431);
}

TEST_F(ListenerTest, TooManyFieldsAre431) {
    start();
    std::string fields;
    for (int i = 0; i < 100; ++i) fields += "X-" + std::to_string(i) + ": 1\r\n";
    expect_outcome(ask(get("/", fields)), 431, "too-long", "header_fields");
}

TEST_F(ListenerTest, SlowHeadersAre408) {
    server::Limits limits;
    limits.header_timeout_ms = 300;
    start(limits);
    auto client = connect();
    const auto begin = std::chrono::steady_clock::now();
    for (const char c : std::string("GET / HTTP/1.1\r\nHost: example.org\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaa")) {
        if (!client.send(std::string_view(&c, 1))) break;
        std::this_thread::sleep_for(milliseconds(20));
        if (std::chrono::steady_clock::now() - begin > milliseconds(600)) break;
    }
    expect_outcome(client.response(), 408, "timeout", "header_timeout_ms");
    EXPECT_TRUE(client.closed_within(seconds(3)));
}

TEST_F(ListenerTest, HalfOpenConnectionsAreClosed) {
    server::Limits limits;
    limits.header_timeout_ms = 200;
    start(limits);
    std::vector<RawClient> clients;
    for (int i = 0; i < 100; ++i) clients.push_back(connect());
    for (auto& client : clients) EXPECT_TRUE(client.closed_within(seconds(2)));
    ASSERT_TRUE(eventually([&] { return listener->stats().connections <= 0; }));
    EXPECT_EQ(listener->stats().connections, 0u);
}

TEST_F(ListenerTest, IdleConnectionsAreClosedWithoutAWord) {
    server::Limits limits;
    limits.idle_timeout_ms = 200;
    start(limits);
    auto client = connect();
    client.send(get("/"));
    EXPECT_EQ(status_of(client.response()), 200);
    EXPECT_EQ(client.until_close(), "");
}

TEST_F(ListenerTest, AnAnnouncedBodyAboveTheLimitIsRefusedUnread) {
    server::Limits limits;
    limits.body_bytes = 1000;
    start(limits);
    expect_outcome(ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n"), 413, "too-long", "body_bytes");
    expect_outcome(ask("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 18446744073709551615\r\n\r\n"), 413,
                   "too-long", "body_bytes");
    EXPECT_EQ(status_of(ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'a'))), 200);
}

TEST_F(ListenerTest, ARefusalReachesAClientThatGoesOnSending) {
    server::Limits limits;
    limits.body_bytes = 1000;
    start(limits);
    auto client = connect();
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n");
    EXPECT_TRUE(client.send(std::string(20'000'000, 'a')));
    expect_outcome(client.response(), 413, "too-long", "body_bytes");
}

TEST_F(ListenerTest, AChunkedBodyAboveTheLimitIsRefused) {
    server::Limits limits;
    limits.body_bytes = 100'000;
    start(limits);
    const std::string start_of = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string chunk = "1000\r\n" + std::string(4096, 'a') + "\r\n";
    std::string fits = start_of;
    for (int i = 0; i < 24; ++i) fits += chunk;
    EXPECT_EQ(body_of(ask(fits + "0\r\n\r\n")), "POST / 98304");
    auto client = connect();
    client.send(start_of);
    std::size_t sent = 0;
    while (sent < 100'000'000 && client.send(chunk)) sent += chunk.size();
    EXPECT_GE(sent, 100'000'000u) << "cut off before it could read the answer";
    expect_outcome(client.response(), 413, "too-long", "body_bytes");
}

TEST_F(ListenerTest, AllBodiesTogetherHaveABudget) {
    server::Limits limits;
    limits.body_budget_bytes = 1'000'000;
    start(limits);
    auto holder = connect();
    holder.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n" + std::string(800'000, 'a'));
    ASSERT_TRUE(eventually([&] { return listener->stats().body_bytes_in_use >= 800'000; }));
    auto second = connect();
    second.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 300000\r\n\r\n" + std::string(300'000, 'b'));
    const auto refused = second.response();
    expect_outcome(refused, 503, "throttled", "body_budget_bytes");
    EXPECT_TRUE(has(refused, "Retry-After: 1\r\n"));
    holder.send(std::string(100'000, 'a'));
    EXPECT_EQ(body_of(holder.response()), "POST / 900000");
    ASSERT_TRUE(eventually([&] { return listener->stats().body_bytes_in_use <= 0; }));
}

TEST_F(ListenerTest, ABodyThatDoesNotComeIs408AndItsMemoryIsFree) {
    server::Limits limits;
    limits.body_timeout_ms = 200;
    limits.linger_timeout_ms = 1000;
    start(limits);
    auto client = connect();
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc");
    expect_outcome(client.response(), 408, "timeout", "body_timeout_ms");
    client.send(std::string(500'000, 'a'));  // comes late, while the connection lingers: must go nowhere
    EXPECT_TRUE(client.closed_within(seconds(4)));
    EXPECT_EQ(listener->stats().body_bytes_in_use, 0u);
    auto chunked = connect();
    chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
    expect_outcome(chunked.response(), 408, "timeout", "body_timeout_ms");
}

TEST_F(ListenerTest, AClientThatDoesNotReadIsCutOff) {
    server::Limits limits;
    limits.write_timeout_ms = 200;
    start(limits, [](const http::Request&, const http::Respond& respond) {
        http::Response response;
        response.body.assign(50'000'000, 'x');
        respond(std::move(response));
    });
    auto client = connect();
    client.send(get("/"));
    ASSERT_TRUE(eventually([&] { return listener->stats().connections != 0; }));
    ASSERT_TRUE(eventually([&] { return listener->stats().connections <= 0; }));
    EXPECT_EQ(listener->stats().connections, 0u);
}

TEST_F(ListenerTest, ConnectionsAboveTheLimitAreTurnedAway) {
    server::Limits limits;
    limits.connections = 10;
    start(limits);
    std::vector<RawClient> clients;
    for (int i = 0; i < 10; ++i) {
        clients.push_back(connect());
        clients.back().send(get("/"));
        EXPECT_EQ(status_of(clients.back().response()), 200);
    }
    auto extra = connect();
    expect_outcome(extra.response(), 503, "throttled", "limit connections");
    EXPECT_TRUE(extra.closed_within(seconds(2)));
    EXPECT_EQ(listener->stats().turned_away, 1u);
    clients.pop_back();
    ASSERT_TRUE(eventually([&] { return listener->stats().connections != 10; }));
    EXPECT_EQ(status_of(ask(get("/"))), 200);
}

TEST_F(ListenerTest, ThreeThousandIdleConnectionsDoNotHoldUpAnother) {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_max < 7000) GTEST_SKIP() << "needs 7000 files, the hard limit is " << files.rlim_max;
    start();
    [[maybe_unused]] const auto before = resident_bytes();
    std::vector<RawClient> idle;
    for (int i = 0; i < 3000; ++i) idle.push_back(connect());
    ASSERT_TRUE(eventually([&] { return listener->stats().connections >= 3000; }));
#if !defined(__SANITIZE_THREAD__)  // which keeps shadows of all memory
    EXPECT_LT(resident_bytes() - before, 60'000'000u);
#endif
    auto client = connect();
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 200; ++i) {
        client.send(get("/"));
        ASSERT_EQ(status_of(client.response()), 200);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(2));
}

TEST_F(ListenerTest, AcceptSurvivesRunningOutOfFiles) {
    start();
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    std::vector<int> sockets;
    for (int i = 0; i < 20; ++i) sockets.push_back(::socket(AF_INET, SOCK_STREAM, 0));
    rlimit tight = before;
    tight.rlim_cur = static_cast<rlim_t>(sockets.back() + 4);  // the clients have their descriptors; the server gets three
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(listener->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (const int s : sockets) EXPECT_EQ(::connect(s, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    std::this_thread::sleep_for(milliseconds(200));
    EXPECT_LT(listener->stats().connections, 20u);
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    ASSERT_TRUE(eventually([&] { return listener->stats().connections >= 20; }));
    EXPECT_EQ(listener->stats().connections, 20u);
    for (const int s : sockets) ::close(s);
}

TEST_F(ListenerTest, MalformedRequestsAre400) {
    start();
    const std::string host = "Host: x\r\n";
    for (const auto& bytes : {
             std::string("\x16\x03\x01\x02hello\r\n\r\n"),
             std::string("GET\r\n\r\n"),
             "GET / HTTP/2.0\r\n" + host + "\r\n",
             "GET /a b HTTP/1.1\r\n" + host + "\r\n",
             std::string("GET / HTTP/1.1\r\n\r\n"),
             "GET / HTTP/1.1\r\n" + host + host + "\r\n",
             "GET nowhere HTTP/1.1\r\n" + host + "\r\n",
             "GET / HTTP/1.1\r\n" + host + "Bad Name: x\r\n\r\n",
             "GET / HTTP/1.1\r\n" + host + "A: \x01\r\n\r\n",
             "GET / HTTP/1.1\r\n" + host + "Authorization: a\r\nAuthorization: b\r\n\r\n",
             "POST / HTTP/1.1\r\n" + host + "Content-Length: x\r\n\r\n",
             "POST / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n",
             "POST / HTTP/1.1\r\n" + host + "Content-Length: 1, 2\r\n\r\n",
             "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
             "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
             "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
         }) {
        const auto response = ask(bytes);
        EXPECT_EQ(status_of(response), 400) << bytes << response;
        EXPECT_TRUE(has(response, "\"code\":\"structure\"")) << bytes << response;
    }
    EXPECT_EQ(status_of(ask("POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n")), 501);
}

}  // namespace
}  // namespace server_test
