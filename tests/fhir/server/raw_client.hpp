// A client that sends exactly the bytes a test wants, over a blocking loopback socket with a time-out.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace server_test {

class RawClient {
  public:
    explicit RawClient(std::uint16_t port);  // connects; a test fails when it cannot
    ~RawClient();
    RawClient(RawClient&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
    RawClient(const RawClient&) = delete;

    bool send(std::string_view bytes);  // false when the peer has closed
    // One response: head, then Content-Length bytes unless `head_only`. What was read when the peer closes or 5 s pass.
    std::string response(bool head_only = false);
    std::string until_close();
    // True when the peer closes within this time; bytes that come before are dropped.
    bool closed_within(std::chrono::milliseconds time);
    void finish();  // no more will be sent
    int fd() const { return fd_; }

  private:
    bool more(std::chrono::milliseconds time);
    int fd_ = -1;
    std::string in_;
};

int status_of(std::string_view response);  // 0 when there is none
std::string body_of(std::string_view response);
bool has(std::string_view text, std::string_view part);
std::size_t resident_bytes();  // of this process

// Waits until it holds, 5 s at most; false when it never did.
bool eventually(const std::function<bool()>& holds);

}  // namespace server_test
