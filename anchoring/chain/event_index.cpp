#include "anchoring/chain/event_index.hpp"

#include "anchoring/chain/file.hpp"
#include "storage/base/log.hpp"
#include "storage/base/thread.hpp"

#include <algorithm>
#include <filesystem>


namespace chain {
namespace {

using base::Kind;
using store::Database;

constexpr int kDuty = 3;  // rests three times as long as it worked, unless somebody waits
constexpr std::size_t kCatchUpRows = 4096;

void remove_files(const std::string& path) {
    std::error_code ignored;  // absent is as good as removed; a file that stays is found when it is opened again
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(path + suffix, ignored);
}

}  // namespace

base::Result<std::unique_ptr<EventIndex>> EventIndex::open(Options options, const crypto::Key& key, Source source, std::uint64_t size) {
    const bool was_there = file_exists(options.path);
    auto writer = Database::open(options.path, key, index_open_options());
    auto good = writer ? index_usable(*writer, options.log, size) : base::Result<bool>(false);
    if (!good || !*good) {
        if (was_there && size > 0) base::log::warn("the audit index is not usable and is built again from the log");
        writer = base::fail(Kind::fault, "closed");  // before its files go
        remove_files(options.path);
        writer = Database::open(options.path, key, index_open_options());
        if (!writer) return base::pass(writer);
        if (auto made = create_index(*writer, options.log); !made) return base::pass(made);
    }
    auto reader = Database::open(options.path, key, index_open_options());
    if (!reader) return base::pass(reader);
    auto finder = Database::open(options.path, key, index_open_options());
    if (!finder) return base::pass(finder);
    std::unique_ptr<EventIndex> out(
        new EventIndex(std::move(options), key.copy(), std::move(*writer), std::move(*reader), std::move(*finder), std::move(source)));
    if (auto ok = out->load(); !ok) return base::pass(ok);
    return out;
}

base::Result<std::unique_ptr<EventIndex>> EventIndex::open_existing(const std::string& path, const crypto::Key& key,
                                                                    base::ByteView log_salt) {
    Options options{path};
    std::copy_n(log_salt.begin(), options.log.size(), options.log.begin());
    auto writer = Database::open(path, key, index_open_options());
    if (!writer) return base::pass(writer);
    const auto good = index_usable(*writer, options.log, UINT64_MAX);
    if (!good) return base::pass(good);
    if (!*good) return base::fail(Kind::corrupt, "it is not the index of this log");
    auto reader = Database::open(path, key, index_open_options());
    if (!reader) return base::pass(reader);
    auto finder = Database::open(path, key, index_open_options());
    if (!finder) return base::pass(finder);
    std::unique_ptr<EventIndex> out(
        new EventIndex(std::move(options), key.copy(), std::move(*writer), std::move(*reader), std::move(*finder), nullptr));
    if (auto ok = out->load(); !ok) return base::pass(ok);
    return out;
}

EventIndex::EventIndex(Options options, crypto::Key key, Database writer, Database reader, Database finder, Source source)
    : options_(std::move(options)),
      key_(std::move(key)),
      source_(std::move(source)),
      reader_(std::move(reader)),
      finder_(std::move(finder)),
      writer_(std::move(writer)) {}

EventIndex::~EventIndex() {
    stop();
}

void EventIndex::start() {
    ended_ = false;
    thread_ = std::thread([this] { run(); });
}

void EventIndex::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

// A row that does not follow what is here, or for which there is no room, is read from the log later.
void EventIndex::offer(std::vector<IndexRow> rows) {
    if (rows.empty()) return;
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        offered_ = std::max(offered_, rows.back().seq + 1);
        if (!reset_ && recent_.size() + rows.size() <= options_.backlog_rows) add(std::move(rows));
        if (waiting_ > 0) done_.notify_all();
        wake = idle_ && (recent_.size() >= options_.run_rows || recent_.end() < offered_);
    }
    if (wake) wake_.notify_one();
}

// Under mutex_. What was read from the log may be handed over as well: each row comes in once.
void EventIndex::add(std::vector<IndexRow> rows) {
    for (auto& row : rows) {
        if (row.seq == recent_.end()) recent_.add(std::move(row));
    }
}

void EventIndex::expect(std::uint64_t size) {
    {
        const std::lock_guard lock(mutex_);
        offered_ = std::max(offered_, size);
    }
    wake_.notify_one();
}

std::uint64_t EventIndex::indexed() const {
    const std::lock_guard lock(mutex_);
    return recent_.end();
}

base::Result<std::unique_ptr<EventIndex::Opened>> EventIndex::look() {
    auto db = Database::open(options_.path, key_, index_open_options());
    if (!db) return base::pass(db);
    auto out = std::make_unique<Opened>(Opened{std::move(*db), nullptr});
    auto view = IndexView::take(out->db, recent());
    if (!view) return base::pass(view);
    out->view = std::move(*view);
    return out;
}

Recent::View EventIndex::recent() const {
    const std::lock_guard lock(mutex_);
    return recent_.view();
}

base::Status EventIndex::wait_for(std::uint64_t size) {
    std::unique_lock lock(mutex_);
    const auto there = [&] { return !reset_ && recent_.end() >= size; };
    if (there()) return {};
    offered_ = std::max(offered_, size);
    ++waiting_;
    wake_.notify_one();
    done_.wait(lock, [&] { return there() || ended_; });
    --waiting_;
    if (there()) return {};
    if (!failed_) return base::fail(Kind::unavailable, "the audit index does not keep up: " + failed_.error().diagnostics);
    return base::fail(Kind::unavailable, "the audit index was stopped");
}

base::Status EventIndex::rebuild(std::uint64_t size, const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    bool dead = false;
    {
        const std::lock_guard lock(mutex_);
        reset_ = true;
        offered_ = std::max(offered_, size);
        dead = !failed_;
        failed_ = {};
    }
    if (dead) {
        thread_.join();
        start();
    }
    wake_.notify_one();
    for (std::uint64_t done = 0; done < size;) {
        const auto next = std::min(size, done + 20'000);
        if (auto ok = wait_for(next); !ok) return ok;
        done = next;
        if (progress) progress(done, size);
    }
    return wait_for(size);
}

void EventIndex::run() {
    base::place_thread("kedge-index");
    const auto ok = work();
    if (!ok) base::log::error("the audit index stopped: " + ok.error().diagnostics);
    const std::lock_guard lock(mutex_);
    failed_ = ok;
    ended_ = true;
    done_.notify_all();
}

// What the file has, and nothing in memory.
base::Status EventIndex::load() {
    auto runs = read_runs(writer_);
    if (!runs) return base::pass(runs);
    auto subtypes = read_subtypes(writer_);
    if (!subtypes) return base::pass(subtypes);
    const auto number = highest_run_number(writer_);
    if (!number) return base::pass(number);
    last_number_ = *number;
    runs_ = std::move(*runs);
    subtypes_ = std::move(*subtypes);
    merges_.clear();
    look_for_left_over_ = true;
    const std::lock_guard lock(mutex_);
    recent_.restart(runs_.empty() ? 0 : runs_.back().high);
    return {};
}

base::Status EventIndex::begin_again() {
    if (auto ok = empty_index(writer_); !ok) return ok;
    if (auto ok = load(); !ok) return ok;
    const std::lock_guard lock(mutex_);
    reset_ = false;
    return {};
}

base::Status EventIndex::work() {
    for (;;) {
        const auto start = std::chrono::steady_clock::now();
        bool stop = false, again = false, full = false;
        {
            const std::lock_guard lock(mutex_);
            stop = stopping_;
            again = reset_;
            full = recent_.size() >= options_.run_rows;
        }
        if (again && !stop) {
            if (auto ok = begin_again(); !ok) return ok;
            continue;
        }
        if (stop) return again ? base::Status() : write_all();
        base::Result<bool> busy = full;
        if (full) {
            if (auto ok = write_run(); !ok) return ok;
        } else {
            busy = catch_up();
            if (busy && !*busy) busy = tidy();
            if (!busy) return base::pass(busy);
        }
        if (*busy) {
            rest(std::chrono::steady_clock::now() - start);
            continue;
        }
        std::unique_lock lock(mutex_);
        idle_ = true;
        wake_.wait(lock, [&] { return stopping_ || reset_ || recent_.size() >= options_.run_rows || recent_.end() < offered_; });
        idle_ = false;
    }
}

// Leaves the processor to the traffic, unless somebody waits, or memory fills.
void EventIndex::rest(std::chrono::steady_clock::duration worked) {
    std::unique_lock lock(mutex_);
    if (recent_.end() < offered_ || recent_.size() > options_.backlog_rows / 2) return;
    wake_.wait_for(lock, worked * kDuty, [&] { return stopping_ || reset_ || waiting_ > 0; });
}

base::Result<bool> EventIndex::catch_up() {
    std::uint64_t from = 0;
    {
        const std::lock_guard lock(mutex_);
        from = recent_.end();
        if (from >= offered_) return false;
    }
    auto rows = source_(from, kCatchUpRows);
    if (!rows) return base::pass(rows);
    if (rows->empty()) return base::fail(Kind::corrupt, "entry " + std::to_string(from) + " cannot be found in the log");
    const std::lock_guard lock(mutex_);
    if (!reset_) add(std::move(*rows));
    done_.notify_all();
    return true;
}

}  // namespace chain
