// What AuditAnchor takes and says. The rules of the contract stand in anchoring/contract/README.md. Pure.
#pragma once

#include "anchoring/ledger/ledger.hpp"

#include <variant>
#include <vector>

namespace ledger {

struct OpenCall {
    Hash log_id{};  // random: whoever opens it first owns it
    bool operator==(const OpenCall&) const = default;
};
struct RotateOwnerCall {
    Hash log_id{};
    Address new_owner;
    bool operator==(const RotateOwnerCall&) const = default;
};
struct AnchorCall {
    Hash log_id{};
    std::uint64_t size = 0;
    Hash root{};
    std::vector<Hash> consistency_proof;  // RFC 9162 section 2.1.4, from the last anchored size; empty for the first anchor
    bool operator==(const AnchorCall&) const = default;
};
using AnchorCalls = std::variant<OpenCall, RotateOwnerCall, AnchorCall>;

base::Bytes encode_call(const AnchorCalls& call);
// Error: Kind::invalid when it is none of these calls, or is not encoded canonically.
base::Result<AnchorCalls> decode_anchor_call(base::ByteView calldata);

// For eth_call. head(logId) answers (address owner, uint64 size, bytes32 root, uint64 blockNumber), all zero for an unknown log;
// included(...) answers a bool.
base::Bytes head_call(const Hash& log_id);
base::Bytes included_call(const Hash& log_id, std::uint64_t index, const Hash& leaf_hash, std::span<const Hash> path);

struct Opened {
    Hash log_id{};
    Address owner;
    bool operator==(const Opened&) const = default;
};
struct OwnerRotated {
    Hash log_id{};
    Address previous_owner;
    Address new_owner;
    bool operator==(const OwnerRotated&) const = default;
};
struct Anchored {
    Hash log_id{};
    std::uint64_t size = 0;
    Hash root{};
    bool operator==(const Anchored&) const = default;
};
using AnchorEvent = std::variant<Opened, OwnerRotated, Anchored>;

Event to_event(const Address& audit_anchor, const AnchorEvent& event);
// Nothing for a topic that is none of these; the address is the caller's to check. Error: Kind::invalid when the topic is known and
// the rest does not fit it.
base::Result<std::optional<AnchorEvent>> anchor_event(const Event& event);

}  // namespace ledger
