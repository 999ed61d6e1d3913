// The audit chain's single writer: an append-only log of encrypted, checksummed frames, one fdatasync per group, then all waiting
// answers go (anchoring/README.md). Chain, Merkle tree and signed checkpoints follow from its entries.
#pragma once

#include "anchoring/proof/entry.hpp"
#include "storage/store/key_ring.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace chain {

// What an AuditEvent can be found by, so that the index needs no patient key and outlives erasure. Personal names never stand here as text:
// the log turns patient, agent and entity into keyed hashes before anything is stored.
struct IndexKeys {
    std::string id;  // AuditEvent.id (a UUID, also the idempotence key: appended twice, kept once)
    base::TimeUs recorded_us = 0;
    std::vector<std::string> patients;  // logical ids ("1" of Patient/1)
    std::vector<std::string> agents;    // agent.who references or identifiers, as searched for
    std::vector<std::string> entities;  // entity.what references without version
    char action = 'R';                  // C R U D E
    std::uint8_t outcome = 0;           // 0 4 8 12
    std::string subtype;                // read, vread, create, search-type ...
};

// One thing to be made durable. For kind event: content is the AuditEvent's canonical JSON, sealed under the audit key of `key_patient`
// (empty: the tenant's audit key). For kind write_set: content is proof::encode_write_set(...), sealed under the log key (it names no one).
struct Submission {
    proof::EntryKind kind = proof::EntryKind::event;
    std::string key_patient;
    std::string content;
    IndexKeys keys;              // id is required for both kinds
    bool owed = false;           // what it tells of is done and cannot be refused any more: taken also when the queue is full; not encoded
    bool once = false;           // the id was drawn for this one append and nobody keeps it to append again: it is not looked for
    base::Bytes encode() const;  // for the store's journal
    static base::Result<Submission> decode(base::ByteView bytes);
};

struct Appended {
    std::uint64_t first_seq = 0;  // leaf index of the first submission of the group; they are consecutive
};

class Disk;  // file.hpp: where groups and checkpoints are written; tests inject one that fails

struct LogOptions {
    std::string dir;
    std::string origin = "kedge.local/audit";  // C2SP checkpoint origin: host/audit
    std::size_t queue_limit = 65536;           // submissions waiting; beyond: Kind::unavailable (503 with Retry-After)
    std::size_t group_limit = 1024;
    std::chrono::microseconds longest_gather{1000};  // that a group waits for more callers (gather.hpp)
    int checkpoint_ms = 1000;
    std::size_t checkpoint_entries = 5000;
    std::uint64_t segment_bytes = 256u << 20;  // sealed and immutable beyond this
    std::size_t index_run_rows = 16384;        // see event_index.hpp
    std::shared_ptr<Disk> disk;                // null: the real one
};

// A stored AuditEvent with what proves it.
struct StoredEvent {
    proof::Entry entry;
    proof::Salt salt{};
    std::string content;  // AuditEvent JSON; empty when its key was destroyed
    bool erased = false;
    IndexKeys keys;  // patients/agents/entities are not recoverable from the index and are left empty
};

struct EventQuery {
    std::optional<base::TimeUs> from_us, before_us;       // recorded in [from, before)
    std::vector<std::string> patients, agents, entities;  // any of each; empty: not asked
    std::vector<std::string> ids;
    std::string actions;  // any of these letters
    std::vector<std::uint8_t> outcomes;
    std::vector<std::string> subtypes;
    bool nothing = false;                   // no entry can meet what was asked (a code of a system that no entry uses)
    std::uint64_t before_seq = UINT64_MAX;  // newest first, strictly older than this
    std::size_t limit = 50;
    bool count_total = false;
};
struct EventHits {
    std::vector<std::uint64_t> seqs;
    bool more = false;
    std::optional<std::uint64_t> total;
};

struct SignedCheckpoint {
    std::uint64_t size = 0;
    proof::Digest root{};
    base::TimeUs time_us = 0;
    std::string note;  // C2SP signed note: the text form
};

class AuditLog {
  public:
    // Opens or creates; cuts a torn tail back to the last whole group; refuses (Kind::corrupt) when an entry, link or checkpoint does
    // not hold. Does not read the whole log: only what follows the last checkpoint.
    static base::Result<std::unique_ptr<AuditLog>> open(const LogOptions& options, store::KeyRing& keys, const base::Clock& clock);
    virtual ~AuditLog() = default;

    // Takes the group's place in the order at the call (thread-safe); seals and compresses on the calling thread. `done` runs after
    // fdatasync, in order, and must not throw: on the calling thread when that has a Courier (courier.hpp); otherwise on the log's thread,
    // where the next group waits for it, so that it must be quick. What is refused at the call is told on the calling thread before
    // append returns: Kind::unavailable (queue full, unless the first is owed; drained, or after a failed fsync: nothing more is acknowledged), Kind::gone when the
    // patient's audit key was destroyed, Kind::invalid and Kind::too_large for a submission that breaks the rules of Sealer::prepare. A
    // group is taken whole or not at all. A submission whose id is in the log already is acknowledged, not repeated; set keys.recorded_us,
    // which tells the log how far back it must look (0 makes it ask the index each time).
    virtual void append(std::vector<Submission> group, std::function<void(base::Result<Appended>)> done) = 0;

    // Kind::unavailable, and why, once it takes nothing more. Thread-safe and cheap: asked before each write.
    virtual base::Status takes() const = 0;

    // Waits until the derived index has caught up with everything acknowledged before the call.
    virtual base::Result<EventHits> search(const EventQuery& query) = 0;
    virtual base::Result<StoredEvent> event(std::uint64_t seq) = 0;
    virtual base::Result<std::optional<std::uint64_t>> find(const std::string& event_id) = 0;
    virtual base::Result<bool> contains(const std::string& event_id) = 0;  // for the store's journal on start

    // The record store's number of the newest write that the log tells of: a store that ends before it is an older copy. Nothing when there is
    // none, or none since the log's entries bear what this looks for.
    virtual base::Result<std::optional<std::uint64_t>> newest_write() = 0;

    virtual std::uint64_t size() const = 0;  // durable entries
    virtual base::Result<proof::Digest> root_at(std::uint64_t size) = 0;
    virtual base::Result<std::vector<proof::Digest>> inclusion(std::uint64_t index, std::uint64_t size) = 0;
    virtual base::Result<std::vector<proof::Digest>> consistency(std::uint64_t old_size, std::uint64_t new_size) = 0;

    virtual base::Result<SignedCheckpoint> checkpoint_now() = 0;                                         // signs the present head
    virtual base::Result<std::optional<SignedCheckpoint>> checkpoint_covering(std::uint64_t index) = 0;  // smallest kept one that covers it
    virtual std::string verifier_key() const = 0;  // C2SP vkey of the log: name+hash+base64

    // Offline. Walks everything: frames, links, commits (where keys still are), tree, checkpoints, index. `each` gets a sentence per
    // finding.
    virtual base::Result<std::size_t> fsck(const std::function<void(const std::string&)>& each) = 0;
    // Every write-set in order, for the comparison with the record store.
    virtual base::Status walk_writes(const std::function<base::Status(const proof::Written&)>& each) = 0;
    virtual base::Status reindex(const std::function<void(std::uint64_t done, std::uint64_t total)>& progress) = 0;
    virtual base::Status backup_to(const std::string& dir) = 0;  // consistent prefix, while serving
    virtual base::Status drain() = 0;                            // flush, checkpoint, stop
};

// The same walk as AuditLog::fsck on a directory that no process has open, and also on one that AuditLog::open refuses.
base::Result<std::size_t> fsck_directory(const LogOptions& options, store::KeyRing& keys,
                                         const std::function<void(const std::string&)>& each);

}  // namespace chain
