#include "anchoring/ledger/executor.hpp"

namespace ledger {

using base::fail;
using base::Kind;

Executor::Executor(std::uint64_t chain_id, const Contracts& contracts, ProofChecks checks)
    : chain_id_(chain_id),
      contracts_(contracts),
      consent_ledger_(chain_id, contracts.consent_ledger),
      audit_anchor_(contracts.audit_anchor, std::move(checks)) {}

base::Status Executor::admit(const ethereum::SignedTransaction& txn, Rows& rows) const {
    const auto& t = txn.transaction;
    if (t.chain_id != chain_id_)
        return fail(Kind::invalid, "the transaction is for chain " + std::to_string(t.chain_id) + ", this is " + std::to_string(chain_id_));
    if (t.to != contracts_.consent_ledger && t.to != contracts_.audit_anchor)
        return fail(Kind::invalid, "the embedded ledger has no such contract");
    if (!t.value.is_zero()) return fail(Kind::invalid, "the embedded ledger has no money to send");
    const auto next = nonce_row(rows, txn.sender);
    if (!next) return base::pass(next);
    if (t.nonce < *next) return fail(Kind::conflict, "nonce too low: " + std::to_string(t.nonce) + ", next is " + std::to_string(*next));
    if (t.nonce > *next) return fail(Kind::invalid, "nonce gap: " + std::to_string(t.nonce) + ", next is " + std::to_string(*next));
    return {};
}

base::Result<Outcome> Executor::execute(const ethereum::SignedTransaction& txn, const Place& place, State& state) const {
    const Call call{txn.sender, txn.transaction.data, place.time_s, place.block_number};
    // The contract works on its own layer, so that a revert leaves nothing behind.
    State effects(&state);
    auto outcome =
        txn.transaction.to == contracts_.consent_ledger ? consent_ledger_.execute(call, effects) : audit_anchor_.execute(call, effects);
    if (!outcome) return outcome;
    if (!outcome->reverted) {
        for (const auto& [key, value] : effects.changes()) state.set(key, value);
    }
    set_nonce_row(state, txn.sender, txn.transaction.nonce + 1);
    set_txn_row(state, txn.hash, {place.block_number, place.index});
    return outcome;
}

}  // namespace ledger
