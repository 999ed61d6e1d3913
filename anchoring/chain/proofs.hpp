// Proofs out of an AuditLog, and the check of a range of it: what `$proof` and `$verify-integrity` call.
#pragma once

#include "anchoring/chain/audit_log.hpp"
#include "anchoring/proof/verify.hpp"

namespace chain {

// The C2SP tlog-proof of one entry. With `anchor`, the checkpoint is the smallest kept one that covers the entry and the proof carries the
// path from there to the anchored size. `with_event` puts the event itself inside. A checkpoint is signed when none covers the entry
// yet. Errors: Kind::not_found, Kind::invalid when the anchor does not cover the entry, those of AuditLog.
base::Result<proof::ProofFile> proof_of(AuditLog& log, std::uint64_t seq, bool with_event,
                                        const std::optional<proof::AnchorRecord>& anchor);

struct RangeFinding {
    std::uint64_t seq = 0;
    bool good = false;
    bool erased = false;
    std::string sentence;
};
struct RangeReport {
    std::uint64_t entries = 0, good = 0, erased = 0;
    std::optional<SignedCheckpoint> checkpoint;  // that every entry was proven against
};
// Every entry of [from_seq, to_seq): opens, matches its commitment, is linked to the one before, and is in the tree of a checkpoint signed
// by the log's key. `each` gets every entry, good or not. An entry that cannot be read is a finding, not an error. Errors: Kind::invalid
// when the range is empty or goes past the log; those of checkpoint_now.
base::Result<RangeReport> verify_range(AuditLog& log, std::uint64_t from_seq, std::uint64_t to_seq,
                                       const std::function<void(const RangeFinding&)>& each);

}  // namespace chain
