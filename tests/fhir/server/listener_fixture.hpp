// A listener on a free loopback port whose handler answers with what it saw.
#pragma once

#include "fhir/server/listener.hpp"
#include "tests/fhir/server/raw_client.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace server_test {

// "METHOD target body-size remote-address": short, and it shows what arrived.
inline void echo(http::Request request, const http::Respond& respond) {
    http::Response response;
    response.headers.emplace_back("Content-Type", "text/plain");
    response.body = request.method + " " + request.target + " " + std::to_string(request.body.size());
    if (!request.body.empty() && request.body.size() < 100) response.body += " " + request.body;
    respond(std::move(response));
}

class ListenerTest : public testing::Test {
  protected:
    void start(server::Limits limits = {}, http::Handler handler = echo, unsigned threads = 2) {
        server::ListenOptions options;
        options.port = 0;
        options.threads = threads;
        options.limits = limits;
        options.behind_proxy = behind_proxy;
        auto started = server::Listener::start(std::move(options), std::move(handler));
        ASSERT_TRUE(started) << started.error().diagnostics;
        listener = std::move(*started);
    }
    RawClient connect() const { return RawClient(listener->port()); }
    std::string ask(std::string_view bytes) const {
        auto client = connect();
        client.send(bytes);
        return client.response();
    }
    bool behind_proxy = false;
    std::unique_ptr<server::Listener> listener;
};

inline std::string get(std::string_view target, std::string_view extra = "") {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(extra) + "\r\n";
}

}  // namespace server_test
