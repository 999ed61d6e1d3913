#include "storage/store/index_table.hpp"

#include "storage/store/integers.hpp"

namespace store {
namespace {

using base::Kind;

constexpr std::int64_t kFormat = 1;
constexpr std::size_t kNamesKept = 100'000;  // about 15 MB; a miss costs one probe
constexpr std::int64_t kDeletedFlag = 1;

// FORMAT.md, index.db. `until` is the version that replaced this one: a search of an earlier state (the next page) still finds it.
constexpr std::string_view kSchema = R"(
CREATE TABLE state(one INTEGER PRIMARY KEY CHECK(one=1), applied INTEGER NOT NULL, erasures INTEGER NOT NULL, rebuilding INTEGER NOT NULL);
INSERT INTO state VALUES(1,0,0,0);
CREATE TABLE name(number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE doc(seq INTEGER PRIMARY KEY, type INTEGER NOT NULL, id BLOB NOT NULL, version INTEGER NOT NULL, updated INTEGER NOT NULL,
                 flags INTEGER NOT NULL, until INTEGER, patients BLOB NOT NULL, facts BLOB NOT NULL, terms BLOB NOT NULL);
CREATE INDEX doc_type ON doc(type);
CREATE INDEX doc_updated ON doc(type, updated);
CREATE TABLE term(param INTEGER NOT NULL, value NOT NULL, seq INTEGER NOT NULL, system INTEGER NOT NULL,
                  PRIMARY KEY(param, value, seq, system)) WITHOUT ROWID;
CREATE TABLE span(param INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL, seq INTEGER NOT NULL,
                  PRIMARY KEY(param, low, high, seq)) WITHOUT ROWID;
PRAGMA user_version=1;)";

void bind_value(Statement& statement, int index, Shape shape, std::string_view value) {
    if (shape == Shape::text) {
        statement.bind(index, value);
    } else {
        statement.bind(index, base::as_bytes(value));
    }
}

}  // namespace

std::string type_name(std::string_view type) {
    return "t" + std::string(type);
}
std::string system_name(std::string_view system) {
    return "s" + std::string(system);
}
std::string id_param(std::string_view type) {
    return std::string(kAnyId) + std::string(type);
}
std::string compartment_param(std::string_view type) {
    return std::string(kAnyCompartment) + std::string(type);
}

base::Status IndexTable::prepare() {
    auto version = db_.prepare("PRAGMA user_version");
    if (!version) return base::pass(version);
    if (auto row = version->step(); !row) return base::pass(row);
    const auto format = version->integer(0);
    version->reset();
    if (format == kFormat) return {};
    if (format != 0) return base::fail(Kind::corrupt, "index.db has a format that this program does not know");
    if (auto begun = db_.execute("BEGIN IMMEDIATE"); !begun) return begun;
    if (auto made = db_.execute(kSchema); !made) return made;
    return db_.execute("COMMIT");
}

base::Result<IndexTable::State> IndexTable::state() {
    auto read = db_.prepare("SELECT applied,erasures,rebuilding FROM state");
    if (!read) return base::pass(read);
    const auto row = read->step();
    if (!row) return base::pass(row);
    if (!*row) return base::fail(Kind::corrupt, "index.db does not say how far it is");
    return State{from_sql(read->integer(0)), from_sql(read->integer(1)), read->integer(2) != 0};
}

base::Status IndexTable::set_state(const State& state) {
    auto write = db_.prepare("UPDATE state SET applied=?, erasures=?, rebuilding=?");
    if (!write) return base::pass(write);
    return write->bind(1, to_sql(state.applied)).bind(2, to_sql(state.erasures)).bind(3, state.rebuilding ? 1 : 0).run();
}

base::Result<std::int64_t> IndexTable::number_of(const std::string& name) {
    if (const auto known = numbers_.find(name); known != numbers_.end()) return known->second;
    auto read = db_.prepare("SELECT number FROM name WHERE text=?");
    if (!read) return base::pass(read);
    const auto row = read->bind(1, name).step();
    if (!row) return base::pass(row);
    std::int64_t number = *row ? read->integer(0) : 0;
    if (!*row) {
        auto insert = db_.prepare("INSERT INTO name(text) VALUES(?)");
        if (!insert) return base::pass(insert);
        if (auto done = insert->bind(1, name).run(); !done) return base::pass(done);
        number = db_.last_insert_rowid();
        fresh_.push_back(name);
    }
    if (numbers_.size() >= kNamesKept) numbers_.clear();
    numbers_.emplace(name, number);
    return number;
}

void IndexTable::forget_since(std::size_t mark) {
    for (auto at = mark; at < fresh_.size(); ++at) numbers_.erase(fresh_[at]);
    fresh_.resize(mark);
}

base::Status IndexTable::insert_term(const StoredTerm& term, std::uint64_t seq) {
    if (term.shape == Shape::range) {
        // Several quantities of one version can differ in their unit alone: one row finds the candidate.
        auto insert = db_.prepare("INSERT OR IGNORE INTO span(param,low,high,seq) VALUES(?,?,?,?)");
        if (!insert) return base::pass(insert);
        return insert->bind(1, term.param).bind(2, term.low).bind(3, term.high).bind(4, to_sql(seq)).run();
    }
    auto insert = db_.prepare("INSERT OR IGNORE INTO term(param,value,seq,system) VALUES(?,?,?,?)");
    if (!insert) return base::pass(insert);
    insert->bind(1, term.param).bind(3, to_sql(seq)).bind(4, term.system);
    bind_value(*insert, 2, term.shape, term.value);
    return insert->run();
}

base::Status IndexTable::insert_version(const IndexRow& row, const std::string& entries) {
    const auto type = number_of(type_name(row.type));
    if (!type) return base::pass(type);
    base::Writer patients;
    write_patients(patients, row.patients);
    auto insert = db_.prepare("INSERT INTO doc(seq,type,id,version,updated,flags,patients,facts,terms) VALUES(?,?,?,?,?,?,?,?,?)");
    if (!insert) return base::pass(insert);
    insert->bind(1, to_sql(row.seq)).bind(2, *type).bind(3, base::ByteView(pack_id(row.id))).bind(4, row.version).bind(5, row.updated_us);
    insert->bind(6, row.deleted ? kDeletedFlag : 0).bind(7, base::ByteView(patients.bytes())).bind(8, base::as_bytes(row.facts));
    if (auto done = insert->bind(9, base::as_bytes(entries)).run(); !done) return done;
    if (row.prior_seq == 0) return {};
    auto replaced = db_.prepare("UPDATE doc SET until=? WHERE seq=?");
    if (!replaced) return base::pass(replaced);
    return replaced->bind(1, to_sql(row.seq)).bind(2, to_sql(row.prior_seq)).run();
}

base::Status IndexTable::apply(const IndexRow& row) {
    std::string entries;
    for (const auto& term : row.terms) {
        const auto param = number_of(term.param);
        if (!param) return base::pass(param);
        const auto system = term.system.empty() ? base::Result<std::int64_t>(0) : number_of(system_name(term.system));
        if (!system) return base::pass(system);
        const StoredTerm stored{*param, *system, term.shape, term.value, term.low, term.high};
        append_term(entries, stored);
        if (auto done = insert_term(stored, row.seq); !done) return done;
    }
    // These two are not among the entries: the row itself has the id and the patients.
    const auto id = number_of(id_param(row.type));
    if (!id) return base::pass(id);
    const auto packed = pack_id(row.id);
    if (auto done = insert_term({*id, 0, Shape::packed, base::as_text(packed), 0, 0}, row.seq); !done) return done;
    const auto compartment = number_of(compartment_param(row.type));
    if (!compartment) return base::pass(compartment);
    for (const auto& patient : row.patients.all) {
        const auto owner = pack_id(patient);
        if (auto done = insert_term({*compartment, 0, Shape::packed, base::as_text(owner), 0, 0}, row.seq); !done) return done;
    }
    if (row.patients.all.empty()) {
        if (auto done = insert_term({*compartment, 0, Shape::packed, {}, 0, 0}, row.seq); !done) return done;
    }
    return insert_version(row, entries);
}

base::Status IndexTable::remove_version(std::uint64_t seq) {
    auto read = db_.prepare("SELECT n.text,d.id,d.patients,d.terms FROM doc d JOIN name n ON n.number=d.type WHERE d.seq=?");
    if (!read) return base::pass(read);
    const auto row = read->bind(1, to_sql(seq)).step();
    if (!row) return base::pass(row);
    if (!*row) return base::fail(Kind::corrupt, "index.db lacks a version that it listed");
    const auto type = read->text(0).substr(1);
    const auto id = read->blob(1);
    base::Reader patient_bytes(read->view(2));
    Patients patients;
    if (!read_patients(patient_bytes, patients)) return base::fail(Kind::corrupt, "index.db has a malformed row");
    const auto entries = read->blob(3);
    read->reset();

    auto term_gone = db_.prepare("DELETE FROM term WHERE param=? AND value=? AND seq=?");
    auto span_gone = db_.prepare("DELETE FROM span WHERE param=? AND low=? AND high=? AND seq=?");
    auto doc_gone = db_.prepare("DELETE FROM doc WHERE seq=?");
    if (!term_gone) return base::pass(term_gone);
    if (!span_gone) return base::pass(span_gone);
    if (!doc_gone) return base::pass(doc_gone);
    const auto remove_term = [&](std::int64_t param, Shape shape, std::string_view value) {
        term_gone->reset();
        term_gone->bind(1, param).bind(3, to_sql(seq));
        bind_value(*term_gone, 2, shape, value);
        return term_gone->run();
    };
    TermWalk walk(entries);
    StoredTerm term;
    while (walk.next(term)) {
        span_gone->reset();
        span_gone->bind(1, term.param).bind(2, term.low).bind(3, term.high).bind(4, to_sql(seq));
        const auto done = term.shape == Shape::range ? span_gone->run() : remove_term(term.param, term.shape, term.value);
        if (!done) return done;
    }
    if (walk.malformed()) return base::fail(Kind::corrupt, "index.db has a malformed row");
    const auto id_number = number_of(id_param(type));
    const auto compartment = number_of(compartment_param(type));
    if (!id_number) return base::pass(id_number);
    if (!compartment) return base::pass(compartment);
    if (auto done = remove_term(*id_number, Shape::packed, base::as_text(id)); !done) return done;
    if (patients.all.empty()) {
        if (auto done = remove_term(*compartment, Shape::packed, {}); !done) return done;
    }
    for (const auto& patient : patients.all) {
        const auto packed = pack_id(patient);
        if (auto done = remove_term(*compartment, Shape::packed, base::as_text(packed)); !done) return done;
    }
    return doc_gone->bind(1, to_sql(seq)).run();
}

base::Status IndexTable::drop_after(std::uint64_t last) {
    std::vector<std::uint64_t> beyond;
    {
        auto read = db_.prepare("SELECT seq FROM doc WHERE seq>?");
        if (!read) return base::pass(read);
        read->bind(1, to_sql(last));
        while (true) {
            const auto row = read->step();
            if (!row) return base::pass(row);
            if (!*row) break;
            beyond.push_back(from_sql(read->integer(0)));
        }
    }
    for (const auto seq : beyond) {
        if (auto gone = remove_version(seq); !gone) return gone;
    }
    if (beyond.empty()) return {};
    auto current = db_.prepare("UPDATE doc SET until=NULL WHERE until>?");
    if (!current) return base::pass(current);
    return current->bind(1, to_sql(last)).run();
}

base::Status IndexTable::purge_patient(std::string_view patient) {
    std::vector<std::uint64_t> sealed;
    {
        const auto packed = pack_id(patient);
        auto read = db_.prepare(
            "SELECT DISTINCT d.seq,d.patients FROM term t JOIN doc d ON d.seq=t.seq "
            "WHERE t.param IN (SELECT number FROM name WHERE text>='c' AND text<'d') AND t.value=?");
        if (!read) return base::pass(read);
        read->bind(1, base::ByteView(packed));
        while (true) {
            const auto row = read->step();
            if (!row) return base::pass(row);
            if (!*row) break;
            base::Reader in(read->view(1));
            Patients patients;
            if (!read_patients(in, patients)) return base::fail(Kind::corrupt, "index.db has a malformed row");
            if (patients.sealing == patient) sealed.push_back(from_sql(read->integer(0)));
        }
    }
    for (const auto seq : sealed) {
        if (auto gone = remove_version(seq); !gone) return gone;
    }
    return {};
}

base::Result<std::vector<std::string>> IndexTable::patients() {
    auto read = db_.prepare("SELECT DISTINCT value FROM term WHERE param IN (SELECT number FROM name WHERE text>='c' AND text<'d')");
    if (!read) return base::pass(read);
    std::vector<std::string> out;
    while (true) {
        const auto row = read->step();
        if (!row) return base::pass(row);
        if (!*row) return out;
        auto id = unpack_id(read->view(0));
        if (!id.empty()) out.push_back(std::move(id));
    }
}

base::Status IndexTable::clear() {
    numbers_.clear();
    fresh_.clear();
    return db_.execute("DELETE FROM doc; DELETE FROM term; DELETE FROM span; DELETE FROM name");
}

}  // namespace store
