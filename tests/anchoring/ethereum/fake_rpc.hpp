// An HTTP server in this process that answers JSON-RPC as a test's script says: late, wrong, too much, or not at all. Plain sockets,
// one request a connection, or those that come while it is kept.
#pragma once

#include "storage/base/json.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace rpc_test {

struct Reply {
    std::string result = "null";  // JSON; wrapped into an answer with the question's id
    std::string error;            // JSON of an error object instead
    std::string body;             // the whole body instead
    int status = 200;
    int delay_ms = 0;
    int drip_ms = 0;  // between two bytes of the body
    int keep_ms = 0;  // the connection is kept so long for another question, and then closed without a word
};

class FakeRpc {
  public:
    using Script = std::function<Reply(const std::string& method, const json::Value& params)>;

    explicit FakeRpc(Script script) : script_(std::move(script)) {
        listener_ = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in at{};
        at.sin_family = AF_INET;
        at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof at;
        if (bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 || listen(listener_, 64) != 0 ||
            getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) != 0) {
            std::abort();
        }
        port_ = ntohs(at.sin_port);
        acceptor_ = std::thread([this] { accept_all(); });
    }
    ~FakeRpc() {
        stopping_ = true;
        shutdown(listener_, SHUT_RDWR);
        acceptor_.join();
        close(listener_);
        for (auto& thread : workers_) thread.join();
    }

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    std::atomic<int> questions{0};
    std::string last_head() {
        std::lock_guard lock(mutex_);
        return last_head_;
    }

  private:
    void accept_all() {
        for (;;) {
            const int socket = accept(listener_, nullptr, nullptr);
            if (socket < 0) return;
            workers_.emplace_back([this, socket] {
                while (serve(socket)) {}
                close(socket);
            });
        }
    }
    // Whether the connection is kept.
    bool serve(int socket) {
        std::string in;
        std::size_t head = 0, length = 0;
        char part[4096];
        while (head == 0 || in.size() < head + length) {
            const auto n = recv(socket, part, sizeof part, 0);
            if (n <= 0) return false;
            in.append(part, static_cast<std::size_t>(n));
            if (head == 0 && in.find("\r\n\r\n") != std::string::npos) {
                head = in.find("\r\n\r\n") + 4;
                const auto at = in.find("Content-Length:");
                length = at < head ? std::stoul(in.substr(at + 15)) : 0;
            }
        }
        const auto question = json::parse(in.substr(head));
        if (!question) return false;
        ++questions;
        {
            std::lock_guard lock(mutex_);
            last_head_ = in.substr(0, head);
        }
        const auto reply = script_(std::string(question->text("method")), *question->find("params"));
        answer(socket, *question, reply);
        const timeval longest{0, reply.keep_ms * 1000};
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
        return reply.keep_ms > 0;
    }
    void answer(int socket, const json::Value& question, const Reply& reply) {
        wait(reply.delay_ms);
        std::string body = reply.body;
        if (body.empty()) {
            body = R"({"jsonrpc":"2.0","id":)" + question.find("id")->if_number()->text +
                   (reply.error.empty() ? ",\"result\":" + reply.result : ",\"error\":" + reply.error) + "}";
        }
        const std::string head = "HTTP/1.1 " + std::to_string(reply.status) +
                                 " Said\r\nContent-Type: application/json\r\n" + (reply.keep_ms > 0 ? "" : "Connection: close\r\n") +
                                 "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
        say(socket, head);
        if (reply.drip_ms == 0) return say(socket, body);
        for (const char c : body) {
            if (stopping_) return;
            say(socket, std::string(1, c));
            wait(reply.drip_ms);
        }
    }
    void say(int socket, const std::string& text) {
        for (std::size_t at = 0; at < text.size();) {
            const auto n = send(socket, text.data() + at, text.size() - at, MSG_NOSIGNAL);
            if (n <= 0) return;
            at += static_cast<std::size_t>(n);
        }
    }
    void wait(int ms) {
        for (; ms > 0 && !stopping_; ms -= 10) std::this_thread::sleep_for(std::chrono::milliseconds(std::min(ms, 10)));
    }

    Script script_;
    int listener_ = -1, port_ = 0;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::string last_head_;
    std::thread acceptor_;
    std::vector<std::thread> workers_;
};

}  // namespace rpc_test
