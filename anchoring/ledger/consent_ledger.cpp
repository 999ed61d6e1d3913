#include "anchoring/ledger/consent_ledger.hpp"

#include "anchoring/ethereum/abi.hpp"

#include <algorithm>

namespace ledger {
namespace {

using ethereum::AbiValue;

constexpr std::string_view kRequest = "request(bytes32,bytes32,uint64)";
constexpr std::string_view kGrant = "grant((address,bytes32,bytes32,uint64,uint64,uint64),bytes)";
constexpr std::string_view kGrantBatch = "grantBatch((address,bytes32,bytes32,uint64,uint64,uint64)[],bytes[])";
constexpr std::string_view kRevoke = "revoke(address,bytes32,bytes)";
constexpr std::string_view kApplyBatch = "applyBatch((address,bytes32)[],(address,bytes32,bytes32,uint64,uint64,uint64)[],bytes[])";
constexpr std::string_view kStatus = "status(address,bytes32)";

AbiValue to_abi(const Grant& g) {
    return AbiValue::tuple({AbiValue::of(g.subject), AbiValue::of(g.consent_id), AbiValue::of(g.terms_hash), AbiValue::of(g.not_before),
                            AbiValue::of(g.not_after), AbiValue::of(g.deadline)});
}
AbiValue to_abi(const Revocation& r) {
    return AbiValue::tuple({AbiValue::of(r.subject), AbiValue::of(r.consent_id)});
}
AbiValue to_abi(const base::Bytes& bytes) {
    return AbiValue::of(base::ByteView(bytes));
}
template <class T>
AbiValue to_abi(const std::vector<T>& items) {
    std::vector<AbiValue> out;
    for (const auto& item : items) out.push_back(to_abi(item));
    return AbiValue::array(std::move(out));
}

// What abi_decode gave for the types of the signature, so the shapes are known.
Grant grant_from(const AbiValue& v) {
    return {v.items[0].as_address(), v.items[1].word, v.items[2].word, v.items[3].as_u64(), v.items[4].as_u64(), v.items[5].as_u64()};
}
Revocation revocation_from(const AbiValue& v) {
    return {v.items[0].as_address(), v.items[1].word};
}
std::vector<base::Bytes> signatures_from(const AbiValue& v) {
    std::vector<base::Bytes> out;
    for (const auto& item : v.items) out.push_back(item.data);
    return out;
}
std::vector<Grant> grants_from(const AbiValue& v) {
    std::vector<Grant> out;
    for (const auto& item : v.items) out.push_back(grant_from(item));
    return out;
}

struct Encoder {
    base::Bytes operator()(const RequestCall& c) const {
        return ethereum::abi_call(kRequest, {AbiValue::of(c.request_id), AbiValue::of(c.request_hash), AbiValue::of(c.expires)});
    }
    base::Bytes operator()(const GrantCall& c) const {
        return ethereum::abi_call(kGrant, {to_abi(c.item.grant), to_abi(c.item.signature)});
    }
    base::Bytes operator()(const GrantBatchCall& c) const {
        return ethereum::abi_call(kGrantBatch, {to_abi(c.grants), to_abi(c.signatures)});
    }
    base::Bytes operator()(const RevokeCall& c) const {
        const auto& r = c.item.revocation;
        return ethereum::abi_call(kRevoke, {AbiValue::of(r.subject), AbiValue::of(r.consent_id), to_abi(c.item.signature)});
    }
    base::Bytes operator()(const ApplyBatchCall& c) const {
        return ethereum::abi_call(kApplyBatch, {to_abi(c.revocations), to_abi(c.grants), to_abi(c.signatures)});
    }
};

ConsentCall call_from(std::string_view signature, const std::vector<AbiValue>& v) {
    if (signature == kRequest) return RequestCall{v[0].word, v[1].word, v[2].as_u64()};
    if (signature == kGrant) return GrantCall{{grant_from(v[0]), v[1].data}};
    if (signature == kGrantBatch) return GrantBatchCall{grants_from(v[0]), signatures_from(v[1])};
    if (signature == kRevoke) return RevokeCall{{{v[0].as_address(), v[1].word}, v[2].data}};
    ApplyBatchCall out;
    for (const auto& item : v[0].items) out.revocations.push_back(revocation_from(item));
    out.grants = grants_from(v[1]);
    out.signatures = signatures_from(v[2]);
    return out;
}

}  // namespace

ethereum::Domain consent_domain(std::uint64_t chain_id, const Address& consent_ledger) {
    return {"FhirConsentLedger", "1", chain_id, consent_ledger};
}

Hash grant_digest(const Hash& domain_separator, const Grant& g) {
    const auto hash =
        ethereum::StructHash("Grant(address subject,bytes32 consentId,bytes32 termsHash,uint64 notBefore,uint64 notAfter,uint64 deadline)")
            .address(g.subject)
            .bytes32(g.consent_id)
            .bytes32(g.terms_hash)
            .number(g.not_before)
            .number(g.not_after)
            .number(g.deadline)
            .hash();
    return ethereum::typed_data_digest(domain_separator, hash);
}

Hash revoke_digest(const Hash& domain_separator, const Revocation& r) {
    const auto hash = ethereum::StructHash("Revoke(address subject,bytes32 consentId)").address(r.subject).bytes32(r.consent_id).hash();
    return ethereum::typed_data_digest(domain_separator, hash);
}

base::Bytes encode_call(const ConsentCall& call) {
    return std::visit(Encoder{}, call);
}

base::Result<ConsentCall> decode_consent_call(base::ByteView calldata) {
    for (const auto signature : {kRequest, kGrant, kGrantBatch, kRevoke, kApplyBatch}) {
        const auto selector = ethereum::selector(signature);
        if (calldata.size() < 4 || !std::equal(selector.begin(), selector.end(), calldata.begin())) continue;
        const auto values = ethereum::abi_decode(signature.substr(signature.find('(')), calldata.subspan(4));
        if (!values) return base::pass(values);
        return call_from(signature, *values);
    }
    return base::fail(base::Kind::invalid, "ConsentLedger has no such function");
}

GrantBatchCall grant_batch(const std::vector<SignedGrant>& grants) {
    GrantBatchCall out;
    for (const auto& item : grants) {
        out.grants.push_back(item.grant);
        out.signatures.push_back(item.signature);
    }
    return out;
}

ApplyBatchCall apply_batch(const std::vector<SignedRevocation>& revocations, const std::vector<SignedGrant>& grants) {
    ApplyBatchCall out;
    for (const auto& item : revocations) {
        out.revocations.push_back(item.revocation);
        out.signatures.push_back(item.signature);
    }
    auto rest = grant_batch(grants);
    out.grants = std::move(rest.grants);
    std::move(rest.signatures.begin(), rest.signatures.end(), std::back_inserter(out.signatures));
    return out;
}

base::Bytes status_call(const Address& subject, const Hash& consent_id) {
    return ethereum::abi_call(kStatus, {AbiValue::of(subject), AbiValue::of(consent_id)});
}

}  // namespace ledger
