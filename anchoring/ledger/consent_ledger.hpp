// What ConsentLedger takes: its calls, and the two structures that a patient's key signs (EIP-712, "FhirConsentLedger" version "1").
// The rules of the contract stand in anchoring/contract/README.md. Pure.
#pragma once

#include "anchoring/ethereum/eip712.hpp"
#include "anchoring/ledger/ledger.hpp"

#include <variant>
#include <vector>

namespace ledger {

struct Grant {
    Address subject;    // whose key signs
    Hash consent_id{};  // random, used once
    Hash terms_hash{};
    std::uint64_t not_before = 0;  // seconds since 1970
    std::uint64_t not_after = 0;   // the first second not covered; at most kNoEnd, which means open
    std::uint64_t deadline = 0;    // the last block time at which the ledger takes this grant
    bool operator==(const Grant&) const = default;
};

struct Revocation {
    Address subject;
    Hash consent_id{};
    bool operator==(const Revocation&) const = default;
};

// A structure and the subject's signature: 65 bytes, or what a contract wallet takes.
struct SignedGrant {
    Grant grant;
    base::Bytes signature;
    bool operator==(const SignedGrant&) const = default;
};
struct SignedRevocation {
    Revocation revocation;
    base::Bytes signature;
    bool operator==(const SignedRevocation&) const = default;
};

ethereum::Domain consent_domain(std::uint64_t chain_id, const Address& consent_ledger);
// What is signed. A signed revocation never expires: it can be made beside the grant and kept.
Hash grant_digest(const Hash& domain_separator, const Grant& grant);
Hash revoke_digest(const Hash& domain_separator, const Revocation& revocation);

// The calls, as a transaction carries them.
struct RequestCall {
    Hash request_id{};
    Hash request_hash{};
    std::uint64_t expires = 0;
    bool operator==(const RequestCall&) const = default;
};
struct GrantCall {
    SignedGrant item;
    bool operator==(const GrantCall&) const = default;
};
struct GrantBatchCall {
    std::vector<Grant> grants;
    std::vector<base::Bytes> signatures;  // one for each grant; another count reverts
    bool operator==(const GrantBatchCall&) const = default;
};
struct RevokeCall {
    SignedRevocation item;
    bool operator==(const RevokeCall&) const = default;
};
struct ApplyBatchCall {
    std::vector<Revocation> revocations;  // these first
    std::vector<Grant> grants;
    std::vector<base::Bytes> signatures;  // of the revocations, then of the grants
    bool operator==(const ApplyBatchCall&) const = default;
};
using ConsentCall = std::variant<RequestCall, GrantCall, GrantBatchCall, RevokeCall, ApplyBatchCall>;

base::Bytes encode_call(const ConsentCall& call);
// Error: Kind::invalid when it is none of these calls, or is not encoded canonically.
base::Result<ConsentCall> decode_consent_call(base::ByteView calldata);

GrantBatchCall grant_batch(const std::vector<SignedGrant>& grants);
ApplyBatchCall apply_batch(const std::vector<SignedRevocation>& revocations, const std::vector<SignedGrant>& grants);

// For eth_call: status(subject, consentId) answers one word, see unpack().
base::Bytes status_call(const Address& subject, const Hash& consent_id);

}  // namespace ledger
