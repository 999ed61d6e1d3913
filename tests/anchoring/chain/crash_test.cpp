// Power cuts, kills, failing disks.
#include "tests/anchoring/chain/fixture.hpp"

#include <random>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace chain_test;
using base::Kind;

TEST(Crash, KilledAtAnyMomentNothingAcknowledgedIsMissing) {
    std::mt19937 random(std::random_device{}());
    Fixture f(false);
    f.options.checkpoint_ms = 3;
    f.options.segment_bytes = 200'000;
    std::vector<std::string> acknowledged;
    for (int round = 0; round < 20; ++round) {
        int pipe_ends[2];
        ASSERT_EQ(::pipe(pipe_ends), 0);
        const auto child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            ::close(pipe_ends[0]);
            // The child opens everything itself: nothing of the parent's threads or files is shared.
            auto ring = store::KeyRing::open(f.dir.string(), f.clock);
            if (!ring) ::_exit(3);
            auto log = chain::AuditLog::open(f.options, **ring, f.clock);
            if (!log) ::_exit(4);
            std::vector<std::thread> threads;
            for (int t = 0; t < 4; ++t) {
                threads.emplace_back([&, t] {
                    for (int i = 0;; ++i) {
                        const auto id = std::to_string(round) + "." + std::to_string(t) + "." + std::to_string(i);
                        std::promise<bool> done;
                        (*log)->append({submission(id, "1", f.clock.now_us())},
                                       [&](base::Result<chain::Appended> ok) { done.set_value(ok.has_value()); });
                        if (!done.get_future().get()) ::_exit(5);
                        const auto line = id + "\n";
                        if (::write(pipe_ends[1], line.data(), line.size()) < 0) ::_exit(6);
                    }
                });
            }
            for (auto& thread : threads) thread.join();
        }
        ::close(pipe_ends[1]);
        std::thread killer([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(20 + random() % 200));
            ::kill(child, SIGKILL);
        });
        std::string told;
        char buffer[65536];
        for (ssize_t n = 0; (n = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0;) told.append(buffer, static_cast<std::size_t>(n));
        ::close(pipe_ends[0]);
        killer.join();
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
        for (std::size_t at = 0, end; (end = told.find('\n', at)) != std::string::npos; at = end + 1)
            acknowledged.push_back(told.substr(at, end - at));
        f.open();
        for (auto id = acknowledged.rbegin(); id != acknowledged.rend() && id - acknowledged.rbegin() < 300; ++id) {
            ASSERT_TRUE(*f.log->contains(*id)) << *id << " was acknowledged and is missing";
        }
        f.log.reset();
    }
    EXPECT_GT(acknowledged.size(), 200u);
    f.open();
    for (const auto& id : acknowledged) ASSERT_TRUE(*f.log->contains(id)) << id;
    std::printf("%zu acknowledged over 20 kills, %llu in the log\n", acknowledged.size(), static_cast<unsigned long long>(f.log->size()));
    EXPECT_EQ(f.fsck(), std::vector<std::string>{});
}

TEST(Crash, ATornTailIsCutToTheLastWholeGroup) {
    Fixture f;
    f.fill(0, 10);
    ASSERT_TRUE(f.log->checkpoint_now().has_value());
    f.log.reset();
    const auto whole = support::read_file(f.file("segment-00000000.log"));
    const auto dir = f.options.dir;
    f.open();
    f.fill(10, 11);
    // What a power cut leaves: the group in any part, the checkpoint not yet there.
    std::filesystem::copy(dir, dir + ".full", std::filesystem::copy_options::recursive);
    const auto checkpoints = support::read_file(dir + ".full/checkpoints");
    f.log.reset();
    const auto longer = support::read_file(f.file("segment-00000000.log"));
    ASSERT_GT(longer.size(), whole.size());
    for (std::size_t n = whole.size(); n < longer.size(); n += n < whole.size() + 8 ? 1 : 61) {
        auto torn = longer.substr(0, n) + std::string(300, '\0');
        support::write_file(f.file("segment-00000000.log"), torn);
        support::write_file(f.file("checkpoints"), checkpoints);
        f.open();
        ASSERT_EQ(f.log->size(), 10u) << "torn after " << n - whole.size() << " bytes";
        ASSERT_EQ(f.append({submission("again" + std::to_string(n))})->first_seq, 10u);
        f.log.reset();
    }
    // A hole: the end of the group reached the disk, its first block did not.
    auto hole = longer;
    std::fill_n(hole.begin() + static_cast<std::ptrdiff_t>(whole.size()), 100, '\0');
    support::write_file(f.file("segment-00000000.log"), hole);
    support::write_file(f.file("checkpoints"), checkpoints);
    f.open();
    EXPECT_EQ(f.log->size(), 10u);
    f.fill(10, 12);
    EXPECT_EQ(f.fsck(), std::vector<std::string>{});
}

TEST(Crash, DamageBeforeALaterGroupIsNoTornTail) {
    Fixture f;
    f.fill(0, 10);
    f.log->checkpoint_now().value();
    const auto checkpoints = support::read_file(f.file("checkpoints"));
    f.log.reset();
    const auto begin = support::read_file(f.file("segment-00000000.log")).size();
    f.open();
    f.fill(10, 14);
    f.log.reset();
    support::write_file(f.file("checkpoints"), checkpoints);  // as if the power went before the next one
    const auto good = support::read_file(f.file("segment-00000000.log"));
    f.flip("segment-00000000.log", begin + 40);
    const auto refused = f.try_open();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, Kind::corrupt);
    EXPECT_EQ(refused.error().diagnostics, "entry 10: its group is damaged, and later groups are whole");
    support::write_file(f.file("segment-00000000.log"), good);
    f.open();
    EXPECT_EQ(f.log->size(), 14u);
}

TEST(Crash, AfterAFailedWriteOrSyncNothingIsAcknowledged) {
    for (const bool write : {true, false}) {
        Fixture f(false);
        const auto disk = f.open_on_bad_disk();
        f.fill(0, 5);
        EXPECT_TRUE(f.log->takes());
        (write ? disk->write_fails : disk->sync_fails) = true;
        const auto failed = f.append({submission("lost")});
        EXPECT_EQ(failed.error().kind, Kind::unavailable);
        EXPECT_NE(failed.error().diagnostics.find("the test's disk"), std::string::npos);
        disk->write_fails = disk->sync_fails = false;
        EXPECT_EQ(f.log->takes().error().kind, Kind::unavailable);
        EXPECT_NE(f.log->takes().error().diagnostics.find("the test's disk"), std::string::npos);
        EXPECT_EQ(f.append({submission("after")}).error().kind, Kind::unavailable) << "the disk works again, the log does not trust it";
        EXPECT_EQ(f.log->size(), 5u);
        EXPECT_EQ(f.log->event(4)->content, audit_event("e4")) << "what is there can still be read";
        EXPECT_EQ(f.log->drain().error().kind, Kind::unavailable);
        f.open();
        EXPECT_GE(f.log->size(), 5u);
        EXPECT_TRUE(*f.log->contains("e4"));
        EXPECT_FALSE(*f.log->contains("after"));
        EXPECT_TRUE(f.fsck().empty());
    }
}

TEST(Crash, ACheckpointThatCannotBeWrittenStopsTheLog) {
    Fixture f(false);
    const auto disk = f.open_on_bad_disk();
    f.fill(0, 3);
    disk->sync_fails = true;
    EXPECT_FALSE(f.log->checkpoint_now().has_value());
    disk->sync_fails = false;
    EXPECT_EQ(f.append({submission("x")}).error().kind, Kind::unavailable);
    f.open();
    EXPECT_EQ(f.log->size(), 3u);
    EXPECT_TRUE(f.fsck().empty());
}

TEST(Crash, AFullQueueAnswersAtOnce) {
    Fixture f(false);
    const auto disk = std::make_shared<BadDisk>();
    f.options.disk = disk;
    f.options.queue_limit = 4;
    f.open();
    disk->slow_ms = 100;
    std::atomic<int> good{0}, full{0};
    for (int i = 0; i < 20; ++i) {
        f.log->append({submission("q" + std::to_string(i), "1", f.clock.now_us())}, [&](base::Result<chain::Appended> done) {
            if (done)
                ++good;
            else if (done.error().kind == Kind::unavailable)
                ++full;
        });
    }
    EXPECT_EQ(full, 16);
    auto owed = submission("owed", "1", f.clock.now_us());
    owed.owed = true;
    f.log->append({owed}, [&](base::Result<chain::Appended> done) { good += done ? 1 : 0; });
    EXPECT_EQ(full, 16) << "what is done already waits, however full the queue";
    disk->slow_ms = 0;
    ASSERT_TRUE(f.log->drain().has_value());
    EXPECT_EQ(good, 5);
    EXPECT_EQ(f.log->size(), 5u);
}

}  // namespace
