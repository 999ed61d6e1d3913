// Takes connections from the kernel and spreads them over the loops.
#pragma once

#include "fhir/server/connection.hpp"
#include "fhir/server/loop.hpp"
#include "storage/base/error.hpp"
#include "storage/base/log.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace server {

std::size_t open_connections(const std::vector<std::shared_ptr<Loop>>& loops);

// Lives on the first loop's thread; open() comes before the loops start, close() is called on that thread.
class Acceptor {
  public:
    Acceptor(std::vector<std::shared_ptr<Loop>> loops, std::shared_ptr<Shared> shared, std::shared_ptr<boost::asio::ssl::context> tls);

    base::Status open(const std::string& address, std::uint16_t port);  // errors: see Listener::start
    void close();

    // Any thread.
    std::uint16_t port() const { return port_; }
    std::uint64_t turned_away() const { return turned_away_.load(std::memory_order_relaxed); }
    void set_tls(std::shared_ptr<boost::asio::ssl::context> tls);

  private:
    void accept_next();
    void on_accept(const boost::system::error_code& ec, boost::asio::ip::tcp::socket socket, const std::shared_ptr<Loop>& loop);
    void welcome(boost::asio::ip::tcp::socket socket, const std::shared_ptr<Loop>& loop);
    void turn_away(boost::asio::ip::tcp::socket socket);
    std::shared_ptr<boost::asio::ssl::context> tls();

    const std::vector<std::shared_ptr<Loop>> loops_;
    const std::shared_ptr<Shared> shared_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    std::uint16_t port_ = 0;
    std::atomic<std::uint64_t> turned_away_{0};
    base::log::Seldom complaints_;
    std::mutex tls_mutex_;
    std::shared_ptr<boost::asio::ssl::context> tls_;
};

}  // namespace server
