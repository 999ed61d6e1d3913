// One client connection: reads a request, has it handled, writes the response, and again. All on its loop's thread.
#pragma once

#include "fhir/http/response.hpp"
#include "fhir/server/body_budget.hpp"
#include "fhir/server/chunk_decoder.hpp"
#include "fhir/server/limits.hpp"
#include "fhir/server/loop.hpp"
#include "fhir/server/refusal.hpp"
#include "fhir/server/request_head.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

namespace server {

// What all connections of a listener share; outlives them through the shared_ptr.
struct Shared {
    Shared(const Limits& l, bool proxy, http::Handler h, Refuse r);
    std::string next_request_id();

    Limits limits;
    bool behind_proxy = false;
    http::Handler handler;
    Refuse refuse;
    BodyBudget bodies;
    std::string request_id_prefix;  // random per start, so that generated ids do not repeat after a restart
    std::atomic<std::uint64_t> request_count{0};
    std::atomic<std::uint64_t> refused_count{0};
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(std::shared_ptr<Shared> shared, std::shared_ptr<Loop> loop, std::string remote_address, bool tls);
    virtual ~Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start();                            // begins with the TLS handshake or the first read
    void on_response(http::Response value);  // from the handler, by way of the loop
    void on_deadline();
    void drain();
    void close();
    Loop::Clock::time_point deadline() const { return deadline_; }
    Loop& loop() { return *loop_; }
    // Answers of the handler within its call are kept here and written when it returns: no recursion, no post.
    bool answer_inline(http::Response& response);

    std::size_t slot = 0;  // owned by Loop

  protected:
    using Buffers = std::array<boost::asio::const_buffer, 2>;

    // The transport's half. Every start_* ends in the on_* of the same name, on the loop's thread; handshake, read and
    // write never before they return.
    virtual void start_handshake() = 0;
    virtual void start_read(char* to, std::size_t size) = 0;
    virtual void start_write(const Buffers& buffers) = 0;
    // Writes what goes without waiting; 0 when nothing does or the transport cannot say (TLS).
    virtual std::size_t try_write(const Buffers& buffers, boost::system::error_code& ec) = 0;
    virtual void start_shutdown() = 0;  // tells the peer that no more will come; ends in on_shutdown, perhaps at once
    virtual void close_socket() = 0;

    void on_handshake(const boost::system::error_code& ec);
    void on_read(const boost::system::error_code& ec, std::size_t size);
    void on_write(const boost::system::error_code& ec, std::size_t size);
    void on_shutdown();

  private:
    enum class Phase { handshake, head, interim, body, handling, writing, lingering, closed };

    void advance();
    bool take_head();  // these three: false when the connection now waits for IO or for the handler
    bool take_body();
    bool write_response();
    void begin_request(RequestHead head);
    bool read_body_bytes();
    bool read_body_chunks();
    bool grow_body(std::size_t wanted);
    void read_into_buffer();
    void call_handler();
    void refuse(Refused why);
    void respond(http::Response value);
    void finish_response();
    void linger();
    void release_body();
    void wait_for(int milliseconds);
    std::string_view unread() const { return {in_.data() + in_begin_, in_end_ - in_begin_}; }

    const std::shared_ptr<Shared> shared_;
    const std::shared_ptr<Loop> loop_;
    const std::string remote_address_;
    const bool tls_;

    Phase phase_;
    Loop::Clock::time_point deadline_;
    bool read_pending_ = false;
    bool close_after_ = false;  // this response is the last one
    bool in_handler_ = false;

    std::vector<char> in_;  // bytes of heads and chunked bodies, reused for the connection's life
    std::size_t in_begin_ = 0;
    std::size_t in_end_ = 0;
    std::size_t scanned_ = 0;  // of unread(): no end of head begins before it
    bool receiving_ = false;   // the first byte of a head has come
    bool body_read_ = false;   // the pending read goes into the body, not into in_

    RequestHead head_;
    std::string body_;
    std::size_t body_filled_ = 0;  // body_.size() is room that was made, this is what has come
    std::size_t body_budget_taken_ = 0;
    ChunkDecoder chunks_;

    std::optional<http::Response> response_;
    std::string request_id_;
    bool is_head_request_ = false;
    std::string response_head_;  // reused
    std::size_t lingered_ = 0;   // bytes read over
    std::size_t written_ = 0;
    std::size_t to_write_ = 0;
    Buffers out_{};
};

}  // namespace server
