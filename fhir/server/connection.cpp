#include "fhir/server/connection.hpp"

#include "fhir/server/exchange.hpp"
#include "fhir/server/response_head.hpp"
#include "storage/base/encoding.hpp"
#include "storage/base/log.hpp"

#include <algorithm>
#include <cstring>
#include <random>

namespace server {
namespace {

constexpr std::size_t kFirstBuffer = 4096;  // an idle connection costs little more than this
constexpr std::size_t kLargestBuffer = 16384;
constexpr std::size_t kBodyStep = 64u << 10;
constexpr std::size_t kTlsRecord = 16384;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string random_prefix() {
    std::random_device device;
    base::Bytes bytes(8);
    for (auto& b : bytes) b = static_cast<std::uint8_t>(device());
    return base::to_hex(bytes) + "-";
}

// The last entry is the one our own proxy wrote; those before it are whatever the client claimed.
void trust_proxy(http::Request& request) {
    const auto forwarded = http::joined_header(request.headers, "X-Forwarded-For");
    const auto entries = http::split_list(forwarded, ',');
    if (!entries.empty() && entries.back().size() <= 45 &&
        entries.back().find_first_not_of("0123456789abcdefABCDEF.:") == std::string_view::npos) {
        request.remote_address = entries.back();
    }
    if (http::equal_ignoring_case(request.header("X-Forwarded-Proto"), "https")) request.tls = true;
}

}  // namespace

Shared::Shared(const Limits& l, bool proxy, http::Handler h, Refuse r)
    : limits(l),
      behind_proxy(proxy),
      handler(std::move(h)),
      refuse(std::move(r)),
      bodies(l.body_budget_bytes),
      request_id_prefix(random_prefix()) {}

std::string Shared::next_request_id() {
    char text[20];
    std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(request_count.fetch_add(1, std::memory_order_relaxed)));
    return request_id_prefix + text;
}

Connection::Connection(std::shared_ptr<Shared> shared, std::shared_ptr<Loop> loop, std::string remote_address, bool tls)
    : shared_(std::move(shared)),
      loop_(std::move(loop)),
      remote_address_(std::move(remote_address)),
      tls_(tls),
      phase_(tls ? Phase::handshake : Phase::head),
      in_(kFirstBuffer) {}

void Connection::wait_for(int milliseconds) {
    deadline_ = Loop::Clock::now() + std::chrono::milliseconds(milliseconds);
}

void Connection::start() {
    wait_for(shared_->limits.header_timeout_ms);
    if (phase_ == Phase::handshake) return start_handshake();
    advance();
}

void Connection::on_handshake(const boost::system::error_code& ec) {
    if (phase_ != Phase::handshake) return;
    if (ec) return close();
    phase_ = Phase::head;
    wait_for(shared_->limits.header_timeout_ms);
    advance();
}

// Runs the state machine until it waits for IO or for the handler; a loop, so that pipelined requests do not recurse.
void Connection::advance() {
    bool go = true;
    while (go) {
        switch (phase_) {
            case Phase::head:
                go = take_head();
                break;
            case Phase::body:
                go = take_body();
                break;
            case Phase::interim:
            case Phase::writing:
                go = write_response();
                break;
            case Phase::handshake:
            case Phase::handling:
            case Phase::lingering:
            case Phase::closed:
                go = false;
                break;
        }
    }
}

void Connection::on_read(const boost::system::error_code& ec, std::size_t size) {
    read_pending_ = false;
    if (phase_ == Phase::closed) return;
    if (ec) return close();
    switch (phase_) {
        case Phase::head:
        case Phase::body:
            (body_read_ ? body_filled_ : in_end_) += size;
            return advance();
        case Phase::lingering:
            // Read over, into the same bytes again: memory stays what it was however much the client sends.
            lingered_ += size;
            if (lingered_ > shared_->limits.linger_bytes) return close();
            read_pending_ = true;
            return start_read(in_.data(), in_.size());
        case Phase::handshake:
        case Phase::interim:
        case Phase::handling:
        case Phase::writing:
        case Phase::closed:
            return;  // the read was under way when a time-out was answered: its bytes no longer count
    }
}

void Connection::read_into_buffer() {
    CHECK(!read_pending_);
    if (in_begin_ == in_end_) {
        in_begin_ = in_end_ = 0;
    } else if (in_begin_ > 0) {
        std::memmove(in_.data(), in_.data() + in_begin_, in_end_ - in_begin_);
        in_end_ -= in_begin_;
        in_begin_ = 0;
    }
    const auto largest = std::max(kLargestBuffer, shared_->limits.header_bytes);
    if (in_end_ == in_.size() || (phase_ == Phase::body && in_.size() < largest)) {
        CHECK(in_end_ < largest);
        in_.resize(phase_ == Phase::body ? largest : std::min(largest, 2 * in_.size()));
    }
    body_read_ = false;
    read_pending_ = true;
    start_read(in_.data() + in_end_, in_.size() - in_end_);
}

bool Connection::take_head() {
    if (unread().empty()) {
        read_into_buffer();
        return false;
    }
    const auto& limits = shared_->limits;
    if (!receiving_) {
        receiving_ = true;
        wait_for(limits.header_timeout_ms);
    }
    const auto end = head_end(unread(), scanned_);
    if (end > limits.header_bytes || (end == 0 && unread().size() >= limits.header_bytes)) {
        refuse({431, "too-long",
                "the request's header is larger than " + std::to_string(limits.header_bytes) + " bytes (limit header_bytes)"});
        return true;
    }
    if (end == 0) {
        scanned_ = unread().size() < 3 ? 0 : unread().size() - 3;
        read_into_buffer();
        return false;
    }
    auto head = parse_head(unread().substr(0, end), limits);
    in_begin_ += end;
    begin_request(std::move(head));
    return true;
}

void Connection::begin_request(RequestHead head) {
    head_ = std::move(head);
    auto& request = head_.request;
    if (request.request_id.empty()) request.request_id = shared_->next_request_id();
    request_id_ = request.request_id;
    is_head_request_ = request.method == "HEAD";
    close_after_ = !head_.keep_alive;
    if (head_.refused) return refuse(std::move(*head_.refused));
    request.remote_address = remote_address_;
    request.tls = tls_;
    if (shared_->behind_proxy) trust_proxy(request);

    const auto& limits = shared_->limits;
    if (head_.content_length > limits.body_bytes) {
        return refuse(
            {413, "too-long", "the request's body is larger than " + std::to_string(limits.body_bytes) + " bytes (limit body_bytes)"});
    }
    if (!head_.chunked && head_.content_length == 0) return call_handler();
    chunks_ = ChunkDecoder();
    wait_for(limits.body_timeout_ms);
    phase_ = Phase::body;
    if (head_.expects_continue && unread().empty()) {
        phase_ = Phase::interim;
        out_ = {boost::asio::buffer(kContinue.data(), kContinue.size()), boost::asio::const_buffer()};
        written_ = 0;
        to_write_ = kContinue.size();
    }
}

bool Connection::take_body() {
    return head_.chunked ? read_body_chunks() : read_body_bytes();
}

// Makes room for more of the body, within the budget of all connections. Room grows with what has come, so that a client
// cannot take the budget by announcing a length. False when the request was refused.
bool Connection::grow_body(std::size_t wanted) {
    const auto most = head_.chunked ? shared_->limits.body_bytes : static_cast<std::size_t>(head_.content_length);
    const auto target = std::min(most, std::max({wanted, kBodyStep, 2 * body_budget_taken_}));
    if (target <= body_budget_taken_) return true;
    if (!shared_->bodies.take(target - body_budget_taken_)) {
        refuse({503, "throttled",
                "the bodies of all requests under way need more than " + std::to_string(shared_->bodies.limit()) +
                    " bytes (limit body_budget_bytes); try again"});
        return false;
    }
    body_budget_taken_ = target;
    if (head_.chunked) {
        body_.reserve(target);
    } else {
        body_.resize(target);
    }
    return true;
}

// A body of known length is read from the socket straight into the string that the handler gets.
bool Connection::read_body_bytes() {
    const auto wanted = static_cast<std::size_t>(head_.content_length);
    const auto early = std::min(unread().size(), wanted - body_filled_);
    if (!grow_body(body_filled_ + early)) return true;
    std::memcpy(body_.data() + body_filled_, unread().data(), early);
    in_begin_ += early;
    body_filled_ += early;
    if (body_filled_ == wanted) {
        call_handler();
        return true;
    }
    if (body_filled_ == body_.size() && !grow_body(body_filled_ + 1)) return true;
    body_read_ = true;
    read_pending_ = true;
    start_read(body_.data() + body_filled_, body_.size() - body_filled_);
    return false;
}

bool Connection::read_body_chunks() {
    auto input = unread();
    if (!grow_body(body_.size() + input.size())) return true;
    const auto state = chunks_.feed(input, body_, shared_->limits.body_bytes - body_.size());
    in_begin_ = in_end_ - input.size();
    if (state == ChunkDecoder::State::malformed) {
        refuse({400, "structure", "malformed HTTP request: the chunked body breaks its grammar"});
    } else if (state == ChunkDecoder::State::done) {
        call_handler();
    } else if (!input.empty()) {
        const auto limit = std::to_string(shared_->limits.body_bytes);
        refuse({413, "too-long", "the request's body is larger than " + limit + " bytes (limit body_bytes)"});
    } else {
        read_into_buffer();
        return false;
    }
    return true;
}

void Connection::call_handler() {
    phase_ = Phase::handling;
    deadline_ = Loop::Clock::time_point::max();  // the handler has its own limits; on stop the drain has the last word
    head_.request.body = std::move(body_);
    body_.clear();
    in_handler_ = true;
    try {
        shared_->handler(std::move(head_.request), Exchange::respond_to(shared_from_this()));
    } catch (const std::exception& e) {
        // A bug in one request is answered 500 (by the Exchange, when it finds itself without an answer); others are served on.
        base::log::error(std::string("request handler threw: ") + e.what());
    }
    in_handler_ = false;
    if (response_) {
        auto response = std::move(*response_);
        response_.reset();
        respond(std::move(response));
    }
}

bool Connection::answer_inline(http::Response& response) {
    if (!loop_->in_loop_thread() || !in_handler_) return false;
    response_ = std::move(response);
    return true;
}

void Connection::on_response(http::Response value) {
    if (phase_ != Phase::handling) return;  // closed meanwhile
    respond(std::move(value));
    advance();
}

void Connection::refuse(Refused why) {
    shared_->refused_count.fetch_add(1, std::memory_order_relaxed);
    close_after_ = true;  // where this request ends and the next begins is no longer certain
    if (request_id_.empty()) request_id_ = shared_->next_request_id();
    respond(shared_->refuse(why.status, why.code, std::move(why.diagnostics)));
}

void Connection::respond(http::Response value) {
    response_ = std::move(value);
    close_after_ = close_after_ || loop_->draining();
    const ResponseFraming framing{loop_->http_date(), request_id_, !close_after_, head_.http_1_0};
    response_head_.clear();
    if (!write_head(*response_, framing, response_head_)) {
        base::log::error("a response had a field that would break its header; answered 500 instead");
        response_ = refusal(500, "exception", "the server made an invalid response; it was logged");
        CHECK(write_head(*response_, framing, response_head_));
    }
    const auto& body = response_->bytes();
    out_[1] = boost::asio::const_buffer();
    if (!is_head_request_ && !status_forbids_body(response_->status)) {
        if (tls_ && body.size() <= kTlsRecord) {
            response_head_ += body;  // one TLS record and one send in place of two
        } else {
            out_[1] = boost::asio::buffer(body.data(), body.size());
        }
    }
    out_[0] = boost::asio::buffer(response_head_.data(), response_head_.size());
    written_ = 0;
    to_write_ = out_[0].size() + out_[1].size();
    phase_ = Phase::writing;
    wait_for(shared_->limits.write_timeout_ms);
}

bool Connection::write_response() {
    const auto rest = [this] {
        Buffers buffers = out_;
        buffers[1] += written_ > out_[0].size() ? written_ - out_[0].size() : 0;
        buffers[0] += written_;
        return buffers;
    };
    if (written_ < to_write_) {
        boost::system::error_code ec;
        written_ += try_write(rest(), ec);
        if (ec) return (close(), false);
    }
    if (written_ < to_write_) {
        start_write(rest());
        return false;
    }
    if (phase_ == Phase::interim) {
        phase_ = Phase::body;
        return true;
    }
    finish_response();
    return phase_ == Phase::head;
}

void Connection::on_write(const boost::system::error_code& ec, std::size_t size) {
    if (phase_ != Phase::writing && phase_ != Phase::interim) return;
    if (ec) return close();
    written_ += size;
    if (phase_ == Phase::writing) wait_for(shared_->limits.write_timeout_ms);
    advance();
}

void Connection::finish_response() {
    release_body();
    response_.reset();
    request_id_.clear();
    is_head_request_ = false;
    if (close_after_ || loop_->draining()) return linger();
    phase_ = Phase::head;
    receiving_ = false;
    scanned_ = 0;
    wait_for(shared_->limits.idle_timeout_ms);
}

void Connection::release_body() {
    shared_->bodies.give_back(body_budget_taken_);
    body_budget_taken_ = 0;
    body_filled_ = 0;
    // A read that is still under way may write into the string until it ends; then it goes with the connection.
    if (!read_pending_ || !body_read_) std::string().swap(body_);
}

// Closing a socket with unread input resets it, and the reset can overtake the response. So: end our half, read on.
void Connection::linger() {
    phase_ = Phase::lingering;
    wait_for(shared_->limits.linger_timeout_ms);
    start_shutdown();
}

void Connection::on_shutdown() {
    if (phase_ != Phase::lingering || read_pending_) return;
    read_pending_ = true;
    start_read(in_.data(), in_.size());
}

void Connection::on_deadline() {
    const auto self = shared_from_this();
    const auto& limits = shared_->limits;
    if (phase_ == Phase::head && receiving_) {
        refuse({408, "timeout",
                "the header was not complete after " + std::to_string(limits.header_timeout_ms) + " ms (limit header_timeout_ms)"});
        return advance();
    }
    if (phase_ == Phase::body) {
        refuse(
            {408, "timeout", "the body was not complete after " + std::to_string(limits.body_timeout_ms) + " ms (limit body_timeout_ms)"});
        return advance();
    }
    close();
}

void Connection::drain() {
    const bool idle = phase_ == Phase::head && !receiving_;
    if (idle || phase_ == Phase::handshake) return close();
    close_after_ = true;
}

void Connection::close() {
    if (phase_ == Phase::closed) return;
    const auto self = shared_from_this();  // the loop's reference may be the last one
    phase_ = Phase::closed;
    release_body();
    close_socket();
    loop_->remove(*this);
}

}  // namespace server
