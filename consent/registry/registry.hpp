// Rules <-> contract. Turns writes of Consent resources into signed ledger calls in the same unit of work, follows the ledger, and
// answers "which consents count for this patient now" from a local mirror: the ledger is never in the read path.
#pragma once

#include "consent/decide/decide.hpp"
#include "storage/base/json.hpp"
#include "storage/store/store.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace consent {

// $ledger-status and the extension on the resource (http://kedge.dev/fhir/StructureDefinition/consent-ledger).
struct LedgerStatus {
    // "none" (never on the ledger), "requested", "queued", "sent" (also while it is mined and does not count yet), "active" (it counts),
    // "revoking", "revoked", "refused"
    std::string state;
    std::string finality;  // "pending", "latest", "final"
    std::uint64_t chain_id = 0;
    std::string contract, consent_id, terms_hash, txn_hash, block_hash, signer;  // 0x hex; signer: "custodial" or "patient"
    std::uint64_t block_number = 0;
    std::string reason;  // when refused: what to do; while queued and the relayer is paused: why it waits
};

class Registry {
  public:
    virtual ~Registry() = default;

    // Called inside the unit of work that writes a Consent version, after its put. `before` is the previous version's resource (null when
    // there was none), `after` the new one (null for a delete). Writes outbox and registry rows with unit.database(). Errors undo the unit:
    // Kind::unprocessable when an active Consent names no patient of this server, Kind::unavailable when the outbox is full.
    virtual base::Status on_write(store::Unit& unit, const json::Value* before, const json::Value* after, const std::string& id,
                                  std::uint32_t version, base::ByteView stored_body) = 0;
    // For a move to another ledger, inside a unit of work: grants on this ledger what the given Consent version granted on an earlier one,
    // with salts and a signature of its own. true when a grant was queued; false when the version grants nothing, or this ledger has it.
    // Errors as on_write.
    virtual base::Result<bool> grant_again(store::Unit& unit, const json::Value& consent, const std::string& id, std::uint32_t version,
                                           base::ByteView stored_body) = 0;
    // Called when that unit is durable: from here on a revocation counts, a new grant waits for the ledger.
    virtual void on_committed(const std::string& id, const std::string& patient) = 0;

    // The patient's consents that are active in FHIR terms, parsed, checked against their on-ledger terms and marked
    // effective or not. Cached by patient; the cache follows on_committed and the ledger. `stale` is true when the mirror is older than its
    // bound: then only own-record access is decided, everything else denies.
    struct View {
        std::vector<ActiveConsent> consents;
        std::uint64_t epoch = 0;  // changes whenever any answer of this patient may change
        bool stale = false;
    };
    virtual base::Result<std::shared_ptr<const View>> view(const std::string& patient) = 0;

    virtual base::Result<std::optional<LedgerStatus>> status(const std::string& consent_id) = 0;
    // Lets the follower apply what the ledger has now (tests and SIGTERM); returns when the mirror shows the present head.
    virtual base::Status catch_up() = 0;
};

}  // namespace consent
