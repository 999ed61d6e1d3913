#include "anchoring/chain/event_index.hpp"

#include "anchoring/chain/file.hpp"
#include "storage/base/log.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <pthread.h>

namespace chain {
namespace {

using base::Kind;
using store::Database;

constexpr base::TimeUs kSpanUs = 600'000'000;  // ten minutes: see span below
constexpr int kDuty = 3;                       // rests three times as long as it worked, unless somebody waits
constexpr std::size_t kPostSlice = 2000;

// ev: one row an entry. span: which entries were recorded in which ten minutes, so that a search by time need not walk the whole log
// although `recorded` is not strictly in log order. post: token -> entries.
constexpr std::string_view kTables =
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER, bytes BLOB) WITHOUT ROWID;"
    "CREATE TABLE subtype(code INTEGER PRIMARY KEY, text TEXT UNIQUE);"
    "CREATE TABLE ev(seq INTEGER PRIMARY KEY, recorded INTEGER, meta INTEGER, tokens BLOB);"
    "CREATE TABLE span(bucket INTEGER PRIMARY KEY, low INTEGER, high INTEGER);"
    "CREATE TABLE post(key INTEGER, seq INTEGER, PRIMARY KEY(key, seq)) WITHOUT ROWID;";

store::OpenOptions open_options() {
    store::OpenOptions out;
    out.sync = store::OpenOptions::Sync::normal;  // derived: what a power cut takes is indexed again
    return out;
}

std::int64_t as_i64(std::uint64_t v) {
    return static_cast<std::int64_t>(v);
}

base::Status set_meta(Database& db, std::string_view name, std::uint64_t value) {
    auto put = db.prepare("INSERT INTO meta(name,value) VALUES(?1,?2) ON CONFLICT(name) DO UPDATE SET value=?2");
    if (!put) return base::pass(put);
    return put->bind(1, name).bind(2, as_i64(value)).run();
}

base::Result<std::uint64_t> get_meta(Database& db, std::string_view name) {
    auto get = db.prepare("SELECT value FROM meta WHERE name=?");
    if (!get) return base::pass(get);
    const auto row = get->bind(1, name).step();
    if (!row) return base::pass(row);
    return *row ? static_cast<std::uint64_t>(get->integer(0)) : 0;
}

void remove_files(const std::string& path) {
    std::error_code ignored;  // absent is as good as removed; a file that stays is found when it is opened again
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) std::filesystem::remove(path + suffix, ignored);
}

// True when this file is the index of this log and not ahead of it.
base::Result<bool> usable(Database& db, const Token& log, std::uint64_t size) {
    auto table = db.prepare("SELECT count(*) FROM sqlite_master WHERE name='meta'");
    if (!table) return base::pass(table);
    const auto row = table->step();
    if (!row) return base::pass(row);
    if (table->integer(0) == 0) return false;
    auto own = db.prepare("SELECT bytes FROM meta WHERE name='log'");
    if (!own) return base::pass(own);
    const auto named = own->step();
    if (!named) return base::pass(named);
    if (!*named || !base::equal_constant_time(own->view(0), log)) return false;
    const auto indexed = get_meta(db, "indexed");
    if (!indexed) return base::pass(indexed);
    return *indexed <= size;
}

}  // namespace

std::int64_t EventIndex::posting_key(const Token& token) {
    base::Reader in(token);
    return static_cast<std::int64_t>(in.u64());
}

base::Status EventIndex::create_tables(Database& db, const Token& log) {
    if (auto ok = db.execute("BEGIN"); !ok) return ok;
    if (auto ok = db.execute(kTables); !ok) return ok;
    auto put = db.prepare("INSERT INTO meta(name,bytes) VALUES('log',?)");
    if (!put) return base::pass(put);
    if (auto ok = put->bind(1, base::ByteView(log)).run(); !ok) return ok;
    return db.execute("COMMIT");
}

base::Result<std::unique_ptr<EventIndex>> EventIndex::open(Options options, const crypto::Key& key, Source source, std::uint64_t size) {
    auto writer = Database::open(options.path, key, open_options());
    auto good = writer ? usable(*writer, options.log, size) : base::Result<bool>(false);
    if (!good || !*good) {
        if (file_exists(options.path) && size > 0) base::log::warn("the audit index is not usable and is built again from the log");
        writer = base::fail(Kind::fault, "closed");  // before its files go
        remove_files(options.path);
        writer = Database::open(options.path, key, open_options());
        if (!writer) return base::pass(writer);
        if (auto made = create_tables(*writer, options.log); !made) return base::pass(made);
    }
    auto reader = Database::open(options.path, key, open_options());
    if (!reader) return base::pass(reader);
    auto finder = Database::open(options.path, key, open_options());
    if (!finder) return base::pass(finder);
    return std::unique_ptr<EventIndex>(
        new EventIndex(std::move(options), std::move(*writer), std::move(*reader), std::move(*finder), std::move(source)));
}

base::Result<std::unique_ptr<EventIndex>> EventIndex::open_existing(const std::string& path, const crypto::Key& key,
                                                                    base::ByteView log_salt) {
    Options options{path, {}, 0, 0, 0, 0};
    std::copy_n(log_salt.begin(), options.log.size(), options.log.begin());
    auto writer = Database::open(path, key, open_options());
    if (!writer) return base::pass(writer);
    const auto good = usable(*writer, options.log, UINT64_MAX);
    if (!good) return base::pass(good);
    if (!*good) return base::fail(Kind::corrupt, "it is not the index of this log");
    auto reader = Database::open(path, key, open_options());
    if (!reader) return base::pass(reader);
    auto finder = Database::open(path, key, open_options());
    if (!finder) return base::pass(finder);
    std::unique_ptr<EventIndex> out(
        new EventIndex(std::move(options), std::move(*writer), std::move(*reader), std::move(*finder), nullptr));
    if (auto ok = out->load(); !ok) return base::pass(ok);
    return out;
}

EventIndex::EventIndex(Options options, Database writer, Database reader, Database finder, Source source)
    : options_(std::move(options)),
      writer_(std::move(writer)),
      reader_(std::move(reader)),
      finder_(std::move(finder)),
      source_(std::move(source)) {}

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

void EventIndex::offer(std::vector<IndexRow> rows) {
    if (rows.empty()) return;
    bool first = false;
    {
        const std::lock_guard lock(mutex_);
        first = waiting_.empty();
        offered_ = std::max(offered_, rows.back().seq + 1);
        if (waiting_.size() + rows.size() > options_.backlog_rows) return;  // the log has them
        waiting_.insert(waiting_.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
    }
    if (first) wake_.notify_one();
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
    return indexed_;
}

base::Status EventIndex::wait_for(std::uint64_t size) {
    std::unique_lock lock(mutex_);
    if (loaded_ && indexed_ >= size) return {};
    wanted_ = std::max(wanted_, size);
    offered_ = std::max(offered_, size);
    wake_.notify_one();
    done_.wait(lock, [&] { return (loaded_ && indexed_ >= size) || ended_; });
    if (loaded_ && indexed_ >= size) return {};
    if (!failed_) return base::fail(Kind::unavailable, "the audit index does not keep up: " + failed_.error().diagnostics);
    return base::fail(Kind::unavailable, "the audit index was stopped");
}

base::Status EventIndex::rebuild(std::uint64_t size, const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    bool dead = false;
    {
        const std::lock_guard lock(mutex_);
        reset_ = true;
        loaded_ = false;
        indexed_ = 0;
        dead = !failed_;
        failed_ = {};
    }
    if (dead) {
        thread_.join();
        const auto no_transaction_is_fine = writer_.execute("ROLLBACK");  // the error may have come in the middle of one
        static_cast<void>(no_transaction_is_fine);
        start();
    }
    for (std::uint64_t done = 0; done < size;) {
        const auto next = std::min(size, done + 20'000);
        if (auto ok = wait_for(next); !ok) return ok;
        done = next;
        if (progress) progress(done, size);
    }
    return wait_for(size);
}

// Fills the memory side from the file: what is in ev and not yet in post.
base::Status EventIndex::load() {
    bool reset = false;
    {
        const std::lock_guard lock(mutex_);
        reset = std::exchange(reset_, false);
    }
    if (reset) {
        if (auto ok = writer_.execute(
                "BEGIN;DELETE FROM ev;DELETE FROM span;DELETE FROM post;DELETE FROM subtype;DELETE FROM meta WHERE name<>'log';COMMIT");
            !ok)
            return ok;
    }
    const auto indexed = get_meta(writer_, "indexed"), posted = get_meta(writer_, "posted");
    if (!indexed) return base::pass(indexed);
    if (!posted) return base::pass(posted);
    std::vector<Posting> unposted;
    std::unordered_map<Token, std::uint64_t, TokenHash> unposted_ids;
    auto rows = writer_.prepare("SELECT seq,tokens FROM ev WHERE seq>=? ORDER BY seq");
    if (!rows) return base::pass(rows);
    rows->bind(1, as_i64(*posted));
    for (;;) {
        const auto row = rows->step();
        if (!row) return base::pass(row);
        if (!*row) break;
        base::Reader in(rows->view(1));
        unposted_ids.emplace(base::Reader(rows->view(1)).array<16>(), static_cast<std::uint64_t>(rows->integer(0)));
        while (in.left() >= sizeof(Token)) unposted.push_back({posting_key(in.array<16>()), static_cast<std::uint64_t>(rows->integer(0))});
    }
    std::map<std::string, std::int64_t> subtypes;
    auto codes = writer_.prepare("SELECT code,text FROM subtype");
    if (!codes) return base::pass(codes);
    for (;;) {
        const auto row = codes->step();
        if (!row) return base::pass(row);
        if (!*row) break;
        subtypes.emplace(codes->text(1), codes->integer(0));
    }
    const std::lock_guard lock(mutex_);
    unposted_ = std::move(unposted);
    unposted_ids_ = std::move(unposted_ids);
    subtypes_ = std::move(subtypes);
    indexed_ = *indexed;
    posted_ = *posted;
    loaded_ = true;
    done_.notify_all();
    return {};
}

void EventIndex::run() {
    ::pthread_setname_np(::pthread_self(), "kedge-index");
    const auto ok = work();
    if (!ok) base::log::error("the audit index stopped: " + ok.error().diagnostics);
    const std::lock_guard lock(mutex_);
    failed_ = ok;
    ended_ = true;
    done_.notify_all();
}

base::Status EventIndex::work() {
    for (;;) {
        bool loaded = false;
        {
            std::unique_lock lock(mutex_);
            if (loaded_) {
                wake_.wait(lock, [&] { return stopping_ || reset_ || offered_ > indexed_; });
                // Gathers for a while, so that a commit holds many rows; who waits for the index does not wait for that.
                wake_.wait_for(lock, std::chrono::milliseconds(options_.batch_ms),
                               [&] { return stopping_ || reset_ || wanted_ > indexed_; });
            }
            if (stopping_) return {};
            loaded = loaded_ && !reset_;
        }
        if (!loaded) {
            if (auto ok = load(); !ok) return ok;
        }
        for (bool more = true; more;) {
            const auto start = std::chrono::steady_clock::now();
            const auto stepped = step();
            if (!stepped) return base::pass(stepped);
            more = *stepped && !stopped();
            if (more && unposted_entries() >= options_.run_rows) {
                if (auto ok = post_run(); !ok) return ok;
            }
            if (more) rest(std::chrono::steady_clock::now() - start);
        }
    }
}

std::size_t EventIndex::unposted_entries() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(indexed_ - posted_);
}

// Leaves the processor to the traffic, unless a search waits, or it falls behind: what is not indexed costs memory, here and in the log's
// window.
void EventIndex::rest(std::chrono::steady_clock::duration worked) {
    std::unique_lock lock(mutex_);
    if (offered_ > indexed_ + options_.backlog_rows / 2) return;
    wake_.wait_for(lock, worked * kDuty, [&] { return stopping_ || reset_ || wanted_ > indexed_; });
}

base::Result<bool> EventIndex::step() {
    std::uint64_t from = 0, target = 0;
    {
        const std::lock_guard lock(mutex_);
        if (reset_) return false;
        from = indexed_;
        target = offered_;
    }
    if (from >= target) return false;
    const auto rows = take_batch(from);
    if (!rows) return base::pass(rows);
    if (rows->empty()) return base::fail(Kind::corrupt, "entry " + std::to_string(from) + " cannot be found in the log");
    if (auto ok = insert(*rows); !ok) return base::pass(ok);
    const std::lock_guard lock(mutex_);
    if (reset_) return false;
    for (const auto& row : *rows) {
        unposted_.push_back({posting_key(row.id), row.seq});
        unposted_ids_.emplace(row.id, row.seq);
        for (const auto& token : row.tokens) unposted_.push_back({posting_key(token), row.seq});
    }
    indexed_ = rows->back().seq + 1;
    done_.notify_all();
    return true;
}

// From what was handed over when that fits on, else from the log.
base::Result<std::vector<IndexRow>> EventIndex::take_batch(std::uint64_t from) {
    std::vector<IndexRow> rows;
    std::size_t limit = options_.batch_rows;
    {
        const std::lock_guard lock(mutex_);
        while (!waiting_.empty() && waiting_.front().seq < from) waiting_.pop_front();
        while (!waiting_.empty() && rows.size() < limit && waiting_.front().seq == from + rows.size()) {
            rows.push_back(std::move(waiting_.front()));
            waiting_.pop_front();
        }
        if (!waiting_.empty() && waiting_.front().seq > from) limit = std::min<std::size_t>(limit, waiting_.front().seq - from);
    }
    if (!rows.empty()) return rows;
    return source_(from, limit);
}

base::Result<std::int64_t> EventIndex::subtype_code(const std::string& text) {
    {
        const std::lock_guard lock(mutex_);
        const auto known = subtypes_.find(text);
        if (known != subtypes_.end()) return known->second;
    }
    auto put = writer_.prepare("INSERT INTO subtype(text) VALUES(?)");
    if (!put) return base::pass(put);
    if (auto ok = put->bind(1, text).run(); !ok) return base::pass(ok);
    const auto code = writer_.last_insert_rowid();
    const std::lock_guard lock(mutex_);
    subtypes_.emplace(text, code);
    return code;
}

base::Status EventIndex::insert(const std::vector<IndexRow>& rows) {
    if (auto ok = writer_.execute("BEGIN"); !ok) return ok;
    std::map<std::int64_t, std::pair<std::uint64_t, std::uint64_t>> spans;
    auto put = writer_.prepare("INSERT INTO ev(seq,recorded,meta,tokens) VALUES(?,?,?,?)");
    if (!put) return base::pass(put);
    base::Bytes tokens;
    for (const auto& row : rows) {
        const auto code = subtype_code(row.subtype);
        if (!code) return base::pass(code);
        const auto meta = static_cast<std::int64_t>(static_cast<std::uint8_t>(row.action)) | std::int64_t{row.outcome} << 8 |
                          static_cast<std::int64_t>(row.kind) << 16 | *code << 24;
        tokens.assign(row.id.begin(), row.id.end());
        for (const auto& token : row.tokens) tokens.insert(tokens.end(), token.begin(), token.end());
        put->reset();
        if (auto ok = put->bind(1, as_i64(row.seq)).bind(2, row.recorded_us).bind(3, meta).bind(4, base::ByteView(tokens)).run(); !ok)
            return ok;
        const auto [span, first] = spans.emplace(row.recorded_us / kSpanUs, std::pair(row.seq, row.seq));
        if (!first) span->second.second = row.seq;
    }
    auto widen = writer_.prepare(
        "INSERT INTO span(bucket,low,high) VALUES(?1,?2,?3) ON CONFLICT(bucket) DO UPDATE SET low=min(low,?2), high=max(high,?3)");
    if (!widen) return base::pass(widen);
    for (const auto& [bucket, range] : spans) {
        widen->reset();
        if (auto ok = widen->bind(1, bucket).bind(2, as_i64(range.first)).bind(3, as_i64(range.second)).run(); !ok) return ok;
    }
    if (auto ok = set_meta(writer_, "indexed", rows.back().seq + 1); !ok) return ok;
    return writer_.execute("COMMIT");
}

// Sorted, so that each page of the tree is visited once. In slices, each with its own commit: between them the processor goes to the
// traffic, or to a search that waits for rows. A crash in between leaves postings that are inserted again: OR IGNORE.
base::Status EventIndex::post_run() {
    std::vector<Posting> run;
    std::uint64_t upto = 0;
    {
        const std::lock_guard lock(mutex_);
        run = unposted_;
        upto = indexed_;
    }
    const auto count = run.size();
    std::sort(run.begin(), run.end());
    run.erase(std::unique(run.begin(), run.end()), run.end());
    for (std::size_t at = 0; at < run.size(); at += kPostSlice) {
        const auto start = std::chrono::steady_clock::now();
        if (auto ok = post_slice(std::span(run).subspan(at, std::min(kPostSlice, run.size() - at))); !ok) return ok;
        rest(std::chrono::steady_clock::now() - start);
        if (stopped()) return {};
        if (searched()) {
            const auto stepped = step();
            if (!stepped) return base::pass(stepped);
        }
    }
    if (auto ok = set_meta(writer_, "posted", upto); !ok) return ok;
    const std::lock_guard lock(mutex_);
    if (reset_) return {};
    unposted_.erase(unposted_.begin(), unposted_.begin() + static_cast<std::ptrdiff_t>(count));
    std::erase_if(unposted_ids_, [&](const auto& item) { return item.second < upto; });
    posted_ = upto;
    return {};
}

base::Status EventIndex::post_slice(std::span<const Posting> slice) {
    if (auto ok = writer_.execute("BEGIN"); !ok) return ok;
    auto put = writer_.prepare("INSERT OR IGNORE INTO post(key,seq) VALUES(?,?)");
    if (!put) return base::pass(put);
    for (const auto& posting : slice) {
        put->reset();
        if (auto ok = put->bind(1, posting.key).bind(2, as_i64(posting.seq)).run(); !ok) return ok;
    }
    return writer_.execute("COMMIT");
}

bool EventIndex::stopped() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

bool EventIndex::searched() const {
    const std::lock_guard lock(mutex_);
    return wanted_ > indexed_;
}

}  // namespace chain
