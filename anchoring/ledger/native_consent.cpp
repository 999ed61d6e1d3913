#include "anchoring/ethereum/signer.hpp"
#include "anchoring/ledger/contracts_native.hpp"

#include <algorithm>

namespace ledger {
namespace {

Outcome revert(std::string_view error) {
    return {true, std::string(error), {}};
}

// Applied (nothing), or why not.
using Refusal = std::optional<SkipReason>;

}  // namespace

// One call's execution: visited with the decoded call.
struct NativeConsentLedger::Run {
    const NativeConsentLedger& contract;
    const Call& call;
    State& state;
    Outcome out{};

    void emit(const ConsentEvent& event) { out.events.push_back(to_event(contract.self_, event)); }

    // Cheap checks first, the signature last: the order decides which error a caller sees.
    base::Result<Refusal> grant(const Grant& g, const base::Bytes& signature) {
        if (g.not_before >= g.not_after || g.not_after > kNoEnd) return SkipReason::bad_period;
        if (call.time_s > g.deadline) return SkipReason::deadline_passed;
        const auto before = consent_row(state, g.subject, g.consent_id);
        if (!before) return base::pass(before);
        if (before->state == ConsentState::active) return SkipReason::already_active;
        if (before->state == ConsentState::revoked) return SkipReason::already_revoked;
        if (!ethereum::verify(grant_digest(contract.domain_separator_, g), signature, g.subject)) return SkipReason::bad_signature;
        ConsentStatus after{ConsentState::active, g.not_before, g.not_after, call.time_s, {}};
        std::copy_n(g.terms_hash.begin(), after.terms_prefix.size(), after.terms_prefix.begin());
        set_consent_row(state, g.subject, g.consent_id, after);
        emit(Granted{g.subject, g.consent_id, g.terms_hash, g.not_before, g.not_after});
        return std::nullopt;
    }

    // The signature first: a success always means that the subject signed. Repeated, it changes nothing and says nothing.
    base::Result<Refusal> revoke(const Revocation& r, const base::Bytes& signature) {
        if (!ethereum::verify(revoke_digest(contract.domain_separator_, r), signature, r.subject)) return SkipReason::bad_signature;
        auto status = consent_row(state, r.subject, r.consent_id);
        if (!status) return base::pass(status);
        if (status->state == ConsentState::revoked) return std::nullopt;
        status->state = ConsentState::revoked;
        status->changed_at = call.time_s;
        set_consent_row(state, r.subject, r.consent_id, *status);
        emit(Revoked{r.subject, r.consent_id});
        return std::nullopt;
    }

    base::Status single(const base::Result<Refusal>& refusal) {
        if (!refusal) return base::pass(refusal);
        if (*refusal) out = revert(to_string(**refusal));
        return {};
    }
    base::Status item(const base::Result<Refusal>& refusal, const Address& subject, const Hash& consent_id) {
        if (!refusal) return base::pass(refusal);
        if (*refusal) emit(Skipped{subject, consent_id, **refusal});
        return {};
    }

    base::Status operator()(const RequestCall& c) {
        emit(Requested{call.sender, c.request_id, c.request_hash, c.expires});
        return {};
    }
    base::Status operator()(const GrantCall& c) { return single(grant(c.item.grant, c.item.signature)); }
    base::Status operator()(const RevokeCall& c) { return single(revoke(c.item.revocation, c.item.signature)); }
    base::Status operator()(const GrantBatchCall& c) { return (*this)(ApplyBatchCall{{}, c.grants, c.signatures}); }
    base::Status operator()(const ApplyBatchCall& c) {
        if (c.signatures.size() != c.revocations.size() + c.grants.size()) {
            out = revert(error::kLengthMismatch);
            return {};
        }
        auto signature = c.signatures.begin();
        for (const auto& r : c.revocations) {
            if (const auto done = item(revoke(r, *signature++), r.subject, r.consent_id); !done) return done;
        }
        for (const auto& g : c.grants) {
            if (const auto done = item(grant(g, *signature++), g.subject, g.consent_id); !done) return done;
        }
        return {};
    }
};

NativeConsentLedger::NativeConsentLedger(std::uint64_t chain_id, const Address& self)
    : self_(self), domain_separator_(ethereum::domain_separator(consent_domain(chain_id, self))) {}

base::Result<Outcome> NativeConsentLedger::execute(const Call& call, State& state) const {
    const auto decoded = decode_consent_call(call.data);
    if (!decoded) return revert({});
    Run run{*this, call, state};
    if (const auto done = std::visit(run, *decoded); !done) return base::pass(done);
    return std::move(run.out);
}

}  // namespace ledger
