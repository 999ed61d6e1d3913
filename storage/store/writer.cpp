#include "storage/store/writer.hpp"

#include "storage/base/log.hpp"
#include "storage/crypto/aead.hpp"
#include "storage/store/dictionary.hpp"
#include "storage/store/writer_unit.hpp"

namespace store {
namespace {

using base::Kind;
using namespace std::chrono_literals;

constexpr std::string_view kJournalDomain = "kedge journal 1";  // DO NOT CHANGE: stored
constexpr std::string_view kRedoDomain = "kedge redo 1";        // DO NOT CHANGE: stored
constexpr std::size_t kMostRedoBytes = 1u << 30;

// A checkpoint writes each changed page once, however many commits changed it: seldom is cheap, never is a long recovery.
constexpr int kCheckpointPages = 8192;
constexpr int kIdleCheckpointPages = 256;
constexpr auto kIdle = 500ms;  // nothing came for so long: journal rows and WALs are tidied up

base::Status failed_store() {
    return base::fail(Kind::unavailable, "the store has failed and takes no writes until it is started again");
}

base::Bytes redo_associated(std::uint64_t last_seq) {
    base::Writer out;
    out.sized(kRedoDomain).u64(last_seq);
    return out.take();
}

}  // namespace

base::Bytes journal_associated(std::string_view event_id) {
    base::Writer out;
    out.sized(kJournalDomain).sized(event_id);
    return out.take();
}

base::Result<base::Bytes> seal_redo(const Core& core, std::uint64_t last_seq, base::ByteView rows) {
    const auto packed = dictionary(kDictionaryNow)->compress(rows);
    if (!packed) return base::pass(packed);
    const auto sealed = crypto::seal(core.redo_key, *packed, redo_associated(last_seq));
    if (!sealed) return base::pass(sealed);
    base::Writer out;
    return out.u8(kDictionaryNow).raw(*sealed).take();
}

base::Result<std::vector<IndexRow>> open_redo(const Core& core, std::uint64_t last_seq, base::ByteView sealed) {
    const auto* const unpack = sealed.empty() ? nullptr : dictionary(sealed.front());
    if (unpack == nullptr) return base::fail(Kind::corrupt, "a redo row has no known format");
    const auto packed = crypto::open(core.redo_key, sealed.subspan(1), redo_associated(last_seq));
    if (!packed) return base::pass(packed);
    const auto rows = unpack->decompress(*packed, kMostRedoBytes);
    if (!rows) return base::pass(rows);
    base::Reader in(base::as_bytes(*rows));
    std::vector<IndexRow> out;
    while (in.left() > 0) {
        auto row = read_index_row(in);
        if (!row) return base::fail(Kind::corrupt, "a redo row is malformed");
        out.push_back(std::move(*row));
    }
    return out;
}

Writer::Writer(Core& core, std::unique_ptr<Connection> connection, std::unique_ptr<IndexTable> index, IndexTable::State state,
               std::uint64_t last)
    : core_(core), connection_(std::move(connection)), index_(std::move(index)), state_(state), last_(last) {
    connection_->records.checkpoint_by_hand();
    connection_->index.checkpoint_by_hand();
    thread_ = std::thread([this] { loop(); });
}

Writer::~Writer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        wake_.notify_one();
    }
    thread_.join();
}

void Writer::submit(AuditDuty& duty, Store::Work work, std::function<void(base::Status)> done) {
    base::Status refused;
    {
        const std::lock_guard lock(mutex_);
        if (failed_) {
            refused = failed_store();
        } else if (!core_.index_ready) {
            refused = base::fail(Kind::unavailable, "the search index is not complete: run `kedge reindex`");
        } else if (draining_ || stopping_) {
            refused = base::fail(Kind::unavailable, "the server is shutting down");
        } else if (queue_.size() >= core_.options.queue_limit) {
            refused = base::fail(Kind::unavailable, "too many writes are waiting (" + std::to_string(core_.options.queue_limit) + ")");
        } else {
            queue_.push_back(Job{&duty, std::move(work), std::move(done), {}, {}});
            wake_.notify_one();
        }
    }
    if (!refused) done(std::move(refused));
}

void Writer::run_alone(Alone alone) {
    const std::lock_guard lock(mutex_);
    queue_.push_back(Job{nullptr, {}, {}, std::move(alone), {}});
    wake_.notify_one();
}

void Writer::remove_journal(std::vector<std::string> event_ids) {
    const std::lock_guard lock(mutex_);
    for (auto& id : event_ids) journal_done_.insert(std::move(id));
}

std::unordered_set<std::string> Writer::journal_being_removed() {
    const std::lock_guard lock(mutex_);
    auto out = journal_done_;
    out.insert(cleaning_.begin(), cleaning_.end());
    return out;
}

base::Status Writer::drain() {
    std::unique_lock lock(mutex_);
    draining_ = true;
    idle_.wait(lock, [&] { return queue_.empty() && !busy_; });
    base::Status result = failed_ ? failed_store() : base::Status();
    if (!result) return result;
    bool finished = false;
    queue_.push_back(Job{nullptr,
                         {},
                         {},
                         [&](Writer& writer) {
                             result = writer.checkpoint_all();
                             const std::lock_guard inner(mutex_);
                             finished = true;
                         },
                         {}});
    wake_.notify_one();
    idle_.wait(lock, [&] { return finished && !busy_; });
    return result;
}

std::vector<Writer::Job> Writer::take() {
    std::vector<Job> out;
    while (!queue_.empty() && out.size() < core_.options.group_units) {
        const bool alone = static_cast<bool>(queue_.front().alone);
        if (alone && !out.empty()) break;
        out.push_back(std::move(queue_.front()));
        queue_.pop_front();
        if (alone) break;
    }
    return out;
}

void Writer::loop() {
    std::unique_lock lock(mutex_);
    while (true) {
        const bool woken = wake_.wait_for(lock, kIdle, [&] { return !queue_.empty() || stopping_; });
        if (queue_.empty() && stopping_) return;
        busy_ = true;
        auto jobs = take();
        cleaning_.assign(journal_done_.begin(), journal_done_.end());
        const bool idle_work = !woken && !cleaning_.empty();
        lock.unlock();
        if (!jobs.empty() && jobs.front().alone) {
            jobs.front().alone(*this);
        } else if (!failed_ && (!jobs.empty() || idle_work)) {
            run_group(jobs);
        } else {
            for (auto& job : jobs) job.done(failed_store());
        }
        if (!failed_) checkpoint_when_due(!woken);
        lock.lock();
        cleaning_.clear();
        busy_ = false;
        idle_.notify_all();
    }
}

void Writer::run_group(std::vector<Job>& jobs) {
    const auto last_before = last_;
    redo_ = {};
    puts_.clear();
    auto done = begin();
    if (done) done = run_units(jobs);
    if (done) done = finish();
    if (!done) {
        fail_for_good(done.error().diagnostics);
        roll_back();
        last_ = last_before;
        for (auto& job : jobs) job.done(failed_store());
        return;
    }
    index_->keep();
    for (const auto& put : puts_) core_.cache.invalidate(put.type, put.id);
    core_.acknowledged = last_;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& id : cleaning_) journal_done_.erase(id);
    }
    for (auto& job : jobs) job.done(std::move(job.result));
}

base::Status Writer::begin() {
    if (auto begun = connection_->records.run("BEGIN IMMEDIATE"); !begun) return begun;
    return connection_->index.run("BEGIN IMMEDIATE");
}

base::Status Writer::run_units(std::vector<Job>& jobs) {
    for (auto& job : jobs) {
        if (auto done = run_unit(job); !done) return done;
    }
    return clean_journal(cleaning_);
}

// An error from here ends the whole group; the unit's own goes into job.result.
base::Status Writer::run_unit(Job& job) {
    const auto last = last_;
    const auto puts = puts_.size();
    const auto names = index_->mark();
    if (auto done = connection_->records.run("SAVEPOINT unit"); !done) return done;
    if (auto done = connection_->index.run("SAVEPOINT unit"); !done) return done;
    {
        WriterUnit unit(*this, *job.duty);
        job.result = job.work(unit);
        if (job.result) redo_.raw(unit.redo());
    }
    // On a full disk or an I/O error SQLite gives up the whole transaction by itself: the other units of the group are lost with it.
    if (!connection_->records.in_transaction() || !connection_->index.in_transaction()) {
        return base::fail(Kind::unavailable, job.result ? "a transaction ended by itself" : job.result.error().diagnostics);
    }
    if (!job.result) {
        if (auto done = connection_->records.run("ROLLBACK TO unit"); !done) return done;
        if (auto done = connection_->index.run("ROLLBACK TO unit"); !done) return done;
        last_ = last;
        puts_.resize(puts);
        index_->forget_since(names);
        connection_->search->forget_names();
    }
    if (auto done = connection_->records.run("RELEASE unit"); !done) return done;
    return connection_->index.run("RELEASE unit");
}

base::Status Writer::clean_journal(const std::vector<std::string>& event_ids) {
    for (const auto& id : event_ids) {
        if (auto done = connection_->table.remove_journal(id); !done) return done;
    }
    return {};
}

// The records first: the index can be brought up to them from the redo row, they cannot be brought up to the index.
base::Status Writer::finish() {
    if (!puts_.empty()) {
        const auto redo = seal_redo(core_, last_, redo_.bytes());
        if (!redo) return base::pass(redo);
        if (auto done = connection_->table.add_redo(last_, *redo); !done) return done;
        state_.applied = last_;
        if (auto done = index_->set_state(state_); !done) return done;
    }
    if (durable_index_ > 0) {
        if (auto done = connection_->table.drop_redo(durable_index_); !done) return done;
    }
    if (auto done = connection_->records.run("COMMIT"); !done) return done;
    durable_index_ = 0;
    // What the records hold is written, and whoever wrote it is told so.
    if (auto done = connection_->index.run("COMMIT"); !done) {
        core_.index_behind = true;
        fail_for_good(done.error().diagnostics);
    }
    return {};
}

base::Status Writer::takes_writes() const {
    return failed_ ? failed_store() : base::Status();
}

void Writer::roll_back() {
    for (auto* db : {&connection_->records, &connection_->index}) {
        if (!db->in_transaction()) continue;
        if (auto done = db->execute("ROLLBACK"); !done) base::log::error("rolling back failed: " + done.error().diagnostics);
    }
    index_->forget_since(0);
    connection_->search->forget_names();
}

void Writer::fail_for_good(std::string_view why) {
    failed_ = true;
    base::log::error("ALARM: the store takes no more writes: " + std::string(why));
}

base::Status Writer::checkpoint_index() {
    const auto whole = connection_->index.checkpoint(false);
    if (!whole) return base::pass(whole);
    if (*whole) durable_index_ = state_.applied;
    return {};
}

void Writer::checkpoint_when_due(bool idle) {
    const int pages = idle ? kIdleCheckpointPages : kCheckpointPages;
    base::Status done;
    if (idle && cut_due_) done = checkpoint_all();
    if (done && connection_->index.wal_pages() >= pages) done = checkpoint_index();
    if (done && connection_->records.wal_pages() >= pages) {
        if (auto whole = connection_->records.checkpoint(false); !whole) done = base::pass(whole);
    }
    // After a failed sync the kernel may have dropped the pages: what is on the disk is not known any more.
    if (!done) fail_for_good(done.error().diagnostics);
}

base::Status Writer::checkpoint_all() {
    std::vector<std::string> confirmed;
    {
        const std::lock_guard lock(mutex_);
        confirmed.assign(journal_done_.begin(), journal_done_.end());
    }
    const auto whole = connection_->index.checkpoint(true);
    if (!whole) return base::pass(whole);
    if (auto begun = connection_->records.run("BEGIN IMMEDIATE"); !begun) return begun;
    auto done = clean_journal(confirmed);
    if (done && *whole) done = connection_->table.drop_redo(state_.applied);
    if (done) done = connection_->records.run("COMMIT");
    if (!done) {
        roll_back();
        return done;
    }
    {
        const std::lock_guard lock(mutex_);
        for (const auto& id : confirmed) journal_done_.erase(id);
    }
    const auto flushed = connection_->records.checkpoint(true);
    if (!flushed) return base::pass(flushed);
    cut_due_ = !*whole || !*flushed;
    return {};
}

}  // namespace store
