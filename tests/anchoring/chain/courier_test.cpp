#include "anchoring/chain/courier.hpp"
#include "tests/anchoring/chain/fixture.hpp"

#include <atomic>
#include <condition_variable>
#include <map>
#include <thread>

namespace {

using namespace chain_test;
using base::Kind;

// A thread that serves, as an IO thread does: sleeps until it is rung.
class Server {
  public:
    explicit Server(std::function<void(Server&)> first) : first_(std::move(first)), thread_([this] { run(); }) {}
    ~Server() {
        stop();
        courier_.settle();
    }
    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stop_ = true;
        }
        rung_.notify_one();
        if (thread_.joinable()) thread_.join();
    }
    std::thread::id id() const { return thread_.get_id(); }
    std::atomic<int> rings{0};

  private:
    void run() {
        courier_.serve_this_thread();
        first_(*this);
        for (;;) {
            {
                std::unique_lock lock(mutex_);
                rung_.wait(lock, [&] { return ring_ || stop_; });
                if (stop_) return;
                ring_ = false;
            }
            courier_.collect();
        }
    }
    std::mutex mutex_;
    std::condition_variable rung_;
    bool ring_ = false, stop_ = false;
    chain::Courier courier_{[this] {
        ++rings;
        {
            const std::lock_guard lock(mutex_);
            ring_ = true;
        }
        rung_.notify_one();
    }};
    std::function<void(Server&)> first_;
    std::thread thread_;
};

TEST(Courier, TellsOnTheThreadThatAppendedAndInItsOrder) {
    Fixture f;
    constexpr int kEach = 300;
    std::mutex mutex;
    std::map<std::thread::id, std::vector<int>> told;
    std::promise<void> all;
    std::atomic<int> left{2 * kEach}, next{0};
    const auto serve = [&](Server&) {
        for (int i = 0; i < kEach; ++i) {
            const auto here = std::this_thread::get_id();
            f.log->append({submission("c" + std::to_string(next++), "1", f.clock.now_us())}, [&, here, i](base::Result<chain::Appended> done) {
                EXPECT_TRUE(done);
                EXPECT_EQ(std::this_thread::get_id(), here);
                {
                    const std::lock_guard lock(mutex);
                    told[here].push_back(i);
                }
                if (--left == 0) all.set_value();
            });
        }
    };
    Server one(serve), two(serve);
    ASSERT_EQ(all.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
    EXPECT_EQ(told.size(), 2u);
    for (const auto& [thread, order] : told) {
        EXPECT_EQ(order.size(), static_cast<std::size_t>(kEach));
        EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    }
    EXPECT_LT(one.rings, kEach) << "one ring for all of a group";
    EXPECT_EQ(f.log->size(), 2u * kEach);
}

TEST(Courier, SettlesWhatItsThreadLeftBehind) {
    Fixture f;
    std::atomic<int> told{0};
    std::promise<void> appended;
    {
        Server server([&](Server&) {
            for (int i = 0; i < 50; ++i) {
                f.log->append({submission("left" + std::to_string(i), "1", f.clock.now_us())}, [&](base::Result<chain::Appended> done) { told += done ? 1 : 0; });
            }
            appended.set_value();
        });
        appended.get_future().wait();
        server.stop();
    }
    EXPECT_EQ(told, 50);
    EXPECT_EQ(f.log->size(), 50u);
}

TEST(Courier, WhatIsRefusedAtTheCallIsToldAtTheCall) {
    Fixture f;
    std::optional<Kind> told;
    std::promise<std::optional<Kind>> after_the_call;
    Server server([&](Server&) {
        f.log->append({submission("")}, [&](base::Result<chain::Appended> done) { told = done.error().kind; });
        after_the_call.set_value(told);
    });
    EXPECT_EQ(after_the_call.get_future().get(), Kind::invalid);
}

TEST(Courier, ALogThatFailedSaysSo) {
    Fixture f(false);
    const auto disk = f.open_on_bad_disk();
    f.fill(0, 3);
    disk->sync_fails = true;
    std::promise<base::Error> error;
    Server server([&](Server&) {
        f.log->append({submission("lost", "1", f.clock.now_us())}, [&](base::Result<chain::Appended> done) { error.set_value(done.error()); });
    });
    const auto said = error.get_future().get();
    EXPECT_EQ(said.kind, Kind::unavailable);
    EXPECT_NE(said.diagnostics.find("the test's disk does not sync"), std::string::npos);
}

}  // namespace
