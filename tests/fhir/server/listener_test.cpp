// RFC 9112 as a client sees it: framing, keep-alive, pipelining, HEAD, 100-continue; and the contract of http::Respond.
#include "fhir/server/listener.hpp"

#include "tests/fhir/server/listener_fixture.hpp"
#include "tests/support/files.hpp"

#include <cstdlib>
#include <future>
#include <thread>

namespace server_test {
namespace {

TEST_F(ListenerTest, AnswersAndKeepsTheConnection) {
    start();
    auto client = connect();
    for (int i = 0; i < 3; ++i) {
        client.send(get("/fhir/Patient?a=b%20c"));
        const auto response = client.response();
        EXPECT_EQ(status_of(response), 200);
        EXPECT_EQ(body_of(response), "GET /fhir/Patient?a=b%20c 0");
        EXPECT_TRUE(has(response, "\r\nDate: ")) << response;
        EXPECT_FALSE(has(response, "Connection:")) << response;
    }
}

TEST_F(ListenerTest, PipelinedRequestsAreAnsweredInOrder) {
    start();
    auto client = connect();
    std::string all;
    for (int i = 0; i < 200; ++i)
        all +=
            i % 2 ? get("/n" + std::to_string(i)) : "POST /n" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab";
    client.send(all);
    for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(body_of(client.response()), (i % 2 ? "GET /n" + std::to_string(i) + " 0" : "POST /n" + std::to_string(i) + " 2 ab"));
    }
}

TEST_F(ListenerTest, HeadHasTheLengthButNoBody) {
    start();
    auto client = connect();
    client.send("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n" + get("/y"));
    const auto head = client.response(true);
    EXPECT_TRUE(has(head, "Content-Length: 9\r\n")) << head;
    EXPECT_EQ(body_of(client.response()), "GET /y 0");
}

TEST_F(ListenerTest, NoContentHasNeitherLengthNorBody) {
    start({}, [](http::Request, const http::Respond& respond) {
        http::Response response;
        response.status = 204;
        response.body = "must not be sent";
        respond(std::move(response));
    });
    auto client = connect();
    client.send(get("/", "Connection: close\r\n"));
    const auto all = client.until_close();
    EXPECT_EQ(status_of(all), 204);
    EXPECT_FALSE(has(all, "Content-Length"));
    EXPECT_EQ(body_of(all), "");
}

TEST_F(ListenerTest, ClosesWhenTheClientAsksForIt) {
    start();
    auto client = connect();
    client.send(get("/", "Connection: close\r\n"));
    const auto all = client.until_close();
    EXPECT_EQ(status_of(all), 200);
    EXPECT_TRUE(has(all, "Connection: close\r\n"));
    auto old = connect();
    old.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(has(old.until_close(), "Connection: close\r\n"));
    auto kept = connect();
    kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(has(kept.response(), "Connection: keep-alive\r\n"));
    kept.send("GET /again HTTP/1.0\r\n\r\n");
    EXPECT_EQ(body_of(kept.until_close()), "GET /again 0");
}

TEST_F(ListenerTest, AHalfClosedClientStillGetsItsAnswer) {
    start();
    auto client = connect();
    client.send(get("/x"));
    client.finish();
    EXPECT_EQ(body_of(client.until_close()), "GET /x 0");
}

TEST_F(ListenerTest, ExpectContinueIsAnsweredBeforeTheBody) {
    start();
    auto client = connect();
    client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    EXPECT_EQ(client.response(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("abc");
    EXPECT_EQ(body_of(client.response()), "POST / 3 abc");
    EXPECT_EQ(status_of(ask("POST / HTTP/1.1\r\nHost: x\r\nExpect: magic\r\nContent-Length: 3\r\n\r\n")), 417);
}

TEST_F(ListenerTest, ChunkedBodiesMayBeCutAnywhere) {
    start();
    const std::string request =
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=\"1\"\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: "
        "dropped\r\n\r\n";
    auto client = connect();
    for (const char c : request) client.send(std::string_view(&c, 1));
    EXPECT_EQ(body_of(client.response()), "POST / 11 hello world");
    client.send(request + get("/next"));
    EXPECT_EQ(body_of(client.response()), "POST / 11 hello world");
    EXPECT_EQ(body_of(client.response()), "GET /next 0");
}

TEST_F(ListenerTest, LargeBodiesArriveWhole) {
    std::string seen;
    start({}, [&](http::Request request, const http::Respond& respond) {
        seen = std::move(request.body);
        respond({});
    });
    std::string body;
    for (int i = 0; body.size() < 5'000'000; ++i) body += std::to_string(i) + ",";
    EXPECT_EQ(status_of(ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body)), 200);
    EXPECT_EQ(seen, body);
    EXPECT_TRUE(eventually([&] { return listener->stats().body_bytes_in_use == 0; }));
}

TEST_F(ListenerTest, LargeResponsesArriveWholeWhenReadSlowly) {
    const auto body = std::make_shared<const std::string>(30'000'000, 'x');
    start({}, [&](http::Request, const http::Respond& respond) {
        http::Response response;
        response.shared_body = body;
        respond(std::move(response));
    });
    auto client = connect();
    client.send(get("/") + get("/"));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_EQ(body_of(client.response()).size(), body->size());
    EXPECT_EQ(body_of(client.response()).size(), body->size());
}

TEST_F(ListenerTest, RequestIdsAreTakenOverOrMade) {
    start({}, [](http::Request request, const http::Respond& respond) {
        http::Response response;
        response.body = request.request_id;
        respond(std::move(response));
    });
    const auto given = ask(get("/", "X-Request-ID: abc-1.2\r\n"));
    EXPECT_EQ(body_of(given), "abc-1.2");
    EXPECT_TRUE(has(given, "\r\nX-Request-Id: abc-1.2\r\n"));
    for (const auto& bad : {std::string("a b"), std::string(65, 'a'), std::string("a<b")}) {
        const auto made = body_of(ask(get("/", "X-Request-Id: " + bad + "\r\n")));
        EXPECT_NE(made, bad);
        EXPECT_FALSE(made.empty());
        EXPECT_NE(made, body_of(ask(get("/"))));
    }
}

TEST_F(ListenerTest, OnlyATrustedProxyMaySayWhoAsks) {
    const http::Handler handler = [](http::Request request, const http::Respond& respond) {
        http::Response response;
        response.body = request.remote_address + (request.tls ? " tls" : "");
        respond(std::move(response));
    };
    const auto request = get("/", "X-Forwarded-For: 10.0.0.1, 192.0.2.7\r\nX-Forwarded-Proto: https\r\n");
    start({}, handler);
    EXPECT_EQ(body_of(ask(request)), "127.0.0.1");
    behind_proxy = true;
    start({}, handler);
    EXPECT_EQ(body_of(ask(request)), "192.0.2.7 tls");
    EXPECT_EQ(body_of(ask(get("/", "X-Forwarded-For: <script>\r\n"))), "127.0.0.1");
}

TEST_F(ListenerTest, AnswersMayComeLaterAndFromAnyThread) {
    std::vector<std::thread> workers;
    std::mutex mutex;
    start({}, [&](http::Request request, http::Respond respond) {
        const std::lock_guard lock(mutex);
        workers.emplace_back([request = std::move(request), respond = std::move(respond)] {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            echo(request, respond);
        });
    });
    auto client = connect();
    client.send(get("/1") + get("/2"));
    EXPECT_EQ(body_of(client.response()), "GET /1 0");
    EXPECT_EQ(body_of(client.response()), "GET /2 0");
    for (auto& worker : workers) worker.join();
}

TEST_F(ListenerTest, ALostRequestIsAnswered500) {
    start({}, [](const http::Request& request, http::Respond respond) {
        if (request.path == "/throw") throw std::runtime_error("a bug");
        if (request.path == "/drop") return;
        respond({});
        http::Response second;
        second.status = 201;
        respond(std::move(second));
    });
    auto client = connect();
    for (const auto* path : {"/throw", "/drop"}) {
        client.send(get(path));
        const auto response = client.response();
        EXPECT_EQ(status_of(response), 500);
        EXPECT_TRUE(has(response, "\"code\":\"exception\"")) << response;
    }
    client.send(get("/twice") + get("/throw"));
    EXPECT_EQ(status_of(client.response()), 200);
    EXPECT_EQ(status_of(client.response()), 500);
}

TEST_F(ListenerTest, DataCannotWriteResponseHeaders) {
    start({}, [](const http::Request&, const http::Respond& respond) {
        http::Response response;
        response.headers.emplace_back("Location", "/x\r\nSet-Cookie: a=b");
        respond(std::move(response));
    });
    const auto response = ask(get("/"));
    EXPECT_EQ(status_of(response), 500);
    EXPECT_FALSE(has(response, "Set-Cookie"));
}

TEST_F(ListenerTest, DrainFinishesWhatIsUnderWayAndClosesTheIdle) {
    std::promise<http::Respond> asked;
    start({}, [&](const http::Request& request, http::Respond respond) {
        if (request.path == "/slow") return asked.set_value(std::move(respond));
        respond({});
    });
    auto idle = connect();
    idle.send(get("/"));
    EXPECT_EQ(status_of(idle.response()), 200);
    auto busy = connect();
    busy.send(get("/slow"));
    auto respond = asked.get_future().get();
    auto drained = std::async(std::launch::async, [&] { listener->drain(); });
    EXPECT_TRUE(idle.closed_within(std::chrono::seconds(2)));
    EXPECT_EQ(drained.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
    respond({});
    const auto all = busy.until_close();
    EXPECT_EQ(status_of(all), 200);
    EXPECT_TRUE(has(all, "Connection: close\r\n"));
    EXPECT_EQ(drained.wait_for(std::chrono::seconds(4)), std::future_status::ready);
}

TEST_F(ListenerTest, DrainEndsAtItsDeadlineAndLateAnswersAreDropped) {
    std::promise<http::Respond> asked;
    server::Limits limits;
    limits.drain_timeout_ms = 200;
    start(limits, [&](const http::Request&, http::Respond respond) { asked.set_value(std::move(respond)); });
    auto client = connect();
    client.send(get("/never"));
    auto respond = asked.get_future().get();
    const auto begin = std::chrono::steady_clock::now();
    listener.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
    respond({});  // the listener is gone: this must neither crash nor leak (ASan tells)
    EXPECT_EQ(client.until_close(), "");
}

// A stop may fall on the moment in which the sweep's timer has expired but not run: that once left the thread running for ever.
TEST(Listener, StopsAtWhateverMomentItIsAsked) {
    for (int i = 0; i < 60; ++i) {
        server::ListenOptions options;
        options.port = 0;
        options.threads = 2;
        auto listener = server::Listener::start(options, echo);
        ASSERT_TRUE(listener);
        std::this_thread::sleep_for(std::chrono::microseconds(48'500 + 50 * i));
    }
}

// OpenSSL would ask for the password on the terminal, and the server would stand there.
TEST(Listener, AnEncryptedTlsKeyIsRefusedAndNotAskedFor) {
    const support::TempDir dir;
    const server::TlsFiles files{(dir / "cert.pem").string(), (dir / "key.pem").string()};
    const auto make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -passout pass:secret -days 2 -subj /CN=localhost -keyout " +
                      files.private_key + " -out " + files.certificate_chain + " 2>/dev/null";
    if (std::system(make.c_str()) != 0) GTEST_SKIP() << "the openssl program is not installed";
    server::ListenOptions options;
    options.port = 0;
    options.tls = files;
    const auto refused = server::Listener::start(options, echo);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, base::Kind::invalid);
    EXPECT_TRUE(has(refused.error().diagnostics, files.private_key + " is locked by a password")) << refused.error().diagnostics;
}

TEST(Listener, SaysWhatIsWrongWithItsAddress) {
    server::ListenOptions options;
    options.port = 0;
    auto first = server::Listener::start(options, echo);
    ASSERT_TRUE(first);
    options.port = (*first)->port();
    const auto second = server::Listener::start(options, echo);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, base::Kind::fault);
    EXPECT_TRUE(has(second.error().diagnostics, "--listen")) << second.error().diagnostics;
    options.address = "localhost";
    EXPECT_EQ(server::Listener::start(options, echo).error().kind, base::Kind::invalid);
    options.address = "127.0.0.1";
    options.tls = server::TlsFiles{"/nonexistent.pem", "/nonexistent.key"};
    EXPECT_EQ(server::Listener::start(options, echo).error().kind, base::Kind::invalid);
    EXPECT_EQ((*first)->reload_tls().error().kind, base::Kind::invalid);
}

}  // namespace
}  // namespace server_test
