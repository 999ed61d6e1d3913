// A store of units of work alone: records.db, one writer thread, all or nothing. The outbox needs no records, and a test must be able to
// fail a commit.
#pragma once

#include "storage/store/database.hpp"
#include "storage/store/store.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

namespace outbox_test {

class UnitStore final : public store::Store {
  public:
    UnitStore(const std::string& dir, store::KeyRing& keys)
        : database_(store::Database::open(dir + "/records.db", keys.derived("db:records"), {}).value()), thread_([this] { run(); }) {}
    ~UnitStore() override {
        {
            std::lock_guard lock(mutex_);
            stop_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    std::atomic<int> spare_commits{0};  // so many units are left alone first
    std::atomic<int> fail_commits{0};   // so many units are undone instead

    base::Status takes_writes() const override { return {}; }
    void submit(store::AuditDuty&, Work work, std::function<void(base::Status)> done) override {
        std::lock_guard lock(mutex_);
        queue_.push_back({std::move(work), std::move(done)});
        wake_.notify_one();
    }
    // Runs a unit and waits: for tests.
    base::Status run_unit(Work work) {
        auto duty = store::AuditDuty::exempt("test");
        std::promise<base::Status> promise;
        submit(duty, std::move(work), [&](base::Status s) { promise.set_value(std::move(s)); });
        return promise.get_future().get();
    }

    base::Result<std::unique_ptr<store::Snapshot>> snapshot(store::AuditDuty&) override { return none(); }
    base::Result<std::optional<store::Record>> read(store::AuditDuty&, std::string_view, std::string_view) override { return none(); }
    base::Result<std::vector<JournalRow>> journal_pending() override { return none(); }
    void journal_done(std::vector<std::string>) override {}
    base::Result<std::uint64_t> last_seq() override { return none(); }
    base::Status drain() override { return {}; }
    base::Status backup_to(const std::string&) override { return none(); }
    base::Result<std::size_t> fsck(const std::function<void(const std::string&)>&) override { return none(); }
    base::Status walk(const std::function<base::Status(std::uint64_t, const store::RecordId&, const store::Version&)>&) override {
        return none();
    }
    base::Status reindex(const Extract&, const std::function<void(std::uint64_t, std::uint64_t)>&) override { return none(); }
    store::RecordId record_id(std::string_view, std::string_view) const override { return {}; }

  private:
    static tl::unexpected<base::Error> none() { return base::fail(base::Kind::not_supported, "not in this test store"); }

    struct TestUnit final : store::Unit {
        explicit TestUnit(store::Database& d) : database_(d) {}
        base::Result<std::optional<store::Record>> current(std::string_view, std::string_view) override { return none(); }
        base::Result<std::optional<store::Record>> version(std::string_view, std::string_view, std::uint32_t) override { return none(); }
        base::Result<store::Record> at(std::uint64_t) override { return none(); }
        base::Result<store::Record> fetch(const store::Hit&) override { return none(); }
        base::Result<store::Hits> search(const store::Query&, const store::Predicate&) override { return none(); }
        std::uint64_t last_seq() const override { return 0; }
        base::Result<store::Version> put(const store::NewRecord&) override { return none(); }
        base::Status journal(std::string_view, base::ByteView) override { return none(); }
        store::Database& database() override { return database_; }
        store::Database& database_;
    };

    base::Status perform(const Work& work) {
        if (auto begun = database_.execute("BEGIN IMMEDIATE"); !begun) return begun;
        TestUnit unit(database_);
        auto status = work(unit);
        if (status && fail_commits > 0 && spare_commits > 0) {
            --spare_commits;
        } else if (status && fail_commits > 0) {
            --fail_commits;
            status = base::fail(base::Kind::fault, "the disk failed at commit");
        }
        auto ended = database_.execute(status ? "COMMIT" : "ROLLBACK");
        return status ? ended : status;
    }
    void run() {
        std::unique_lock lock(mutex_);
        for (;;) {
            wake_.wait(lock, [&] { return stop_ || !queue_.empty(); });
            if (queue_.empty()) return;
            auto [work, done] = std::move(queue_.front());
            queue_.pop_front();
            lock.unlock();
            done(perform(work));
            lock.lock();
        }
    }

    store::Database database_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::pair<Work, std::function<void(base::Status)>>> queue_;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace outbox_test
