#include "anchoring/outbox/table.hpp"

namespace outbox {
namespace {

constexpr std::string_view kColumns =
    "id, nonce, kind, recipient, calldata, gas, fee, tip, raw, txn_hash, earlier, state, reason, block, block_hash, sent_us, attempts,"
    " carrier, handling";

base::ByteView view_of(const Hash& hash) {
    return {hash.data(), hash.size()};
}
base::ByteView view_of(const Address& address) {
    return {address.bytes.data(), address.bytes.size()};
}

Hash hash_of(base::ByteView bytes) {
    Hash out{};
    if (bytes.size() == out.size()) std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

FullRow read(store::Statement& row) {
    FullRow out;
    out.id = static_cast<std::uint64_t>(row.integer(0));
    if (!row.is_null(1)) out.nonce = static_cast<std::uint64_t>(row.integer(1));
    out.kind = row.text(2);
    if (const auto to = row.view(3); to.size() == out.to.bytes.size()) std::copy(to.begin(), to.end(), out.to.bytes.begin());
    out.data = row.blob(4);
    out.gas_limit = static_cast<std::uint64_t>(row.integer(5));
    out.fees = {static_cast<std::uint64_t>(row.integer(7)), static_cast<std::uint64_t>(row.integer(6))};
    out.raw = row.blob(8);
    out.txn_hash = hash_of(row.view(9));
    const auto earlier = row.view(10);
    for (std::size_t at = 0; at + 32 <= earlier.size(); at += 32) out.earlier.push_back(hash_of(earlier.subspan(at, 32)));
    out.state = static_cast<State>(row.integer(11));
    out.reason = row.text(12);
    out.block_number = static_cast<std::uint64_t>(row.integer(13));
    out.block_hash = hash_of(row.view(14));
    out.sent_us = row.integer(15);
    out.attempts = static_cast<std::uint32_t>(row.integer(16));
    out.carrier = static_cast<std::uint64_t>(row.integer(17));
    out.handling = static_cast<Handling>(row.integer(18));
    return out;
}

base::Result<std::vector<FullRow>> all(store::Statement& s) {
    std::vector<FullRow> out;
    for (;;) {
        const auto more = s.step();
        if (!more) return base::pass(more);
        if (!*more) return out;
        out.push_back(read(s));
    }
}

// What does not change comes first in both statements, so that they bind alike from `first` on.
void bind_changing(store::Statement& s, int first, const FullRow& row) {
    if (row.nonce)
        s.bind(first, static_cast<std::int64_t>(*row.nonce));
    else
        s.bind_null(first);
    s.bind(first + 1, static_cast<std::int64_t>(row.fees.max_fee_per_gas))
        .bind(first + 2, static_cast<std::int64_t>(row.fees.max_priority_fee_per_gas));
    s.bind(first + 3, base::ByteView(row.raw)).bind(first + 4, view_of(row.txn_hash));
    base::Bytes earlier;
    for (const auto& hash : row.earlier) earlier.insert(earlier.end(), hash.begin(), hash.end());
    s.bind(first + 5, base::ByteView(earlier))
        .bind(first + 6, static_cast<std::int64_t>(row.state))
        .bind(first + 7, std::string_view(row.reason));
    s.bind(first + 8, static_cast<std::int64_t>(row.block_number)).bind(first + 9, view_of(row.block_hash));
    s.bind(first + 10, row.sent_us).bind(first + 11, static_cast<std::int64_t>(row.attempts));
    s.bind(first + 12, static_cast<std::int64_t>(row.carrier)).bind(first + 13, static_cast<std::int64_t>(row.handling));
}

void bind_account(store::Statement& s, int first, const Account& account) {
    const base::Bytes chain = base::Writer().u64(account.chain_id).raw(view_of(account.consent_ledger)).take();
    s.bind(first, view_of(account.sender)).bind(first + 1, base::ByteView(chain));
}

}  // namespace

base::Status make_table(store::Database& database) {
    auto made = database.execute(
        "CREATE TABLE IF NOT EXISTS outbox("
        "id INTEGER PRIMARY KEY AUTOINCREMENT, sender BLOB NOT NULL, chain BLOB NOT NULL, kind TEXT NOT NULL, recipient BLOB NOT NULL,"
        "calldata BLOB NOT NULL, gas INTEGER NOT NULL, nonce INTEGER, fee INTEGER NOT NULL, tip INTEGER NOT NULL, raw BLOB NOT NULL,"
        "txn_hash BLOB NOT NULL, earlier BLOB NOT NULL, state INTEGER NOT NULL, reason TEXT NOT NULL, block INTEGER NOT NULL,"
        "block_hash BLOB NOT NULL, sent_us INTEGER NOT NULL, attempts INTEGER NOT NULL);"
        // The database itself keeps one nonce from being given twice.
        "CREATE UNIQUE INDEX IF NOT EXISTS outbox_nonce ON outbox(sender, chain, nonce) WHERE nonce IS NOT NULL;"
        "CREATE INDEX IF NOT EXISTS outbox_open ON outbox(state) WHERE state < 4;");
    if (!made) return made;
    auto there = database.prepare("SELECT 1 FROM pragma_table_info('outbox') WHERE name = 'carrier'");
    if (!there) return base::pass(there);
    const auto known = there->step();
    if (!known) return base::pass(known);
    if (!*known) {
        // A table of before: nobody wrote down what had been given to the ledger.
        made = database.execute(
            "ALTER TABLE outbox ADD COLUMN carrier INTEGER NOT NULL DEFAULT 0;"
            "ALTER TABLE outbox ADD COLUMN handling INTEGER NOT NULL DEFAULT 1;");
        if (!made) return made;
    }
    return database.execute("CREATE INDEX IF NOT EXISTS outbox_carrier ON outbox(carrier) WHERE carrier <> 0;");
}

base::Result<std::uint64_t> insert(store::Database& database, const Account& account, const FullRow& row) {
    auto s = database.prepare(
        "INSERT INTO outbox(sender, chain, kind, recipient, calldata, gas, nonce, fee, tip, raw, txn_hash, earlier, state, reason, block, "
        "block_hash,"
        " sent_us, attempts, carrier, handling)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)");
    if (!s) return base::pass(s);
    bind_account(*s, 1, account);
    s->bind(3, std::string_view(row.kind))
        .bind(4, view_of(row.to))
        .bind(5, base::ByteView(row.data))
        .bind(6, static_cast<std::int64_t>(row.gas_limit));
    bind_changing(*s, 7, row);
    if (auto done = s->run(); !done) return base::pass(done);
    return static_cast<std::uint64_t>(database.last_insert_rowid());
}

base::Status update(store::Database& database, const FullRow& row) {
    auto s = database.prepare(
        "UPDATE outbox SET nonce = ?2, fee = ?3, tip = ?4, raw = ?5, txn_hash = ?6, earlier = ?7, state = ?8, reason = ?9, block = ?10,"
        " block_hash = ?11, sent_us = ?12, attempts = ?13, carrier = ?14, handling = ?15,"
        // What is done for good needs its call no more, and nobody should find it.
        " calldata = CASE WHEN ?8 >= 4 THEN zeroblob(0) ELSE calldata END WHERE id = ?1");
    if (!s) return base::pass(s);
    s->bind(1, static_cast<std::int64_t>(row.id));
    bind_changing(*s, 2, row);
    return s->run();
}

base::Result<std::vector<FullRow>> open_rows(store::Database& database, const Account& account, std::size_t limit) {
    auto s = database.prepare("SELECT " + std::string(kColumns) +
                              " FROM outbox WHERE state < 4 AND carrier = 0 AND sender = ?1 AND chain = ?2 ORDER BY nonce LIMIT ?3");
    if (!s) return base::pass(s);
    bind_account(*s, 1, account);
    s->bind(3, static_cast<std::int64_t>(limit));
    return all(*s);
}

base::Result<std::vector<FullRow>> carried_rows(store::Database& database, std::uint64_t carrier) {
    auto s = database.prepare("SELECT " + std::string(kColumns) + " FROM outbox WHERE carrier = ?1 AND carrier <> 0 ORDER BY id");
    if (!s) return base::pass(s);
    s->bind(1, static_cast<std::int64_t>(carrier));
    return all(*s);
}

base::Result<std::optional<FullRow>> find(store::Database& database, std::uint64_t id) {
    auto s = database.prepare("SELECT " + std::string(kColumns) + " FROM outbox WHERE id = ?1");
    if (!s) return base::pass(s);
    s->bind(1, static_cast<std::int64_t>(id));
    const auto there = s->step();
    if (!there) return base::pass(there);
    if (!*there) return std::optional<FullRow>{};
    return std::optional<FullRow>{read(*s)};
}

base::Result<std::size_t> count_waiting(store::Database& database, std::size_t most) {
    auto s = database.prepare("SELECT count(*) FROM (SELECT 1 FROM outbox WHERE state < 3 AND kind <> 'batch' LIMIT ?1)");
    if (!s) return base::pass(s);
    s->bind(1, static_cast<std::int64_t>(most));
    if (const auto row = s->step(); !row) return base::pass(row);
    return static_cast<std::size_t>(s->integer(0));
}

base::Result<std::size_t> count_open(store::Database& database, const Account& account) {
    auto s = database.prepare("SELECT count(*) FROM outbox WHERE state < 4 AND kind <> 'batch' AND sender = ?1 AND chain = ?2");
    if (!s) return base::pass(s);
    bind_account(*s, 1, account);
    if (const auto row = s->step(); !row) return base::pass(row);
    return static_cast<std::size_t>(s->integer(0));
}

base::Result<std::optional<std::uint64_t>> next_nonce(store::Database& database, const Account& account) {
    auto s = database.prepare("SELECT max(nonce) FROM outbox WHERE sender = ?1 AND chain = ?2 AND nonce IS NOT NULL");
    if (!s) return base::pass(s);
    bind_account(*s, 1, account);
    if (const auto row = s->step(); !row) return base::pass(row);
    if (s->is_null(0)) return std::optional<std::uint64_t>{};
    return std::optional<std::uint64_t>{static_cast<std::uint64_t>(s->integer(0)) + 1};
}

base::Status release_nonces(store::Database& database, const Account& account, std::uint64_t from) {
    auto s = database.prepare(
        "UPDATE outbox SET nonce = NULL WHERE sender = ?1 AND chain = ?2 AND nonce IS NOT NULL AND nonce >= ?3 AND state >= 4");
    if (!s) return base::pass(s);
    bind_account(*s, 1, account);
    s->bind(3, static_cast<std::int64_t>(from));
    return s->run();
}

base::Result<std::int64_t> refuse_strangers(store::Database& database, const Account& account, std::string_view reason) {
    auto s = database.prepare("UPDATE outbox SET state = 5, reason = ?3 WHERE state < 4 AND NOT (sender = ?1 AND chain = ?2)");
    if (!s) return base::pass(s);
    bind_account(*s, 1, account);
    s->bind(3, reason);
    if (auto done = s->run(); !done) return base::pass(done);
    return database.changes();
}

}  // namespace outbox
