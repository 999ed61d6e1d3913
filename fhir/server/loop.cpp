#include "fhir/server/loop.hpp"

#include "fhir/server/connection.hpp"
#include "storage/base/clock.hpp"
#include "storage/base/error.hpp"

#include <boost/asio/post.hpp>

namespace server {
namespace {

// Time-outs are seconds; looking every 50 ms costs 40 us of a core at 4096 connections and no timer per operation.
constexpr auto kSweepInterval = std::chrono::milliseconds(50);

}  // namespace

Loop::Loop()
    : work_(boost::asio::make_work_guard(context_)),
      sweeper_(context_),
      courier_([this] { boost::asio::post(context_, [this] { courier_.collect(); }); }) {}

Loop::~Loop() {
    CHECK(!thread_.joinable());
}

void Loop::start() {
    sweep();
    // The id is set by the thread itself before it runs anything, so that in_loop_thread() is right from the first handler on.
    thread_ = std::thread([this] {
        thread_id_ = std::this_thread::get_id();
        courier_.serve_this_thread();
        context_.run();
    });
}

void Loop::stop() {
    {
        const std::lock_guard lock(box_mutex_);
        closed_ = true;
    }
    boost::asio::post(context_, [this] {
        close_all();
        stopping_ = true;  // cancel() comes too late for a sweep whose time is up already: that one must not begin another
        sweeper_.cancel();
        work_.reset();
    });
    thread_.join();
    courier_.settle();  // nobody is left to be answered, and the log still says of each entry whether it stands
    // What was put in the box before closed_ was set: connections are closed, the letters only hold them alive.
    box_.clear();
}

void Loop::deliver(std::shared_ptr<Connection> connection, http::Response response) {
    bool first = false;
    {
        const std::lock_guard lock(box_mutex_);
        if (closed_) return;
        first = box_.empty();
        box_.push_back({std::move(connection), std::move(response)});
    }
    // One wake-up for all answers of a group commit.
    if (first) boost::asio::post(context_, [this] { empty_box(); });
}

void Loop::empty_box() {
    {
        const std::lock_guard lock(box_mutex_);
        opened_.swap(box_);
    }
    for (auto& letter : opened_) letter.to->on_response(std::move(letter.response));
    opened_.clear();
}

void Loop::add(std::shared_ptr<Connection> connection) {
    connection->slot = connections_.size();
    connections_.push_back(std::move(connection));
}

void Loop::remove(Connection& connection) {
    const auto slot = connection.slot;
    CHECK(slot < connections_.size() && connections_[slot].get() == &connection);
    std::swap(connections_[slot], connections_.back());
    connections_[slot]->slot = slot;
    connections_.pop_back();
    forget();
}

void Loop::drain() {
    draining_ = true;
    const auto all = connections_;  // a copy: close() removes from the list
    for (const auto& connection : all) connection->drain();
}

void Loop::close_all() {
    draining_ = true;
    const auto all = connections_;
    for (const auto& connection : all) connection->close();
}

std::string_view Loop::http_date() {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    if (now != date_second_) {
        date_second_ = now;
        date_ = base::format_http_date(now * 1'000'000);
    }
    return date_;
}

void Loop::sweep() {
    const auto now = Clock::now();
    // Backwards, because an expired connection may take itself out: the last one then moves into a slot already seen.
    for (std::size_t i = connections_.size(); i-- > 0;) {
        if (i < connections_.size()) {
            const auto connection = connections_[i];
            if (connection->deadline() <= now) connection->on_deadline();
        }
    }
    sweeper_.expires_after(kSweepInterval);
    sweeper_.async_wait([this](const boost::system::error_code& ec) {
        if (!ec && !stopping_) sweep();
    });
}

}  // namespace server
