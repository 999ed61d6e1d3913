// How a server makes its Registry: what it stands on, and how patient and ledger are bound.
#pragma once

#include "anchoring/ledger/ledger.hpp"
#include "anchoring/outbox/outbox.hpp"
#include "consent/policy/policy.hpp"
#include "consent/registry/registry.hpp"

#include <memory>
#include <string>

namespace consent {

struct RegistryOptions {
    std::string dir;        // the store's directory: registry rows are read from records.db by a connection of its own
    std::string server_id;  // goes into every consentId: the server's base URL or DID
    ParseOptions parse;
    // A grant counts when its block is final (true), or from the moment it is mined (false: only where blocks are never taken back).
    bool wait_for_finality = true;
    // The mirror is stale, and everything but the own record is denied, when it was not compared with the ledger for so long.
    std::int64_t stale_after_us = 60'000'000;
    int poll_ms = 1000;
    // The ledger is in this process (embedded): a quiet hour, or a clock that jumped, is then told from a broken mirror by asking for its
    // head, which costs no more than a lock.
    bool in_process = false;
    std::size_t cache_patients = 20'000;
    bool follow = true;  // false: no thread; tests call catch_up()
};

// The ledger whose blocks the registry's rows follow; nothing in a directory that never followed one.
struct LedgerInUse {
    std::uint64_t chain_id = 0;
    ethereum::Address consent_ledger;
};
base::Result<std::optional<LedgerInUse>> ledger_in_use(const std::string& dir, store::KeyRing& keys);

// How many Consents are granted on another ledger than this one and would give no access here until they are granted again
// (Registry::grant_again): asked before an outbox is opened on `ledger`, for that refuses what still waits for the other one.
base::Result<std::size_t> grants_elsewhere(const std::string& dir, store::KeyRing& keys, const ledger::Ledger& ledger);

// All must outlive it; destroy it before the outbox. Makes its tables, adds itself to the outbox's listeners, and looks at the ledger once
// (a ledger that does not answer leaves the mirror stale, not the server dead). Errors: Kind::corrupt when the ledger's final history is
// not the one that was followed before; what the store gives.
base::Result<std::unique_ptr<Registry>> make_registry(const RegistryOptions& options, store::Store& store, store::KeyRing& keys,
                                                      ledger::Ledger& ledger, outbox::Outbox& outbox, const base::Clock& clock);

}  // namespace consent
