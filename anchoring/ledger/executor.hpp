// What a transaction does to the embedded ledger's state: the same code when a block is made and when it is checked again.
#pragma once

#include "anchoring/ethereum/transaction.hpp"
#include "anchoring/ledger/contracts_native.hpp"

namespace ledger {

// Where a transaction stands.
struct Place {
    std::uint64_t block_number = 0;
    std::uint64_t time_s = 0;
    std::uint32_t index = 0;
};

class Executor {
  public:
    Executor(std::uint64_t chain_id, const Contracts& contracts, ProofChecks checks);

    std::uint64_t chain_id() const { return chain_id_; }
    const Contracts& contracts() const { return contracts_; }
    const NativeAuditAnchor& audit_anchor() const { return audit_anchor_; }

    // Whether the next block may hold it. Errors: Kind::conflict when the nonce was used; Kind::invalid for another chain's id, a nonce
    // gap, a value (the embedded ledger has no money), or a recipient that is neither contract; what the rows give.
    base::Status admit(const ethereum::SignedTransaction& txn, Rows& rows) const;
    // Executes an admitted transaction: nonce, place and, unless it reverts, the contract's effects. Errors: what the rows give; the
    // state is then to be dropped.
    base::Result<Outcome> execute(const ethereum::SignedTransaction& txn, const Place& place, State& state) const;

  private:
    std::uint64_t chain_id_;
    Contracts contracts_;
    NativeConsentLedger consent_ledger_;
    NativeAuditAnchor audit_anchor_;
};

}  // namespace ledger
