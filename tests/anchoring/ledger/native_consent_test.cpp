// ConsentLedger's rules, each through a mined transaction.
#include "anchoring/ledger/consent_events.hpp"
#include "tests/anchoring/ledger/fixture.hpp"

#include <functional>

namespace ledger {
namespace {

struct ConsentRules : LedgerTest {
    void expect_refused(const ConsentCall& call, std::string_view error) {
        const auto receipt = mine(call);
        EXPECT_FALSE(receipt.success);
        EXPECT_EQ(receipt.error, error);
        EXPECT_TRUE(receipt.logs.empty());
    }
    std::vector<ConsentEvent> events(const ConsentCall& call) {
        const auto receipt = mine(call);
        EXPECT_TRUE(receipt.success) << receipt.error;
        std::vector<ConsentEvent> out;
        for (const auto& log : receipt.logs) {
            EXPECT_EQ(log.address, contracts().consent_ledger);
            out.push_back(consent_event(log).value().value());
        }
        return out;
    }
};
using Events = std::vector<ConsentEvent>;

TEST_F(ConsentRules, GrantBecomesActive) {
    const auto g = grant(1);
    EXPECT_EQ(events(GrantCall{g}),
              (Events{Granted{g.grant.subject, g.grant.consent_id, g.grant.terms_hash, g.grant.not_before, g.grant.not_after}}));
    const auto after = status(1);
    EXPECT_EQ(after.state, ConsentState::active);
    EXPECT_EQ(after.not_before, g.grant.not_before);
    EXPECT_EQ(after.not_after, g.grant.not_after);
    EXPECT_EQ(after.changed_at, kNow);
    EXPECT_TRUE(has_terms(after, g.grant.terms_hash));
    EXPECT_EQ(status(2), ConsentStatus{}) << "another consent";
}

TEST_F(ConsentRules, EverySignedFieldOfAGrantCounts) {
    const std::vector<std::function<void(Grant&)>> changes{[&](Grant& g) { g.subject = relayer.address(); },
                                                           [](Grant& g) { g.consent_id[31] ^= 1; },
                                                           [](Grant& g) { g.terms_hash[0] ^= 1; },
                                                           [](Grant& g) { g.terms_hash[31] ^= 1; },
                                                           [](Grant& g) { g.not_before += 1; },
                                                           [](Grant& g) { g.not_after += 1; },
                                                           [](Grant& g) { g.deadline += 1; }};
    for (const auto& change : changes) {
        auto item = grant(1);
        change(item.grant);
        expect_refused(GrantCall{item}, error::kBadSignature);
    }
    for (std::size_t i = 0; i < 65; ++i) {
        auto item = grant(1);
        item.signature[i] ^= 0x04;
        expect_refused(GrantCall{item}, error::kBadSignature);
    }
    for (const std::size_t size : {0u, 64u, 66u, 130u}) {
        auto item = grant(1);
        item.signature.resize(size);
        expect_refused(GrantCall{item}, error::kBadSignature);
    }
    EXPECT_EQ(status(1), ConsentStatus{});
    EXPECT_EQ(events(GrantCall{grant(1)}).size(), 1u) << "and untouched it is taken";
}

TEST_F(ConsentRules, EverySignedFieldOfARevocationCounts) {
    ASSERT_EQ(events(GrantCall{grant(1)}).size(), 1u);
    auto item = revocation(1);
    item.revocation.subject = relayer.address();
    expect_refused(RevokeCall{item}, error::kBadSignature);
    item = revocation(1);
    item.revocation.consent_id[0] ^= 1;
    expect_refused(RevokeCall{item}, error::kBadSignature);
    item = revocation(1);
    item.signature[40] ^= 1;
    expect_refused(RevokeCall{item}, error::kBadSignature);
    item = revocation(1);
    item.signature = grant(1).signature;
    expect_refused(RevokeCall{item}, error::kBadSignature);
    EXPECT_EQ(status(1).state, ConsentState::active);
}

TEST_F(ConsentRules, SignaturesOfOtherDomainsDoNotCount) {
    const auto other_chain = ethereum::domain_separator(consent_domain(1, contracts().consent_ledger));
    const auto other_contract = ethereum::domain_separator(consent_domain(kEmbeddedChainId, contracts().audit_anchor));
    const auto other_ledger =
        ethereum::domain_separator(consent_domain(kEmbeddedChainId, Embedded::contracts_of(test_key(9).address()).consent_ledger));
    for (const auto& domain : {other_chain, other_contract, other_ledger}) {
        expect_refused(GrantCall{sign_grant(patient, domain, test_grant(patient, 1))}, error::kBadSignature);
        expect_refused(RevokeCall{sign_revocation(patient, domain, test_hash(1))}, error::kBadSignature);
    }
}

TEST_F(ConsentRules, PeriodMustHoldTimeAndFit48Bits) {
    const auto with = [&](std::uint64_t from, std::uint64_t to) {
        auto g = test_grant(patient, 1);
        g.not_before = from;
        g.not_after = to;
        return GrantCall{sign_grant(patient, separator(), g)};
    };
    expect_refused(with(5, 5), error::kBadPeriod);
    expect_refused(with(6, 5), error::kBadPeriod);
    expect_refused(with(0, kNoEnd + 1), error::kBadPeriod);
    expect_refused(with(0, UINT64_MAX), error::kBadPeriod);
    EXPECT_EQ(events(with(0, kNoEnd)).size(), 1u);
    EXPECT_EQ(status(1).not_after, kNoEnd);
}

TEST_F(ConsentRules, DeadlineIsTheLastSecond) {
    auto g = test_grant(patient, 1);
    g.deadline = kNow - 1;
    expect_refused(GrantCall{sign_grant(patient, separator(), g)}, error::kDeadlinePassed);
    g.deadline = kNow;
    EXPECT_EQ(events(GrantCall{sign_grant(patient, separator(), g)}).size(), 1u);
}

TEST_F(ConsentRules, AGrantIsTakenOnce) {
    events(GrantCall{grant(1)});
    const auto before = status(1);
    clock.us += 5'000'000;
    expect_refused(GrantCall{grant(1)}, error::kAlreadyActive);
    EXPECT_EQ(status(1), before);
}

TEST_F(ConsentRules, RevokedNeverComesBack) {
    events(GrantCall{grant(1)});
    clock.us += 7'000'000;
    EXPECT_EQ(events(RevokeCall{revocation(1)}), (Events{Revoked{patient.address(), test_hash(1)}}));
    const auto after = status(1);
    EXPECT_EQ(after.state, ConsentState::revoked);
    EXPECT_EQ(after.changed_at, kNow + 7);
    EXPECT_TRUE(has_terms(after, grant(1).grant.terms_hash)) << "what was revoked stays readable";
    expect_refused(GrantCall{grant(1)}, error::kAlreadyRevoked);
    auto renewed = test_grant(patient, 1);
    renewed.terms_hash = test_hash(77);
    expect_refused(GrantCall{sign_grant(patient, separator(), renewed)}, error::kAlreadyRevoked);
}

TEST_F(ConsentRules, RevocationIsIdempotentAndNeverExpires) {
    events(GrantCall{grant(1)});
    clock.us += static_cast<base::TimeUs>(100) * 365 * 86'400 * 1'000'000;
    EXPECT_EQ(events(RevokeCall{revocation(1)}).size(), 1u) << "a hundred years later";
    const auto after = status(1);
    clock.us += 1'000'000;
    EXPECT_TRUE(events(RevokeCall{revocation(1)}).empty());
    EXPECT_EQ(status(1), after);
    auto forged = revocation(1);
    forged.signature[0] ^= 1;
    expect_refused(RevokeCall{forged}, error::kBadSignature);
}

TEST_F(ConsentRules, TombstoneBlocksTheGrant) {
    EXPECT_EQ(events(RevokeCall{revocation(1)}).size(), 1u);
    const auto tombstone = status(1);
    EXPECT_EQ(tombstone, (ConsentStatus{ConsentState::revoked, 0, 0, kNow, {}}));
    expect_refused(GrantCall{grant(1)}, error::kAlreadyRevoked);
    EXPECT_EQ(status(1), tombstone);
}

TEST_F(ConsentRules, ConsentsOfOtherSubjectsAreApart) {
    const auto other = test_key(3);
    events(RevokeCall{sign_revocation(other, separator(), test_hash(1))});
    EXPECT_EQ(status(1), ConsentStatus{}) << "a stranger's tombstone under the same consentId blocks nobody else";
    EXPECT_EQ(events(GrantCall{grant(1)}).size(), 1u);
}

TEST_F(ConsentRules, RequestIsAnEventOnly) {
    const auto rows = store.rows.size();
    EXPECT_EQ(events(RequestCall{test_hash(1), test_hash(2), 99}), (Events{Requested{relayer.address(), test_hash(1), test_hash(2), 99}}));
    EXPECT_EQ(store.rows.size(), rows + 2) << "the sender's nonce and the transaction's place";
}

TEST_F(ConsentRules, BatchSkipsBadItemsAndSaysWhy) {
    events(GrantCall{grant(1)});
    events(RevokeCall{revocation(2)});
    auto no_time = test_grant(patient, 3);
    no_time.not_after = no_time.not_before;
    auto late = test_grant(patient, 4);
    late.deadline = kNow - 1;
    auto forged = grant(5);
    forged.signature[3] ^= 1;
    const auto good = grant(6);
    const auto skipped = [&](std::uint64_t id, SkipReason reason) { return Skipped{patient.address(), test_hash(id), reason}; };
    EXPECT_EQ(events(grant_batch({grant(1), grant(2), sign_grant(patient, separator(), no_time), sign_grant(patient, separator(), late),
                                  forged, good, good})),
              (Events{skipped(1, SkipReason::already_active), skipped(2, SkipReason::already_revoked), skipped(3, SkipReason::bad_period),
                      skipped(4, SkipReason::deadline_passed), skipped(5, SkipReason::bad_signature),
                      Granted{patient.address(), test_hash(6), good.grant.terms_hash, good.grant.not_before, good.grant.not_after},
                      skipped(6, SkipReason::already_active)}));
    EXPECT_EQ(status(6).state, ConsentState::active);
    EXPECT_EQ(status(5), ConsentStatus{});
}

TEST_F(ConsentRules, ApplyBatchRevokesFirst) {
    events(GrantCall{grant(1)});
    auto forged = revocation(3);
    forged.signature[3] ^= 1;
    // A changed consent: the old one goes and the new one comes in one transaction. Number 4 is revoked and granted at once: revoked wins.
    const auto got = events(apply_batch({revocation(1), forged, revocation(4), revocation(1)}, {grant(2), grant(4)}));
    const auto& g = grant(2).grant;
    EXPECT_EQ(got,
              (Events{Revoked{patient.address(), test_hash(1)}, Skipped{patient.address(), test_hash(3), SkipReason::bad_signature},
                      Revoked{patient.address(), test_hash(4)}, Granted{g.subject, g.consent_id, g.terms_hash, g.not_before, g.not_after},
                      Skipped{patient.address(), test_hash(4), SkipReason::already_revoked}}));
    EXPECT_EQ(status(1).state, ConsentState::revoked);
    EXPECT_EQ(status(2).state, ConsentState::active);
    EXPECT_EQ(status(3).state, ConsentState::none);
    EXPECT_EQ(status(4).state, ConsentState::revoked);
}

TEST_F(ConsentRules, BatchesNeedASignatureForEachItem) {
    auto batch = grant_batch({grant(1), grant(2)});
    batch.signatures.pop_back();
    expect_refused(batch, error::kLengthMismatch);
    auto mixed = apply_batch({revocation(1)}, {grant(2)});
    mixed.signatures.push_back(mixed.signatures[0]);
    expect_refused(mixed, error::kLengthMismatch);
    EXPECT_EQ(status(1), ConsentStatus{});
    EXPECT_EQ(status(2), ConsentStatus{});
    EXPECT_TRUE(events(GrantBatchCall{}).empty()) << "an empty batch does nothing";
}

TEST_F(ConsentRules, UnknownFunctionReverts) {
    const auto submitted = ledger->submit(transaction(relayer, nonce++, contracts().consent_ledger, {1, 2, 3, 4, 5}));
    ASSERT_TRUE(submitted);
    const auto receipt = ledger->receipt(submitted->hash).value().value();
    EXPECT_FALSE(receipt.success);
    EXPECT_EQ(receipt.error, "");
    EXPECT_EQ(ledger->transaction_count(relayer.address()).value(), 1u) << "a reverted transaction uses its nonce";
}

}  // namespace
}  // namespace ledger
