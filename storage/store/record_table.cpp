#include "storage/store/record_table.hpp"

#include "storage/store/integers.hpp"

namespace store {
namespace {

using base::Kind;

constexpr std::int64_t kFormat = 1;

// FORMAT.md, records.db. `record` only ever grows at its end. `version` is clustered by (rid, version), so that one probe finds the
// newest version of a record.
constexpr std::string_view kSchema = R"(
CREATE TABLE record(seq INTEGER PRIMARY KEY, rid BLOB NOT NULL, version INTEGER NOT NULL, name BLOB NOT NULL, body BLOB NOT NULL);
CREATE TABLE version(rid BLOB NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(rid, version)) WITHOUT ROWID;
CREATE TABLE journal(n INTEGER PRIMARY KEY, event_id TEXT NOT NULL UNIQUE, submission BLOB NOT NULL);
CREATE TABLE redo(last_seq INTEGER PRIMARY KEY, rows BLOB NOT NULL);
PRAGMA user_version=1;)";

constexpr std::string_view kInsertRecord = "INSERT INTO record(seq,rid,version,name,body) VALUES(?,?,?,?,?)";
constexpr std::string_view kInsertVersion = "INSERT INTO version(rid,version,seq) VALUES(?,?,?)";
constexpr std::string_view kHead = "SELECT version,seq FROM version WHERE rid=? AND seq<=? ORDER BY version DESC LIMIT 1";
constexpr std::string_view kRow = "SELECT seq,rid,version,name,body FROM record WHERE seq=?";
constexpr std::string_view kNewest =
    "SELECT r.seq,r.rid,r.version,r.name,r.body,v.version FROM (SELECT seq,version FROM version WHERE rid=? ORDER BY version DESC LIMIT 1) "
    "v "
    "LEFT JOIN record r ON r.seq=v.seq";

base::Result<std::optional<RecordTable::Row>> as_row(base::Result<Statement> statement) {
    if (!statement) return base::pass(statement);
    const auto found = statement->step();
    if (!found) return base::pass(found);
    if (!*found) return std::optional<RecordTable::Row>();
    if (statement->is_null(0)) return base::fail(Kind::corrupt, "a version is listed, and its row is missing");
    const auto rid = statement->view(1);
    RowPlace place{from_sql(statement->integer(0)), {}, static_cast<std::uint32_t>(statement->integer(2))};
    if (rid.size() != place.rid.size()) return base::fail(Kind::corrupt, "a record id of the wrong length");
    std::copy(rid.begin(), rid.end(), place.rid.begin());
    const auto name = statement->view(3), body = statement->view(4);
    return std::optional(RecordTable::Row{std::move(*statement), place, name, body});
}

}  // namespace

base::Status RecordTable::prepare() {
    auto version = db_.prepare("PRAGMA user_version");
    if (!version) return base::pass(version);
    if (auto row = version->step(); !row) return base::pass(row);
    const auto format = version->integer(0);
    version->reset();
    if (format == kFormat) return {};
    if (format != 0) return base::fail(Kind::corrupt, "records.db has a format that this program does not know");
    if (auto begun = db_.execute("BEGIN IMMEDIATE"); !begun) return begun;
    if (auto made = db_.execute(kSchema); !made) return made;
    return db_.execute("COMMIT");
}

base::Result<std::uint64_t> RecordTable::last_seq() {
    auto read = db_.prepare("SELECT max(seq) FROM record");
    if (!read) return base::pass(read);
    if (auto row = read->step(); !row) return base::pass(row);
    return from_sql(read->integer(0));
}

base::Result<std::optional<RecordTable::Head>> RecordTable::head(const RecordId& rid, std::uint64_t at_most_seq) {
    auto read = db_.prepare(kHead);
    if (!read) return base::pass(read);
    const auto row = read->bind(1, base::ByteView(rid)).bind(2, to_sql(at_most_seq)).step();
    if (!row) return base::pass(row);
    if (!*row) return std::optional<Head>();
    return std::optional(Head{static_cast<std::uint32_t>(read->integer(0)), from_sql(read->integer(1))});
}

base::Result<std::optional<std::uint64_t>> RecordTable::seq_of(const RecordId& rid, std::uint32_t version) {
    auto read = db_.prepare("SELECT seq FROM version WHERE rid=? AND version=?");
    if (!read) return base::pass(read);
    const auto row = read->bind(1, base::ByteView(rid)).bind(2, version).step();
    if (!row) return base::pass(row);
    if (!*row) return std::optional<std::uint64_t>();
    return std::optional(from_sql(read->integer(0)));
}

base::Status RecordTable::append(const RowPlace& place, const SealedRow& row) {
    auto record = db_.prepare(kInsertRecord);
    if (!record) return base::pass(record);
    record->bind(1, to_sql(place.seq)).bind(2, base::ByteView(place.rid)).bind(3, place.version);
    record->bind(4, base::ByteView(row.name)).bind(5, base::ByteView(row.body));
    if (auto done = record->run(); !done) return done;
    auto version = db_.prepare(kInsertVersion);
    if (!version) return base::pass(version);
    return version->bind(1, base::ByteView(place.rid)).bind(2, place.version).bind(3, to_sql(place.seq)).run();
}

base::Result<std::optional<RecordTable::Row>> RecordTable::row(std::uint64_t seq) {
    auto read = db_.prepare(kRow);
    if (read) read->bind(1, to_sql(seq));
    return as_row(std::move(read));
}

base::Result<std::optional<RecordTable::Row>> RecordTable::newest(const RecordId& rid) {
    auto read = db_.prepare(kNewest);
    if (read) read->bind(1, base::ByteView(rid));
    auto row = as_row(std::move(read));
    // A row of another version would open: its own version is part of what opens it.
    if (row && *row && (*row)->place.version != (*row)->statement.integer(5)) {
        return base::fail(Kind::corrupt, "a row holds another version than is listed");
    }
    return row;
}

base::Status RecordTable::add_journal(std::string_view event_id, base::ByteView sealed) {
    auto insert = db_.prepare("INSERT INTO journal(event_id,submission) VALUES(?,?)");
    if (!insert) return base::pass(insert);
    return insert->bind(1, event_id).bind(2, sealed).run();
}

base::Status RecordTable::remove_journal(std::string_view event_id) {
    auto remove = db_.prepare("DELETE FROM journal WHERE event_id=?");
    if (!remove) return base::pass(remove);
    return remove->bind(1, event_id).run();
}

base::Status RecordTable::add_redo(std::uint64_t last_seq, base::ByteView sealed) {
    auto insert = db_.prepare("INSERT INTO redo(last_seq,rows) VALUES(?,?)");
    if (!insert) return base::pass(insert);
    return insert->bind(1, to_sql(last_seq)).bind(2, sealed).run();
}

base::Status RecordTable::drop_redo(std::uint64_t up_to_seq) {
    auto remove = db_.prepare("DELETE FROM redo WHERE last_seq<=?");
    if (!remove) return base::pass(remove);
    return remove->bind(1, to_sql(up_to_seq)).run();
}

}  // namespace store
