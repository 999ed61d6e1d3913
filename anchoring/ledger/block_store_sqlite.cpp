#include "anchoring/ledger/block_store_sqlite.hpp"

namespace ledger {
namespace {

// The first column of the one row that the statement may give.
base::Result<std::optional<base::Bytes>> one_blob(base::Result<store::Statement>& statement) {
    const auto found = statement->step();
    if (!found) return base::pass(found);
    if (!*found) return std::nullopt;
    return statement->blob(0);
}

}  // namespace

base::Result<std::unique_ptr<SqliteBlockStore>> SqliteBlockStore::open(store::Database database) {
    const auto made = database.execute(
        "CREATE TABLE IF NOT EXISTS ledger_blocks (number INTEGER PRIMARY KEY, block BLOB NOT NULL) STRICT;"
        "CREATE TABLE IF NOT EXISTS ledger_rows (key BLOB PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;");
    if (!made) return base::pass(made);
    return std::unique_ptr<SqliteBlockStore>(new SqliteBlockStore(std::move(database)));
}

base::Result<std::optional<std::uint64_t>> SqliteBlockStore::head() {
    auto statement = database_.prepare("SELECT max(number) FROM ledger_blocks");
    if (!statement) return base::pass(statement);
    const auto found = statement->step();
    if (!found) return base::pass(found);
    if (!*found || statement->is_null(0)) return std::nullopt;
    return static_cast<std::uint64_t>(statement->integer(0));
}

base::Result<std::optional<base::Bytes>> SqliteBlockStore::block(std::uint64_t number) {
    if (number > INT64_MAX) return std::nullopt;
    auto statement = database_.prepare("SELECT block FROM ledger_blocks WHERE number = ?1");
    if (!statement) return base::pass(statement);
    statement->bind(1, static_cast<std::int64_t>(number));
    return one_blob(statement);
}

base::Status SqliteBlockStore::append(std::uint64_t number, base::ByteView block, const std::map<base::Bytes, base::Bytes>& changes) {
    const auto last = head();
    if (!last) return base::pass(last);
    if (number > INT64_MAX || number != (*last ? **last + 1 : 0))
        return base::fail(base::Kind::conflict, "the block does not follow the head");
    if (const auto begun = database_.execute("BEGIN IMMEDIATE"); !begun) return begun;
    auto done = write(number, block, changes);
    if (done) done = database_.execute("COMMIT");
    // SQLite may have rolled back on its own, when the disk is full for example.
    if (!done && database_.in_transaction()) {
        if (const auto undone = database_.execute("ROLLBACK"); !undone) return undone;
    }
    return done;
}

base::Status SqliteBlockStore::write(std::uint64_t number, base::ByteView block, const std::map<base::Bytes, base::Bytes>& changes) {
    auto insert = database_.prepare("INSERT INTO ledger_blocks (number, block) VALUES (?1, ?2)");
    if (!insert) return base::pass(insert);
    insert->bind(1, static_cast<std::int64_t>(number)).bind(2, block);
    if (const auto done = insert->run(); !done) return done;
    auto put = database_.prepare("INSERT INTO ledger_rows (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2");
    if (!put) return base::pass(put);
    for (const auto& [key, value] : changes) {
        put->bind(1, base::ByteView(key)).bind(2, base::ByteView(value));
        if (const auto done = put->run(); !done) return done;
        put->reset();
    }
    return {};
}

base::Result<std::optional<base::Bytes>> SqliteBlockStore::row(base::ByteView key) {
    auto statement = database_.prepare("SELECT value FROM ledger_rows WHERE key = ?1");
    if (!statement) return base::pass(statement);
    statement->bind(1, key);
    return one_blob(statement);
}

base::Status SqliteBlockStore::walk_rows(const std::function<base::Status(base::ByteView, base::ByteView)>& each) {
    auto statement = database_.prepare("SELECT key, value FROM ledger_rows ORDER BY key");
    if (!statement) return base::pass(statement);
    for (;;) {
        const auto found = statement->step();
        if (!found) return base::pass(found);
        if (!*found) return {};
        if (const auto good = each(statement->view(0), statement->view(1)); !good) return good;
    }
}

}  // namespace ledger
