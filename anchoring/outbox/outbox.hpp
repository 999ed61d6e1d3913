// Signed transactions waiting for the ledger. A row is written in the same unit of work as what it is about, so that neither exists
// without the other; a thread of its own then broadcasts, and follows each until no reorganisation can take it back. The only owner of
// the relayer key's nonces: two owners is how relayers break.
#pragma once

#include "anchoring/ethereum/signer.hpp"
#include "anchoring/ledger/ledger.hpp"
#include "anchoring/outbox/pause.hpp"
#include "storage/store/store.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace outbox {

using ethereum::Address;
using ethereum::Hash;

enum class State : std::uint8_t { queued = 1, sent = 2, mined = 3, final = 4, refused = 5 };  // DO NOT CHANGE: stored
std::string_view to_string(State state);

// What the ledger is asked to do.
struct Call {
    std::string kind;  // "consent", "anchor": for metrics and people
    Address to;
    base::Bytes data;
    std::uint64_t gas_limit = 0;
    // Taken even when the outbox is full: a revocation must not wait for the ledger.
    bool urgent = false;
};

struct Queued {
    std::uint64_t id = 0;  // the row's name for good; nonce and hash may change when a transaction must be signed again
    std::uint64_t nonce = 0;
    Hash txn_hash{};
    base::Bytes raw;
};

struct Row {
    std::uint64_t id = 0;
    // Nothing once refused without being mined (the nonce went to another), and while another row's transaction carries the call.
    std::optional<std::uint64_t> nonce;
    std::string kind;
    Hash txn_hash{};  // of the transaction that carries it
    State state = State::queued;
    std::string reason;              // of a refusal: the contract's error, or the ledger's words
    std::uint64_t block_number = 0;  // from mined on
    Hash block_hash{};
};

struct Options {
    std::string dir;                            // the store's directory: rows are read from records.db by a connection of its own
    std::size_t most_waiting = 10'000;          // rows queued or sent; beyond, enqueue says Kind::unavailable
    int poll_ms = 1000;                         // how often the ledger is asked when nobody calls kick()
    std::int64_t resend_after_us = 60'000'000;  // a transaction that a node forgot is given to it again
    // For tools that only look: no row of another ledger or relayer is given up.
    bool only_looking = false;
    std::int64_t bump_after_us = 180'000'000;  // one that no block takes offers an eighth more (nodes ask for a tenth)
    // No stuck transaction offers more than this (1,000 gwei: a grant would cost 0.05 ether): it waits, and the log says so.
    std::uint64_t most_fee_per_gas = 1'000'000'000'000;
    // Grants and revocations that wait together go in one transaction, at most so many; 1: never. `join_embedded`: on the embedded ledger,
    // too, which gains nothing by it (one block takes all that wait, and there is no gas).
    std::size_t most_joined = 100;
    bool join_embedded = false;
    // While so many transactions wait for a block, what comes is held back, to go together afterwards.
    std::size_t most_under_way = 8;
};

class Outbox {
  public:
    // All must outlive it. Rows that another ledger or relayer left open are refused with that reason. A ledger that does not answer now
    // is no error: nonces go on from the rows, and the first pass that hears of the ledger's sets them right. Errors: what the store gives,
    // and the ledger's that are not Kind::unavailable.
    static base::Result<std::unique_ptr<Outbox>> open(const Options& options, store::Store& store, store::KeyRing& keys,
                                                      ledger::Ledger& ledger, ethereum::Signer relayer, const base::Clock& clock);
    // The same with the data directory's own relayer key, KeyRing::derived("relayer").
    static base::Result<std::unique_ptr<Outbox>> open(const Options& options, store::Store& store, store::KeyRing& keys,
                                                      ledger::Ledger& ledger, const base::Clock& clock);
    ~Outbox();  // stop()

    // Inside a unit of work, on the writer thread: signs with the next nonce and writes the row; while paused the row gets its signature
    // when it is sent, and txn_hash and raw are empty until then. Undone with the unit.
    // Errors: Kind::unavailable when options.most_waiting rows wait and the call is not urgent; Kind::too_large; what the database gives.
    base::Result<Queued> enqueue(store::Database& in_unit, const Call& call);
    // After that unit is durable: wakes the broadcaster. Quick; any thread.
    void kick();

    void start();
    void stop();
    // One pass over all open rows on the calling thread: what the broadcaster does when it wakes. Not on the writer thread, for it
    // waits for a unit of its own. Errors: the ledger's or the store's; nothing is lost, the next pass goes on.
    base::Status pass();
    // The same, and what was sent before is given to the ledger again, however lately that was. Error: Kind::conflict while paused.
    base::Status resend();

    // An operator's pause: from the return on nothing is signed or given to the ledger (no call, no anchor, no replacement, nothing sent
    // again), on any kind of ledger, also after a restart, until resume(). Calls are taken and wait as queued, as long as there is room;
    // what was sent before is followed, for no one can call it back. `also` runs in the same unit of work: an audit entry. Any thread but
    // the writer's. false: it was paused already (resume: it was not), and nothing was done. Errors: Kind::invalid for a reason that
    // check_why() refuses, what the store and `also` give; then nothing changed.
    base::Result<bool> pause(std::string_view why, const store::Store::Work& also = {});
    base::Result<bool> resume(const store::Store::Work& also = {});
    std::optional<Pause> paused() const;  // any thread; asks nobody

    // Any thread. Error: what the database gives.
    base::Result<std::optional<Row>> find(std::uint64_t id);
    base::Result<std::size_t> waiting();     // queued or sent
    base::Result<std::size_t> open_count();  // and mined, but not final yet
    // Called after each durable change of rows, on the thread that made the pass; must not call stop(). Add before start().
    void listen(std::function<void(const std::vector<Row>&)> listener);
    // Who pays: an operator funds it on a chain that takes fees.
    const Address& relayer() const;

  private:
    struct Impl;
    explicit Outbox(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace outbox
