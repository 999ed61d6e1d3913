#include "anchoring/chain/index_file.hpp"

#include <algorithm>

namespace chain {
namespace {

using store::Database;

constexpr std::int64_t kFormat = 2;
constexpr base::TimeUs kSpanUs = 600'000'000;

constexpr std::string_view kTables =
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER, bytes BLOB) WITHOUT ROWID;"
    "CREATE TABLE subtype(code INTEGER PRIMARY KEY, text TEXT UNIQUE);"
    "CREATE TABLE run(number INTEGER PRIMARY KEY, level INTEGER, low INTEGER, high INTEGER);"
    "CREATE TABLE post(run INTEGER, first BLOB, block BLOB, PRIMARY KEY(run, first)) WITHOUT ROWID;"
    "CREATE TABLE ev(first INTEGER PRIMARY KEY, block BLOB);"
    "CREATE TABLE span(bucket INTEGER PRIMARY KEY, low INTEGER, high INTEGER);";

std::int64_t as_i64(std::uint64_t v) {
    return static_cast<std::int64_t>(v);
}

}  // namespace

store::OpenOptions index_open_options() {
    store::OpenOptions out;
    out.sync = store::OpenOptions::Sync::normal;  // derived: what a power cut takes is indexed again
    return out;
}

base::Status create_index(Database& db, const Token& log) {
    Transaction all(db);
    if (!all.began()) return all.began();
    if (auto ok = db.execute(kTables); !ok) return ok;
    auto put = db.prepare("INSERT INTO meta(name,value,bytes) VALUES('log',?,?)");
    if (!put) return base::pass(put);
    if (auto ok = put->bind(1, kFormat).bind(2, base::ByteView(log)).run(); !ok) return ok;
    return all.commit();
}

base::Result<bool> index_usable(Database& db, const Token& log, std::uint64_t size) {
    auto table = db.prepare("SELECT count(*) FROM sqlite_master WHERE name='meta'");
    if (!table) return base::pass(table);
    if (const auto row = table->step(); !row) return base::pass(row);
    if (table->integer(0) == 0) return false;
    auto own = db.prepare("SELECT value,bytes FROM meta WHERE name='log'");
    if (!own) return base::pass(own);
    const auto named = own->step();
    if (!named) return base::pass(named);
    if (!*named || own->integer(0) != kFormat || !base::equal_constant_time(own->view(1), log)) return false;
    const auto runs = read_runs(db);
    if (!runs) return base::pass(runs);
    return runs->empty() || runs->back().high <= size;
}

base::Status empty_index(Database& db) {
    return db.execute("BEGIN;DELETE FROM run;DELETE FROM post;DELETE FROM ev;DELETE FROM span;DELETE FROM subtype;COMMIT");
}

base::Result<std::vector<Run>> read_runs(Database& db) {
    std::vector<Run> out;
    auto rows = db.prepare("SELECT number,level,low,high FROM run ORDER BY low");
    if (!rows) return base::pass(rows);
    std::uint64_t next = 0;
    for (;;) {
        const auto row = rows->step();
        if (!row) return base::pass(row);
        if (!*row) return out;
        const Run run{rows->integer(0), rows->integer(1), static_cast<std::uint64_t>(rows->integer(2)),
                      static_cast<std::uint64_t>(rows->integer(3))};
        if (run.low != std::exchange(next, run.high) || run.high <= run.low)
            return base::fail(base::Kind::corrupt, "the runs of the audit index do not follow each other");
        out.push_back(run);
    }
}

base::Result<std::map<std::string, std::uint32_t>> read_subtypes(Database& db) {
    std::map<std::string, std::uint32_t> out;
    auto rows = db.prepare("SELECT code,text FROM subtype");
    if (!rows) return base::pass(rows);
    for (;;) {
        const auto row = rows->step();
        if (!row) return base::pass(row);
        if (!*row) return out;
        out.emplace(rows->text(1), static_cast<std::uint32_t>(rows->integer(0)));
    }
}

base::Result<std::int64_t> highest_run_number(Database& db) {
    auto most = db.prepare("SELECT max(coalesce((SELECT max(number) FROM run),0), coalesce((SELECT max(run) FROM post),0))");
    if (!most) return base::pass(most);
    if (const auto row = most->step(); !row) return base::pass(row);
    return most->integer(0);
}

base::Result<std::optional<std::int64_t>> left_over(Database& db, const std::vector<Run>& runs) {
    auto next = db.prepare("SELECT run FROM post WHERE run>? ORDER BY run LIMIT 1");
    if (!next) return base::pass(next);
    for (std::int64_t at = -1;;) {
        next->reset();
        const auto row = next->bind(1, at).step();
        if (!row) return base::pass(row);
        if (!*row) return std::nullopt;
        at = next->integer(0);
        if (std::none_of(runs.begin(), runs.end(), [&](const Run& run) { return run.number == at; })) return at;
    }
}

base::Result<bool> remove_blocks(Database& db, std::int64_t run) {
    auto some = db.prepare(
        "DELETE FROM post WHERE run=?1 AND first<=coalesce((SELECT first FROM post WHERE run=?1 ORDER BY first LIMIT 1 OFFSET 2000), "
        "(SELECT max(first) FROM post WHERE run=?1))");
    if (!some) return base::pass(some);
    if (auto ok = some->bind(1, run).run(); !ok) return base::pass(ok);
    return db.changes() < 2000;
}

Transaction::~Transaction() {
    if (!open_ || !began_ || !db_.in_transaction()) return;
    const auto ok = db_.run("ROLLBACK");
    static_cast<void>(ok);  // the error that brought us here is the one to tell
}

base::Status Transaction::commit() {
    auto ok = db_.run("COMMIT");
    open_ = !ok;
    return ok;
}

base::Status put_block(Database& db, std::int64_t run, const BlockKey& key, base::ByteView block) {
    auto put = db.prepare("INSERT INTO post(run,first,block) VALUES(?,?,?)");
    if (!put) return base::pass(put);
    return put->bind(1, run).bind(2, base::ByteView(key)).bind(3, block).run();
}

base::Status put_run(Database& db, const Run& run) {
    auto put = db.prepare("INSERT INTO run(number,level,low,high) VALUES(?,?,?,?)");
    if (!put) return base::pass(put);
    return put->bind(1, run.number).bind(2, run.level).bind(3, as_i64(run.low)).bind(4, as_i64(run.high)).run();
}

base::Status drop_run(Database& db, std::int64_t number) {
    auto drop = db.prepare("DELETE FROM run WHERE number=?");
    if (!drop) return base::pass(drop);
    return drop->bind(1, number).run();
}

base::Status put_facts(Database& db, std::uint64_t first_seq, std::span<const EventFacts> facts) {
    auto put = db.prepare("INSERT INTO ev(first,block) VALUES(?,?)");
    if (!put) return base::pass(put);
    const auto block = encode_facts(facts);
    return put->bind(1, as_i64(first_seq)).bind(2, base::ByteView(block)).run();
}

base::Result<std::uint32_t> put_subtype(Database& db, const std::string& text) {
    auto put = db.prepare("INSERT INTO subtype(text) VALUES(?)");
    if (!put) return base::pass(put);
    if (auto ok = put->bind(1, text).run(); !ok) return base::pass(ok);
    return static_cast<std::uint32_t>(db.last_insert_rowid());
}

void Spans::add(base::TimeUs recorded_us, std::uint64_t seq) {
    const auto [span, first] = of.emplace(recorded_us / kSpanUs, std::pair(seq, seq));
    if (!first) span->second.second = seq;
}

base::Status Spans::put(Database& db) const {
    auto widen = db.prepare(
        "INSERT INTO span(bucket,low,high) VALUES(?1,?2,?3) ON CONFLICT(bucket) DO UPDATE SET low=min(low,?2), high=max(high,?3)");
    if (!widen) return base::pass(widen);
    for (const auto& [bucket, range] : of) {
        widen->reset();
        if (auto ok = widen->bind(1, bucket).bind(2, as_i64(range.first)).bind(3, as_i64(range.second)).run(); !ok) return ok;
    }
    return {};
}

base::Result<std::uint64_t> lowest_from(Database& db, base::TimeUs from_us) {
    auto low = db.prepare("SELECT min(low) FROM span WHERE bucket>=?");
    if (!low) return base::pass(low);
    if (const auto row = low->bind(1, from_us / kSpanUs).step(); !row) return base::pass(row);
    return low->is_null(0) ? UINT64_MAX : static_cast<std::uint64_t>(low->integer(0));
}

base::Result<std::uint64_t> end_before(Database& db, base::TimeUs before_us) {
    auto high = db.prepare("SELECT max(high) FROM span WHERE bucket<=?");
    if (!high) return base::pass(high);
    if (const auto row = high->bind(1, before_us / kSpanUs).step(); !row) return base::pass(row);
    return high->is_null(0) ? 0 : static_cast<std::uint64_t>(high->integer(0)) + 1;
}

}  // namespace chain
