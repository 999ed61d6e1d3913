// Everything that the store alone can know about itself: each finding is one sentence that names the row.
#include "storage/base/encoding.hpp"
#include "storage/crypto/hash.hpp"
#include "storage/store/index_table.hpp"
#include "storage/store/integers.hpp"
#include "storage/store/store_impl.hpp"

namespace store {
namespace {

using base::Kind;

using Found = std::function<void(const std::string&)>;

// What SQLite says of the file's structure: its first line, empty when all is well. One page that does not open makes it speak of all.
std::string malformed(Database& db) {
    auto check = db.prepare("PRAGMA quick_check");
    if (!check) return "cannot be checked: " + check.error().diagnostics;
    const auto row = check->step();
    if (!row || !*row) return "pages do not open or are malformed";
    const auto said = check->text(0);
    return said == "ok" ? std::string() : said.substr(0, said.find('\n'));
}

std::int64_t pragma(Database& db, std::string_view sql) {
    auto read = db.prepare(sql);
    return read && read->step().value_or(false) ? read->integer(0) : 0;
}

void check_pages(Database& db, const std::string& file, const Found& found) {
    const auto said = malformed(db);
    if (said.empty()) return;
    const auto count = pragma(db, "PRAGMA page_count"), size = pragma(db, "PRAGMA page_size");
    bool any = false;
    for (std::int64_t page = 1; page <= count; ++page) {
        auto read = db.prepare("SELECT length(data) FROM sqlite_dbpage WHERE pgno=?");
        if (read && read->bind(1, page).step()) continue;
        any = true;
        found(file + ": page " + std::to_string(page) + " (from byte " + std::to_string((page - 1) * size) + " on, " + std::to_string(size) +
              " bytes) does not open: it was changed, put in place of another, or written in part");
    }
    if (!any) found(file + ": " + said);
}

class Checker {
  public:
    Checker(const Core& core, Connection& connection, const std::function<void(const std::string&)>& each)
        : core_(core), connection_(connection), each_(each) {}

    std::size_t run(std::uint64_t last);

  private:
    // What the index must say about a version that opens.
    struct Expected {
        RowName name;
        std::uint32_t version = 0;
        Patients patients;
        std::string facts;
        std::uint64_t next_seq = 0;  // the version that replaced it; 0: none
    };

    void found(const std::string& sentence) {
        ++findings_;
        each_(sentence);
    }
    std::string by_index(std::uint64_t seq);
    void row(std::uint64_t seq);
    void version_of(const RowPlace& place, const std::string& who, Expected& expected);
    void index_of(std::uint64_t seq, const std::string& who, const Expected& expected);
    void no_index_of(std::uint64_t seq, const std::string& who);
    void strays(Database& db, std::string_view sql, const char* what);

    const Core& core_;
    Connection& connection_;
    const std::function<void(const std::string&)>& each_;
    std::size_t findings_ = 0;
    bool index_readable_ = true;
};

std::string place_text(const RowPlace& place) {
    return "version " + std::to_string(place.seq) + " (record " + base::to_hex(place.rid);
}
std::string who_text(const RowPlace& place, const RowName& name) {
    return place_text(place) + ", " + name.type + "/" + name.id + " version " + std::to_string(place.version) + ")";
}

// Whose row stood there, for one that cannot be read.
std::string Checker::by_index(std::uint64_t seq) {
    auto read = connection_.index.prepare("SELECT n.text,d.id,d.version FROM doc d JOIN name n ON n.number=d.type WHERE d.seq=?");
    if (!read || !read->bind(1, to_sql(seq)).step().value_or(false)) return {};
    return " (" + read->text(0).substr(1) + "/" + unpack_id(read->view(1)) + " version " + std::to_string(read->integer(2)) + ", says the index)";
}

// The list of versions must lead to this row, without holes before it.
void Checker::version_of(const RowPlace& place, const std::string& who, Expected& expected) {
    const auto listed = connection_.table.seq_of(place.rid, place.version);
    if (!listed) return found(who + ": the list of versions cannot be read");
    if (!*listed) return found(who + ": is in no list of versions, so nobody can read it");
    if (**listed != place.seq) found(who + ": the list of versions names version " + std::to_string(**listed) + " in its place");
    if (place.version > 1) {
        const auto before = connection_.table.seq_of(place.rid, place.version - 1);
        if (!before || !*before) {
            found(who + ": the version before it is missing");
        } else if (**before >= place.seq) {
            found(who + ": the version before it was written after it");
        }
    }
    const auto after = connection_.table.seq_of(place.rid, place.version + 1);
    if (after && *after) expected.next_seq = **after;
}

void Checker::index_of(std::uint64_t seq, const std::string& who, const Expected& expected) {
    auto read = connection_.index.prepare(
        "SELECT n.text,d.id,d.version,d.updated,d.flags,d.until,d.patients,d.facts FROM doc d LEFT JOIN name n ON n.number=d.type WHERE "
        "d.seq=?");
    const auto row = read ? read->bind(1, to_sql(seq)).step() : base::Result<bool>(base::pass(read));
    if (!row) {
        index_readable_ = false;
        return found(who + ": its index row cannot be read");
    }
    if (!*row) return found(who + ": is missing in the index: searches do not find it");
    base::Writer patients;
    write_patients(patients, expected.patients);
    const bool same = read->text(0) == type_name(expected.name.type) && unpack_id(read->view(1)) == expected.name.id &&
                      read->integer(2) == expected.version && read->integer(3) == expected.name.updated_us && (read->integer(4) & 1) == (expected.name.deleted ? 1 : 0) &&
                      from_sql(read->integer(5)) == expected.next_seq && base::as_text(read->view(7)) == expected.facts;
    if (!same) found(who + ": the index says something else about it");
    if (base::as_text(read->view(6)) != base::as_text(patients.bytes())) found(who + ": the index gives it to another patient");
}

void Checker::no_index_of(std::uint64_t seq, const std::string& who) {
    auto read = connection_.index.prepare("SELECT 1 FROM doc WHERE seq=?");
    if (read && read->bind(1, to_sql(seq)).step().value_or(false)) found(who + ": its patient was erased, and the index still has it");
}

void Checker::row(std::uint64_t seq) {
    const auto row = connection_.table.row(seq);
    if (!row) return found("version " + std::to_string(seq) + by_index(seq) + ": its row cannot be read (" + row.error().diagnostics + ")");
    if (!*row) return found("version " + std::to_string(seq) + by_index(seq) + ": is missing");
    const auto& place = (*row)->place;
    const auto name = core_.envelope.open_name((*row)->name, place);
    if (!name) return found(place_text(place) + "): its name does not open: the row was edited, or moved from another place");
    const auto who = who_text(place, *name);
    if (place.rid != core_.envelope.record_id(name->type, name->id)) found(who + ": stands under the id of another record");
    if (name->body_hash != crypto::sha256((*row)->body)) found(who + ": its body is not the one that was written with it");
    Expected expected{*name, place.version, {}, {}, 0};
    version_of(place, who, expected);
    auto opened = core_.envelope.open_body((*row)->body, name->type, name->id, place);
    if (!opened && opened.error().kind == Kind::gone) {
        const auto key = core_.keys.state(name->patient, KeyUse::data);
        if (!key || *key != KeyRing::KeyState::destroyed) found(who + ": its key was destroyed, and its patient was not erased");
        if (index_readable_) no_index_of(seq, who);
        return;
    }
    if (!opened) return found(who + ": its body does not open (" + opened.error().diagnostics + ")");
    const auto& version = opened->record.version;
    if (opened->record.patient != name->patient || version.updated_us != name->updated_us || version.deleted != name->deleted) {
        found(who + ": its name and its body disagree");
    }
    expected.patients = std::move(opened->patients);
    expected.facts = std::move(opened->record.facts);
    if (index_readable_) index_of(seq, who, expected);
}

void Checker::strays(Database& db, std::string_view sql, const char* what) {
    auto read = db.prepare(sql);
    while (read) {
        const auto row = read->step();
        if (!row) return found(std::string(what) + ": cannot be read");
        if (!*row) return;
        found("version " + std::to_string(read->integer(0)) + ": " + what);
    }
}

std::size_t Checker::run(std::uint64_t last) {
    const Found found_page = [this](const std::string& sentence) { found(sentence); };
    check_pages(connection_.records, "records.db", found_page);
    check_pages(connection_.index, "index.db", found_page);
    for (std::uint64_t seq = 1; seq <= last; ++seq) row(seq);
    strays(connection_.records, "SELECT v.seq FROM version v WHERE NOT EXISTS (SELECT 1 FROM record r WHERE r.seq=v.seq) ORDER BY v.seq",
           "is listed, and its row is missing");
    if (!index_readable_) return findings_;
    const auto beyond = "SELECT seq FROM doc WHERE seq>" + std::to_string(last) + " ORDER BY seq";
    strays(connection_.index, beyond, "is in the index, and not in the records");
    strays(connection_.index, "SELECT DISTINCT t.seq FROM term t WHERE NOT EXISTS (SELECT 1 FROM doc d WHERE d.seq=t.seq)",
           "has search terms in the index, and no row");
    strays(connection_.index, "SELECT DISTINCT t.seq FROM span t WHERE NOT EXISTS (SELECT 1 FROM doc d WHERE d.seq=t.seq)",
           "has search ranges in the index, and no row");
    return findings_;
}

}  // namespace

std::size_t Store::fsck_pages(const std::string& dir, const KeyRing& keys, const std::function<void(const std::string&)>& each) {
    std::size_t findings = 0;
    const Found found = [&](const std::string& sentence) {
        ++findings;
        each(sentence);
    };
    for (const std::string name : {"records", "index"}) {
        OpenOptions look;
        look.read_only = true;
        auto db = Database::open(dir + "/" + name + ".db", keys.derived("db:" + name), look);
        if (db) check_pages(*db, name + ".db", found);
    }
    return findings;
}

base::Result<std::size_t> StoreImpl::fsck(const std::function<void(const std::string&)>& each) {
    const auto connection = pool_.lease();
    if (!connection) return base::pass(connection);
    return Checker(core_, **connection, each).run(core_.acknowledged);
}

}  // namespace store
