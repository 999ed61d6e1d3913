#include "tests/fhir/server/raw_client.hpp"

#include <cstdlib>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace server_test {

RawClient::RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

RawClient::~RawClient() {
    if (fd_ >= 0) ::close(fd_);
}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

bool RawClient::more(std::chrono::milliseconds time) {
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(time.count())) != 1) return false;
    char buffer[65536];
    const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    in_.append(buffer, static_cast<std::size_t>(n));
    return true;
}

std::string RawClient::response(bool head_only) {
    constexpr auto kPatience = std::chrono::seconds(5);
    std::size_t end;
    while ((end = in_.find("\r\n\r\n")) == std::string::npos && more(kPatience)) {
    }
    if (end == std::string::npos) return std::exchange(in_, {});
    end += 4;
    const auto length = in_.find("\r\nContent-Length: ");
    if (!head_only && length < end) end += std::strtoull(in_.c_str() + length + 18, nullptr, 10);
    while (in_.size() < end && more(kPatience)) {
    }
    auto out = in_.substr(0, end);
    in_.erase(0, out.size());
    return out;
}

std::string RawClient::until_close() {
    while (more(std::chrono::seconds(5))) {
    }
    return std::exchange(in_, {});
}

bool RawClient::closed_within(std::chrono::milliseconds time) {
    const auto deadline = std::chrono::steady_clock::now() + time;
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        pollfd waiting{fd_, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) != 1) return false;
        char buffer[65536];
        if (::recv(fd_, buffer, sizeof buffer, 0) <= 0) return true;
    }
}

void RawClient::finish() {
    ::shutdown(fd_, SHUT_WR);
}

int status_of(std::string_view response) {
    return response.substr(0, 9) == "HTTP/1.1 " ? std::atoi(std::string(response.substr(9, 3)).c_str()) : 0;
}

std::string body_of(std::string_view response) {
    const auto end = response.find("\r\n\r\n");
    return end == std::string_view::npos ? std::string() : std::string(response.substr(end + 4));
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::size_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    statm >> total >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

bool eventually(const std::function<bool()>& holds) {
    for (int i = 0; i < 1000; ++i) {
        if (holds()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return holds();
}

}  // namespace server_test
