#include "anchoring/chain/gather.hpp"
#include "tests/anchoring/chain/fixture.hpp"

#include <condition_variable>

namespace {

using chain::Gather;

TEST(Gather, a_group_goes_at_once_before_anything_is_known) {
    EXPECT_EQ(Gather().wanted(), 1u);
}

TEST(Gather, half_of_the_callers_that_wait_at_once_are_waited_for) {
    Gather gather;
    gather.went(40, 24);
    EXPECT_EQ(gather.wanted(), 32u);
    gather.went(32, 30);  // a little less than before: forgotten slowly
    EXPECT_EQ(gather.wanted(), 31u);
}

TEST(Gather, few_callers_are_not_kept_waiting) {
    Gather gather;
    gather.went(16, 2 * Gather::kFewest - 17);
    EXPECT_EQ(gather.wanted(), 1u);
    gather.went(16, 2 * Gather::kFewest - 16);
    EXPECT_EQ(gather.wanted(), Gather::kFewest);
}

TEST(Gather, a_crowd_is_not_waited_for_as_a_whole) {
    Gather gather;
    gather.went(1000, 1000);
    EXPECT_EQ(gather.wanted(), Gather::kMost);
}

TEST(Gather, callers_that_stay_away_are_forgotten_over_some_groups) {
    Gather gather;
    gather.went(32, 32);
    for (int group = 0; group < 32; ++group) gather.went(1, 0);
    EXPECT_GT(gather.wanted(), 1u);
    EXPECT_LT(gather.wanted(), 32u);
    for (int group = 0; group < 64; ++group) gather.went(1, 0);
    EXPECT_EQ(gather.wanted(), 1u);
}

TEST(Gather, and_at_once_when_the_time_is_up) {
    Gather gather;
    gather.went(32, 32);
    gather.gave_up(3);
    EXPECT_EQ(gather.wanted(), 1u);
}

// Lets a group through when it is told, and counts them.
class Gate final : public chain::Disk {
  public:
    base::Status write_at(int fd, base::ByteView bytes, std::uint64_t offset) override {
        const std::lock_guard lock(mutex_);
        ++groups_;
        changed_.notify_all();
        return Disk::write_at(fd, bytes, offset);
    }
    base::Status sync(int fd) override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return open_ >= groups_; });
        return Disk::sync(fd);
    }
    void wait_for(int groups) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return groups_ >= groups; });
    }
    void open(int groups) {
        const std::lock_guard lock(mutex_);
        open_ = groups;
        changed_.notify_all();
    }
    int groups() {
        const std::lock_guard lock(mutex_);
        return groups_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int groups_ = 0, open_ = 0;
};

// A log that has just seen 32 callers wait at once: one in the first group, 31 behind it. Of these the first `again` came a second time
// when they were told, from where they were told.
struct Crowd : chain_test::Fixture {
    explicit Crowd(std::chrono::microseconds longest, int again = 0) : Fixture(false) {
        options.disk = gate;
        options.longest_gather = longest;
        open();
        come(1);
        gate->wait_for(1);
        for (int n = 0; n < again; ++n) come_twice();
        come(31 - again);
        gate->open(100);
        all_told();
    }
    void come(int callers) {
        for (int n = 0; n < callers; ++n) append(next(), promised());
    }
    void come_twice() {
        append(next(), [this, first = promised(), second = next(), then = promised()](bool done) {
            first(done);
            append(second, then);
        });
    }
    std::function<void(bool)> promised() {
        auto told = std::make_shared<std::promise<bool>>();
        waiting.push_back(told->get_future());
        return [told](bool done) { told->set_value(done); };
    }
    chain::Submission next() { return chain_test::submission("e" + std::to_string(count++)); }
    void append(chain::Submission event, std::function<void(bool)> told) {
        log->append({std::move(event)}, [told = std::move(told)](auto done) { told(done.has_value()); });
    }
    void all_told() {
        for (auto& told : waiting) EXPECT_TRUE(told.get());
        waiting.clear();
    }
    std::shared_ptr<Gate> gate = std::make_shared<Gate>();
    std::vector<std::future<bool>> waiting;
    int count = 0;
};

TEST(Gather, a_log_that_saw_many_callers_writes_half_of_them_at_once) {
    Crowd f(std::chrono::hours(1));
    EXPECT_EQ(f.gate->groups(), 2);
    f.come(15);
    f.all_told();
    EXPECT_EQ(f.gate->groups(), 3) << "the first of the fifteen did not wait for the others";
    f.come(1);  // and a log that closes waits for nobody
    f.log.reset();
    f.all_told();
}

TEST(Gather, who_comes_again_when_told_counts_once) {
    Crowd f(std::chrono::hours(1), 15);  // 46 counted where 31 came would keep these fifteen waiting for eight more
    EXPECT_EQ(f.gate->groups(), 3);
}

TEST(Gather, a_caller_whom_nobody_joins_is_told_all_the_same) {
    Crowd f(std::chrono::milliseconds(1));
    f.come(1);
    f.all_told();
    EXPECT_EQ(f.log->size(), 33u);
}

}  // namespace
