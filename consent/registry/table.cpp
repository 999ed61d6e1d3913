#include "consent/registry/table.hpp"

#include <algorithm>

namespace consent {
namespace {

constexpr std::string_view kColumns =
    "record, version, patient, key_id, sealed, consent_id, terms_hash, subject, signer, intent, txn, revoke_txn, not_before, not_after,"
    " granted_block, revoked_block, granted_terms";

template <std::size_t N>
base::ByteView view_of(const std::array<std::uint8_t, N>& bytes) {
    return {bytes.data(), N};
}

template <std::size_t N>
std::array<std::uint8_t, N> array_of(base::ByteView bytes) {
    std::array<std::uint8_t, N> out{};
    if (bytes.size() == N) std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

std::optional<std::uint64_t> number_of(store::Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return static_cast<std::uint64_t>(row.integer(column));
}

void bind_number(store::Statement& s, int at, const std::optional<std::uint64_t>& number) {
    if (number)
        s.bind(at, static_cast<std::int64_t>(*number));
    else
        s.bind_null(at);
}

LedgerRow read(store::Statement& s) {
    LedgerRow row;
    row.record = array_of<16>(s.view(0));
    row.version = static_cast<std::uint32_t>(s.integer(1));
    row.patient = array_of<16>(s.view(2));
    row.key = array_of<16>(s.view(3));
    row.sealed = s.blob(4);
    row.consent_id = array_of<32>(s.view(5));
    row.terms_hash = array_of<32>(s.view(6));
    row.subject.bytes = array_of<20>(s.view(7));
    row.signer = static_cast<SignedBy>(s.integer(8));
    row.intent = static_cast<Intent>(s.integer(9));
    row.txn = static_cast<std::uint64_t>(s.integer(10));
    row.revoke_txn = number_of(s, 11);
    row.not_before = static_cast<std::uint64_t>(s.integer(12));
    row.not_after = static_cast<std::uint64_t>(s.integer(13));
    row.granted_block = number_of(s, 14);
    row.revoked_block = number_of(s, 15);
    row.granted_terms = array_of<32>(s.view(16));
    return row;
}

base::Result<std::vector<LedgerRow>> all(store::Statement& s) {
    std::vector<LedgerRow> out;
    for (;;) {
        const auto more = s.step();
        if (!more) return base::pass(more);
        if (!*more) return out;
        out.push_back(read(s));
    }
}

base::Result<std::vector<store::RecordId>> patients(store::Statement& s) {
    std::vector<store::RecordId> out;
    for (;;) {
        const auto more = s.step();
        if (!more) return base::pass(more);
        if (!*more) return out;
        out.push_back(array_of<16>(s.view(0)));
    }
}

}  // namespace

base::Status make_registry_tables(store::Database& database) {
    return database.execute(
        "CREATE TABLE IF NOT EXISTS consent_ledger("
        "record BLOB NOT NULL, version INTEGER NOT NULL, patient BLOB NOT NULL, key_id BLOB NOT NULL, sealed BLOB NOT NULL,"
        "consent_id BLOB NOT NULL UNIQUE, terms_hash BLOB NOT NULL, subject BLOB NOT NULL, signer INTEGER NOT NULL, intent INTEGER NOT "
        "NULL,"
        "txn INTEGER NOT NULL, revoke_txn INTEGER, not_before INTEGER NOT NULL, not_after INTEGER NOT NULL,"
        "granted_block INTEGER, revoked_block INTEGER, granted_terms BLOB NOT NULL, PRIMARY KEY(record, version));"
        "CREATE INDEX IF NOT EXISTS consent_ledger_granted ON consent_ledger(granted_block) WHERE granted_block IS NOT NULL;"
        "CREATE INDEX IF NOT EXISTS consent_ledger_revoked ON consent_ledger(revoked_block) WHERE revoked_block IS NOT NULL;"
        "CREATE TABLE IF NOT EXISTS consent_ledger_past AS SELECT * FROM consent_ledger WHERE 0;"
        "CREATE TABLE IF NOT EXISTS consent_followed(number INTEGER PRIMARY KEY, hash BLOB NOT NULL);"
        "CREATE TABLE IF NOT EXISTS consent_ledger_identity(id INTEGER PRIMARY KEY CHECK(id = 1), identity BLOB NOT NULL);");
}

base::Status insert_row(store::Database& database, const LedgerRow& row) {
    auto s = database.prepare("INSERT INTO consent_ledger(" + std::string(kColumns) +
                              ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)");
    if (!s) return base::pass(s);
    s->bind(1, view_of(row.record)).bind(2, std::int64_t{row.version}).bind(3, view_of(row.patient)).bind(4, view_of(row.key));
    s->bind(5, base::ByteView(row.sealed))
        .bind(6, view_of(row.consent_id))
        .bind(7, view_of(row.terms_hash))
        .bind(8, view_of(row.subject.bytes));
    s->bind(9, static_cast<std::int64_t>(row.signer))
        .bind(10, static_cast<std::int64_t>(row.intent))
        .bind(11, static_cast<std::int64_t>(row.txn));
    bind_number(*s, 12, row.revoke_txn);
    s->bind(13, static_cast<std::int64_t>(row.not_before)).bind(14, static_cast<std::int64_t>(row.not_after));
    bind_number(*s, 15, row.granted_block);
    bind_number(*s, 16, row.revoked_block);
    s->bind(17, view_of(row.granted_terms));
    return s->run();
}

base::Result<std::optional<LedgerRow>> find_row(store::Database& database, const store::RecordId& record,
                                                std::optional<std::uint32_t> version) {
    auto s = database.prepare("SELECT " + std::string(kColumns) +
                              " FROM consent_ledger WHERE record = ?1 AND (?2 IS NULL OR version = ?2) ORDER BY version DESC LIMIT 1");
    if (!s) return base::pass(s);
    s->bind(1, view_of(record));
    if (version)
        s->bind(2, std::int64_t{*version});
    else
        s->bind_null(2);
    auto rows = all(*s);
    if (!rows) return base::pass(rows);
    if (rows->empty()) return std::optional<LedgerRow>{};
    return std::optional<LedgerRow>{std::move(rows->front())};
}

base::Result<std::vector<LedgerRow>> granted_rows(store::Database& database, const store::RecordId& record) {
    auto s = database.prepare("SELECT " + std::string(kColumns) +
                              " FROM consent_ledger WHERE record = ?1 AND intent = 2 AND revoke_txn IS NULL ORDER BY version");
    if (!s) return base::pass(s);
    s->bind(1, view_of(record));
    return all(*s);
}

base::Status set_aside(store::Database& database, const LedgerRow& row) {
    for (const auto* sql : {"INSERT INTO consent_ledger_past SELECT * FROM consent_ledger WHERE record = ?1 AND version = ?2",
                            "DELETE FROM consent_ledger WHERE record = ?1 AND version = ?2"}) {
        auto s = database.prepare(sql);
        if (!s) return base::pass(s);
        s->bind(1, view_of(row.record)).bind(2, std::int64_t{row.version});
        if (auto done = s->run(); !done) return done;
    }
    return {};
}

base::Status mark_revoked(store::Database& database, const LedgerRow& row, std::uint64_t outbox_id) {
    auto s = database.prepare("UPDATE consent_ledger SET intent = 3, revoke_txn = ?3 WHERE record = ?1 AND version = ?2");
    if (!s) return base::pass(s);
    s->bind(1, view_of(row.record)).bind(2, std::int64_t{row.version}).bind(3, static_cast<std::int64_t>(outbox_id));
    return s->run();
}

base::Result<std::optional<store::RecordId>> apply_event(store::Database& database, const ledger::ConsentEvent& event,
                                                         std::uint64_t block) {
    const auto touch = [&](std::string_view sql, const Hash& consent_id, const Address& subject,
                           const Hash* terms) -> base::Result<std::optional<store::RecordId>> {
        auto s = database.prepare(sql);
        if (!s) return base::pass(s);
        s->bind(1, view_of(consent_id)).bind(2, view_of(subject.bytes)).bind(3, static_cast<std::int64_t>(block));
        if (terms) s->bind(4, view_of(*terms));
        const auto row = s->step();
        if (!row) return base::pass(row);
        if (!*row) return std::optional<store::RecordId>{};
        const auto patient = array_of<16>(s->view(0));
        if (const auto end = s->step(); !end) return base::pass(end);
        return std::optional<store::RecordId>{patient};
    };
    if (const auto* granted = std::get_if<ledger::Granted>(&event)) {
        return touch(
            "UPDATE consent_ledger SET granted_block = ?3, granted_terms = ?4 WHERE consent_id = ?1 AND subject = ?2 RETURNING patient",
            granted->consent_id, granted->subject, &granted->terms_hash);
    }
    if (const auto* revoked = std::get_if<ledger::Revoked>(&event)) {
        return touch("UPDATE consent_ledger SET revoked_block = ?3 WHERE consent_id = ?1 AND subject = ?2 RETURNING patient",
                     revoked->consent_id, revoked->subject, nullptr);
    }
    return std::optional<store::RecordId>{};  // Requested, Skipped: status() tells from the outbox
}

base::Result<std::vector<store::RecordId>> roll_back(store::Database& database, std::optional<std::uint64_t> block) {
    const std::int64_t last = block ? static_cast<std::int64_t>(*block) : -1;
    std::vector<store::RecordId> out;
    for (const auto* sql :
         {"UPDATE consent_ledger SET granted_block = NULL, granted_terms = zeroblob(32) WHERE granted_block > ?1 RETURNING patient",
          "UPDATE consent_ledger SET revoked_block = NULL WHERE revoked_block > ?1 RETURNING patient"}) {
        auto s = database.prepare(sql);
        if (!s) return base::pass(s);
        s->bind(1, last);
        auto some = patients(*s);
        if (!some) return some;
        out.insert(out.end(), some->begin(), some->end());
    }
    return out;
}

base::Result<std::vector<store::RecordId>> granted_between(store::Database& database, std::uint64_t above, std::uint64_t up_to) {
    auto s = database.prepare("SELECT DISTINCT patient FROM consent_ledger WHERE granted_block > ?1 AND granted_block <= ?2");
    if (!s) return base::pass(s);
    s->bind(1, static_cast<std::int64_t>(above)).bind(2, static_cast<std::int64_t>(up_to));
    return patients(*s);
}

base::Result<std::vector<Followed>> load_followed(store::Database& database, base::ByteView ledger_identity) {
    auto identity = database.prepare("SELECT identity FROM consent_ledger_identity WHERE id = 1");
    if (!identity) return base::pass(identity);
    const auto known = identity->step();
    if (!known) return base::pass(known);
    std::vector<Followed> out;
    if (!*known || !std::ranges::equal(identity->view(0), ledger_identity)) return out;
    auto s = database.prepare("SELECT number, hash FROM consent_followed ORDER BY number");
    if (!s) return base::pass(s);
    for (;;) {
        const auto more = s->step();
        if (!more) return base::pass(more);
        if (!*more) return out;
        out.push_back({static_cast<std::uint64_t>(s->integer(0)), array_of<32>(s->view(1))});
    }
}

base::Result<base::Bytes> followed_identity(store::Database& database) {
    auto there = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'consent_ledger_identity'");
    if (!there) return base::pass(there);
    const auto made = there->step();
    if (!made) return base::pass(made);
    if (!*made) return base::Bytes{};
    auto identity = database.prepare("SELECT identity FROM consent_ledger_identity WHERE id = 1");
    if (!identity) return base::pass(identity);
    const auto known = identity->step();
    if (!known) return base::pass(known);
    return *known ? identity->blob(0) : base::Bytes{};
}

base::Result<std::size_t> grants_elsewhere(store::Database& database, base::ByteView ledger_identity) {
    const auto identity = followed_identity(database);
    if (!identity) return base::pass(identity);
    if (identity->empty() || std::ranges::equal(*identity, ledger_identity)) return std::size_t{0};
    auto count = database.prepare("SELECT count(*) FROM consent_ledger WHERE intent = 2 AND revoke_txn IS NULL");
    if (!count) return base::pass(count);
    const auto row = count->step();
    if (!row) return base::pass(row);
    return static_cast<std::size_t>(count->integer(0));
}

base::Status save_followed(store::Database& database, base::ByteView ledger_identity, const std::vector<Followed>& blocks) {
    auto identity =
        database.prepare("INSERT INTO consent_ledger_identity(id, identity) VALUES(1, ?1) ON CONFLICT(id) DO UPDATE SET identity = ?1");
    if (!identity) return base::pass(identity);
    identity->bind(1, ledger_identity);
    if (auto done = identity->run(); !done) return done;
    if (auto done = database.execute("DELETE FROM consent_followed"); !done) return done;
    for (const auto& block : blocks) {
        auto s = database.prepare("INSERT INTO consent_followed(number, hash) VALUES(?1, ?2)");
        if (!s) return base::pass(s);
        s->bind(1, static_cast<std::int64_t>(block.number)).bind(2, view_of(block.hash));
        if (auto done = s->run(); !done) return done;
    }
    return {};
}

}  // namespace consent
