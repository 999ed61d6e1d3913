// Brings the audit log's head to the ledger: each interval, on demand and on shutdown. It takes the present checkpoint, proves that it
// continues the last anchored one, and hands the call of AuditAnchor to the outbox. One anchor is under way at a time: the contract
// takes the next proof from the head that it holds.
#pragma once

#include "anchoring/anchor/heads.hpp"
#include "anchoring/chain/audit_log.hpp"
#include "anchoring/ledger/ledger.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace anchor {

struct Options {
    std::string path;        // anchors.db
    std::int64_t every_ms = 600'000;  // between two anchors
    int poll_ms = 1000;      // how often the outbox's rows are looked at
};

// The outbox as seen from here. Both are called on the anchorer's thread or on that of anchor_now().
struct Sender {
    // Queues the call durably (a unit of work with Outbox::enqueue, then kick) and gives the row's id.
    std::function<base::Result<std::uint64_t>(const outbox::Call&)> send;
    std::function<base::Result<std::optional<outbox::Row>>(std::uint64_t id)> find;  // Outbox::find
};

// Thread-safe.
class Anchorer {
  public:
    // Compares the last head on the ledger with the log before anything is served. All references must outlive it. Errors: Kind::corrupt
    // when the ledger holds a head that this log does not lead to (rewritten or cut back), Kind::conflict when another key owns the log id
    // on the ledger, what the database gives. A ledger that does not answer is no error: what was recorded here is compared instead.
    // `relayer` owns the log id: the outbox's address.
    static base::Result<std::unique_ptr<Anchorer>> open(Options options, const crypto::Key& key, chain::AuditLog& log,
                                                        ledger::Ledger& ledger, const ethereum::Address& relayer, Sender sender,
                                                        const base::Clock& clock);
    ~Anchorer();

    void start();
    // Sends a last anchor when the log grew (queued; the outbox keeps it) and ends the thread.
    void stop();
    // What the thread does each interval. true: an anchor was sent; false: nothing new, or one is under way. Errors: the sender's, the
    // log's, the ledger's; Kind::corrupt as in open.
    base::Result<bool> anchor_now();
    // Looks at the outbox's rows of what is under way.
    base::Status refresh();

    const proof::Digest& log_id() const;
    // The oldest anchor on the ledger (mined or final) whose tree has at least `size` entries.
    std::optional<proof::AnchorRecord> covering(std::uint64_t size) const;
    // All anchors on the ledger as JSON lines, for kedge-verify --anchors.
    std::string export_lines() const;
    std::optional<AnchoredHead> last() const;  // in whatever state

  private:
    Anchorer(Options options, Heads heads, chain::AuditLog& log, ledger::Ledger& ledger, const ethereum::Address& relayer, Sender sender,
             const base::Clock& clock);
    base::Status compare_with_ledger();
    base::Status compare(std::uint64_t size, const proof::Digest& root, const std::string& who);
    base::Status refresh_locked();
    base::Result<bool> anchor_locked();
    proof::AnchorRecord record_of(const AnchoredHead& head) const;
    void run();

    const Options options_;
    chain::AuditLog& log_;
    ledger::Ledger& ledger_;
    const ethereum::Address relayer_;
    Sender sender_;
    const base::Clock& clock_;
    mutable std::mutex mutex_;  // heads_
    Heads heads_;
    std::optional<std::uint64_t> opening_;  // the outbox row of the open call, while it is under way

    std::mutex run_mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace anchor
