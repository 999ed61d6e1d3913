// What ConsentLedger says. Pure.
#pragma once

#include "anchoring/ledger/contract_errors.hpp"
#include "anchoring/ledger/ledger.hpp"

#include <optional>
#include <variant>

namespace ledger {

struct Requested {
    Address requester;
    Hash request_id{};
    Hash request_hash{};
    std::uint64_t expires = 0;
    bool operator==(const Requested&) const = default;
};
struct Granted {
    Address subject;
    Hash consent_id{};
    Hash terms_hash{};
    std::uint64_t not_before = 0;
    std::uint64_t not_after = 0;
    bool operator==(const Granted&) const = default;
};
// Also of a tombstone: then there was no Granted before it.
struct Revoked {
    Address subject;
    Hash consent_id{};
    bool operator==(const Revoked&) const = default;
};
struct Skipped {
    Address subject;
    Hash consent_id{};
    SkipReason reason = SkipReason::bad_signature;
    bool operator==(const Skipped&) const = default;
};
using ConsentEvent = std::variant<Requested, Granted, Revoked, Skipped>;

Event to_event(const Address& consent_ledger, const ConsentEvent& event);
// Nothing for a topic that is none of these; the address is the caller's to check. Error: Kind::invalid when the topic is known and
// the rest does not fit it.
base::Result<std::optional<ConsentEvent>> consent_event(const Event& event);

}  // namespace ledger
