// What a server says about a Consent on the ledger, against what the ledger says: granted when, in which block, and revoked or not at a
// given time.
#pragma once

#include "anchoring/kedge_verify/evidence.hpp"
#include "anchoring/proof/verify.hpp"
#include "storage/base/json.hpp"

namespace kedge_verify {

// On a Consent as it is served; the parts are named as in $ledger-status.
inline constexpr std::string_view kLedgerUrl = "http://kedge.dev/fhir/StructureDefinition/consent-ledger";

struct ConsentClaim {
    std::string name;   // for people
    std::string state;  // as the server says it: active, revoked, queued ...
    proof::Digest consent_id{};
    std::optional<proof::Digest> terms_hash, tx_hash;
    std::optional<std::array<std::uint8_t, 20>> contract;
};

// A Parameters of Consent/{id}/$ledger-status, or a Consent with the ledger's extension. Error: Kind::invalid says what is missing.
base::Result<ConsentClaim> read_consent_claim(const json::Value& resource);

// With evidence.at: what held at that time. Without: whether the ledger's records bear out the claimed state. A revocation is for ever, so
// its event proves it; that a grant was not revoked is proven only by a record that says the state at or after that time.
proof::Verdict judge_consent(const ConsentClaim& claim, const Evidence& evidence);

}  // namespace kedge_verify
