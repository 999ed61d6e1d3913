// The two contracts' rules in C++, as a deterministic state machine: State and call in, events or a refusal out. They say what the
// Solidity says (anchoring/contract/README.md), in the same order of checks; a differential test holds the two together.
#pragma once

#include "anchoring/ledger/consent_events.hpp"
#include "anchoring/ledger/consent_ledger.hpp"
#include "anchoring/ledger/state.hpp"

#include <functional>

namespace ledger {

// The proof library's verifiers (anchoring/proof/merkle.hpp), handed in. Both are needed.
struct ProofChecks {
    std::function<bool(std::uint64_t old_size, const Hash& old_root, std::uint64_t new_size, const Hash& new_root,
                       std::span<const Hash> path)>
        consistency;
    std::function<bool(std::uint64_t index, std::uint64_t size, const Hash& leaf, std::span<const Hash> path, const Hash& root)> inclusion;
};

// What a contract sees of the transaction and its block.
struct Call {
    Address sender;
    base::ByteView data;
    std::uint64_t time_s = 0;
    std::uint64_t block_number = 0;
};

// Either events, or reverted: then the state is to be dropped.
struct Outcome {
    bool reverted = false;
    std::string error;  // the custom error's name; empty for a call that does not decode
    std::vector<Event> events;
};

class NativeConsentLedger {
  public:
    NativeConsentLedger(std::uint64_t chain_id, const Address& self);
    // Errors are the State's alone; what the contract refuses is an Outcome.
    base::Result<Outcome> execute(const Call& call, State& state) const;

  private:
    struct Run;
    Address self_;
    Hash domain_separator_;
};

class NativeAuditAnchor {
  public:
    NativeAuditAnchor(const Address& self, ProofChecks checks);
    base::Result<Outcome> execute(const Call& call, State& state) const;
    base::Result<bool> included(Rows& rows, const Hash& log_id, std::uint64_t index, const Hash& leaf, std::span<const Hash> path) const;

  private:
    struct Run;
    Address self_;
    ProofChecks checks_;
};

}  // namespace ledger
