#include "fhir/server/acceptor.hpp"

#include "fhir/server/response_head.hpp"
#include "fhir/server/transport.hpp"
#include "storage/base/log.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>

namespace server {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr int kBacklog = 1024;
constexpr auto kPauseWhenShort = std::chrono::milliseconds(50);

std::string what_to_do(const error_code& ec, std::uint16_t port) {
    if (ec == asio::error::address_in_use) return "another program has the port; stop it or choose another with --listen";
    if (ec == asio::error::access_denied && port < 1024) return "ports below 1024 need CAP_NET_BIND_SERVICE; choose another with --listen";
    return ec.message();
}

}  // namespace

std::size_t open_connections(const std::vector<std::shared_ptr<Loop>>& loops) {
    std::size_t sum = 0;
    for (const auto& loop : loops) sum += loop->size();
    return sum;
}

Acceptor::Acceptor(std::vector<std::shared_ptr<Loop>> loops, std::shared_ptr<Shared> shared, std::shared_ptr<asio::ssl::context> tls)
    : loops_(std::move(loops)),
      shared_(std::move(shared)),
      acceptor_(loops_[0]->context()),
      pause_(loops_[0]->context()),
      tls_(std::move(tls)) {}

base::Status Acceptor::open(const std::string& address, std::uint16_t port) {
    error_code ec;
    const auto ip = asio::ip::make_address(address, ec);
    if (ec) return base::fail(base::Kind::invalid, "the address to listen on must be an IPv4 or IPv6 literal, not " + address);
    const tcp::endpoint endpoint(ip, port);
    acceptor_.open(endpoint.protocol(), ec);
    if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec) acceptor_.bind(endpoint, ec);
    if (!ec) acceptor_.listen(kBacklog, ec);
    if (!ec) port_ = acceptor_.local_endpoint(ec).port();
    if (ec)
        return base::fail(base::Kind::fault, "cannot listen on " + address + " port " + std::to_string(port) + ": " + what_to_do(ec, port));
    accept_next();
    return {};
}

void Acceptor::close() {
    error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
}

void Acceptor::set_tls(std::shared_ptr<asio::ssl::context> tls) {
    const std::lock_guard lock(tls_mutex_);
    tls_ = std::move(tls);
}

std::shared_ptr<asio::ssl::context> Acceptor::tls() {
    const std::lock_guard lock(tls_mutex_);
    return tls_;
}

void Acceptor::accept_next() {
    const auto loop = *std::min_element(loops_.begin(), loops_.end(), [](const auto& a, const auto& b) { return a->size() < b->size(); });
    acceptor_.async_accept(loop->context(),
                           [this, loop](const error_code& ec, tcp::socket socket) { on_accept(ec, std::move(socket), loop); });
}

void Acceptor::on_accept(const error_code& ec, tcp::socket socket, const std::shared_ptr<Loop>& loop) {
    if (ec == asio::error::operation_aborted || !acceptor_.is_open()) return;
    if (!ec) {
        if (open_connections(loops_) >= shared_->limits.connections) {
            turn_away(std::move(socket));
        } else {
            welcome(std::move(socket), loop);
        }
        return accept_next();
    }
    if (ec == asio::error::connection_aborted) return accept_next();
    // Out of descriptors or memory: the connection stays in the backlog, and trying again at once would spin.
    complaints_.error("cannot accept connections: " + ec.message());
    pause_.expires_after(kPauseWhenShort);
    pause_.async_wait([this](const error_code& cancelled) {
        if (!cancelled && acceptor_.is_open()) accept_next();
    });
}

void Acceptor::welcome(tcp::socket socket, const std::shared_ptr<Loop>& loop) {
    loop->expect();
    asio::post(loop->context(), [loop, shared = shared_, context = tls(), socket = std::move(socket)]() mutable {
        auto connection = loop->draining() ? nullptr : make_connection(std::move(socket), std::move(shared), loop, std::move(context));
        if (!connection) return loop->forget();
        loop->add(connection);
        connection->start();
    });
}

void Acceptor::turn_away(tcp::socket socket) {
    turned_away_.fetch_add(1, std::memory_order_relaxed);
    if (tls()) return;  // a handshake for the sake of a refusal would cost what the limit is there to save
    const auto response = shared_->refuse(
        503, "throttled",
        "more than " + std::to_string(shared_->limits.connections) + " connections are open (limit connections); try again");
    std::string bytes;
    if (!write_head(response, {loops_[0]->http_date(), {}, false, false}, bytes)) return;
    bytes += response.bytes();
    error_code ignored;  // the client may miss it; it is turned away either way
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(bytes), ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace server
