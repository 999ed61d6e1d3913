// The record store: one writer with group commit, snapshot readers, one total order. Opaque ids, order and ciphertext in records.db;
// the search index in index.db is derived from it and follows its order (`kedge reindex` rebuilds it). The same interface can stand
// on PostgreSQL for several nodes: nothing here says SQLite.
#pragma once

#include "storage/store/audit_duty.hpp"
#include "storage/store/query.hpp"
#include "storage/store/record.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace store {

class Database;

struct StoreOptions {
    std::string dir;
    std::size_t queue_limit = 4096;       // units waiting for the writer; beyond: Kind::unavailable
    std::size_t group_units = 256;        // most units in one commit
    int readers = 8;                      // pooled reader connections
    std::size_t cache_bytes = 64u << 20;  // opened envelopes, dropped with their key
};

// A consistent view for one request. Not for two threads at once. Every method that gives stored data notes it in the duty.
class Snapshot {
  public:
    virtual ~Snapshot() = default;
    // The current version (a delete mark too: version.deleted), or nullopt when the id was never used.
    // Errors: Kind::gone when its key was destroyed; Kind::corrupt when the envelope does not open or names another record.
    virtual base::Result<std::optional<Record>> current(std::string_view type, std::string_view id) = 0;
    virtual base::Result<std::optional<Record>> version(std::string_view type, std::string_view id, std::uint32_t version) = 0;
    // Error besides those of current(): Kind::not_found when there is no such version in this view.
    virtual base::Result<Record> at(std::uint64_t seq) = 0;
    // The record of a search hit: cheaper than at(), and served from the cache when it can be. Errors as current().
    virtual base::Result<Record> fetch(const Hit& hit) = 0;
    // Metadata and facts only; the bodies are fetched with fetch() or at(). Errors: Kind::not_supported for a criterion it cannot answer;
    // Kind::too_large past Query::max_examined; Kind::unavailable while the index waits for a reindex.
    virtual base::Result<Hits> search(const Query& query, const Predicate& permits) = 0;
    virtual std::uint64_t last_seq() const = 0;
};

// All-or-nothing writing, run on the writer thread inside one group commit. What it writes is seen by its own reads.
// An error returned by the work, or by finish, undoes this unit alone.
class Unit : public Snapshot {
  public:
    // Appends a version. Errors: Kind::conflict when `version` is not head + 1; Kind::gone when the patient was erased; Kind::invalid when
    // a type or id cannot be stored (empty, over 254 bytes, or with a | in it); Kind::too_large past 64 MiB.
    virtual base::Result<Version> put(const NewRecord& record) = 0;
    // An audit submission (opaque bytes) that must reach the log; kept in the same transaction, sealed. Order is kept. Error:
    // Kind::conflict when the event id is there already.
    virtual base::Status journal(std::string_view event_id, base::ByteView submission) = 0;
    // The records database inside this transaction, for the tables of outbox and registry (they own their table names).
    virtual Database& database() = 0;
};

class Store {
  public:
    // A lost or damaged index.db does not stop it: reads go on, searches and writes answer Kind::unavailable until reindex().
    // Errors: Kind::corrupt when records.db does not open with these keys, Kind::conflict when another process holds the directory,
    // or rotated the keys since they were opened.
    static base::Result<std::unique_ptr<Store>> open(const StoreOptions& options, KeyRing& keys, const base::Clock& clock);
    virtual ~Store() = default;

    // A view of everything acknowledged so far. Fast: a pooled connection. The duty must outlive the snapshot.
    virtual base::Result<std::unique_ptr<Snapshot>> snapshot(AuditDuty& duty) = 0;
    // The hot path of read: one current version without opening a longer transaction.
    virtual base::Result<std::optional<Record>> read(AuditDuty& duty, std::string_view type, std::string_view id) = 0;

    using Work = std::function<base::Status(Unit&)>;
    // `done` runs on the writer thread, in commit order, once the unit is durable (or undone: its error). It must be quick and not throw.
    // A unit that is not taken (queue full, draining, failed disk, index waiting for a reindex) is told Kind::unavailable on the calling
    // thread. After a commit that failed nothing more is acknowledged until the store is opened again: whether it reached the disk is
    // unknown. When the records took it and the index did not, it is acknowledged: the next start brings the index up, searches wait for it. The duty is noted by the unit's reads and must live until `done`.
    virtual void submit(AuditDuty& duty, Work work, std::function<void(base::Status)> done) = 0;

    // Kind::unavailable once nothing more is written until the store is opened again. Thread-safe.
    virtual base::Status takes_writes() const = 0;

    // Journal: what was committed but not yet confirmed in the log, in order (on start), and its removal once the log has it.
    struct JournalRow {
        std::string event_id;
        base::Bytes submission;
    };
    virtual base::Result<std::vector<JournalRow>> journal_pending() = 0;
    virtual void journal_done(std::vector<std::string> event_ids) = 0;  // lazily, with a later commit

    virtual base::Result<std::uint64_t> last_seq() = 0;
    virtual base::Status drain() = 0;  // commits what waits; later submits fail with Kind::unavailable
    // records.db, index.db and keys.db in one copy that opens with this root key, while serving. Error: Kind::conflict when one is there.
    virtual base::Status backup_to(const std::string& dir) = 0;

    // The pages of records.db and index.db that do not open, for a directory that does not; nothing of a file that is none at all, which open()
    // has said. -> how many findings `each` got.
    static std::size_t fsck_pages(const std::string& dir, const KeyRing& keys, const std::function<void(const std::string&)>& each);

    // Offline checks and repair (no server on the directory). `each` gets a sentence per finding; the count of findings is returned.
    virtual base::Result<std::size_t> fsck(const std::function<void(const std::string&)>& each) = 0;
    // For every stored version in order: (seq, record id, version, ciphertext hash). For fsck against the audit chain. A row that is missing,
    // or does not open, is passed over: fsck() names it.
    virtual base::Status walk(const std::function<base::Status(std::uint64_t seq, const RecordId&, const Version&)>& each) = 0;
    // Rebuilds index.db from the records. `extract` gives patients and index rows of a body (fhir/search knows how).
    using Extract = std::function<base::Result<NewRecord>(const Record&)>;
    virtual base::Status reindex(const Extract& extract, const std::function<void(std::uint64_t done, std::uint64_t total)>& progress) = 0;

    virtual RecordId record_id(std::string_view type, std::string_view id) const = 0;
};

}  // namespace store
