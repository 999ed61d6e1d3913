// One IO thread: its io_context, the connections that live on it, and the post box through which other threads answer.
#pragma once

#include "anchoring/chain/courier.hpp"
#include "fhir/http/response.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace server {

class Connection;

// A connection belongs to one loop for life and is touched by that loop's thread alone, so connections need no lock.
class Loop {
  public:
    using Clock = std::chrono::steady_clock;

    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void start();
    // Any thread. Ends the thread after the handlers already queued; later answers are dropped. Call once.
    void stop();

    boost::asio::io_context& context() { return context_; }
    std::size_t size() const { return size_.load(std::memory_order_relaxed); }
    bool in_loop_thread() const { return std::this_thread::get_id() == thread_id_; }

    // Any thread: hands `response` to the connection on the loop's thread. Dropped after stop().
    void deliver(std::shared_ptr<Connection> connection, http::Response response);

    // Loop thread only.
    void add(std::shared_ptr<Connection> connection);
    void remove(Connection& connection);
    void drain();      // closes what is idle, lets the rest finish one response
    void close_all();  // cuts off the rest
    bool draining() const { return draining_; }
    std::string_view http_date();

    // Any thread: an accepted socket is on its way to this loop (counts at once, so that a burst spreads evenly).
    void expect() { size_.fetch_add(1, std::memory_order_relaxed); }
    void forget() { size_.fetch_sub(1, std::memory_order_relaxed); }

  private:
    struct Letter {
        std::shared_ptr<Connection> to;
        http::Response response;
    };
    void empty_box();
    void sweep();

    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::steady_timer sweeper_;
    std::thread thread_;
    std::thread::id thread_id_;
    std::vector<std::shared_ptr<Connection>> connections_;
    std::atomic<std::size_t> size_{0};
    bool draining_ = false;
    bool stopping_ = false;
    std::string date_;
    std::int64_t date_second_ = -1;

    chain::Courier courier_;  // tells what this thread appended to the audit log

    std::mutex box_mutex_;  // guards box_ and closed_
    std::vector<Letter> box_;
    std::vector<Letter> opened_;
    bool closed_ = false;
};

}  // namespace server
