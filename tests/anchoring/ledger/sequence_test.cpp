// Random sequences: after every step the ledger agrees with a model that is written down independently, and what must never happen does
// not. anvil_test.cpp drives an EVM node with the same sequences.
#include "anchoring/ledger/consent_events.hpp"
#include "tests/anchoring/ledger/fixture.hpp"

#include <map>
#include <random>

namespace ledger {
namespace {

struct Sequences : LedgerTest, testing::WithParamInterface<unsigned> {
    static constexpr std::uint64_t kConsents = 12;
    std::mt19937_64 random{GetParam()};
    std::map<std::uint64_t, ConsentState> model;
    std::map<std::uint64_t, ConsentStatus> last;

    bool chance(unsigned percent) { return random() % 100 < percent; }
    std::uint64_t some_consent() { return random() % kConsents; }

    // A signed item, often broken on purpose; `good` says whether the signature holds.
    SignedGrant some_grant(std::uint64_t id, bool& good, bool& in_time) {
        auto g = test_grant(patient, id);
        in_time = !chance(15);
        g.deadline = in_time ? kNow + 10'000'000 : kNow - 1;
        auto item = sign_grant(patient, separator(), g);
        good = !chance(15);
        if (!good) item.signature[random() % 64] ^= static_cast<std::uint8_t>(1 + random() % 255);
        return item;
    }
    SignedRevocation some_revocation(std::uint64_t id, bool& good) {
        auto item = revocation(id);
        good = !chance(15);
        if (!good) item.signature[random() % 64] ^= static_cast<std::uint8_t>(1 + random() % 255);
        return item;
    }
    // The model's words for the two rules. True when the state moved.
    bool model_grant(std::uint64_t id, bool good, bool in_time) {
        if (!in_time || !good || model[id] != ConsentState::none) return false;
        model[id] = ConsentState::active;
        return true;
    }
    bool model_revoke(std::uint64_t id, bool good) {
        if (!good || model[id] == ConsentState::revoked) return false;
        model[id] = ConsentState::revoked;
        return true;
    }

    void single_step() {
        const auto id = some_consent();
        bool good = false, in_time = false, moved = false;
        Receipt receipt;
        if (chance(60)) {
            const auto item = some_grant(id, good, in_time);
            receipt = mine(ConsentCall(GrantCall{item}));
            moved = model_grant(id, good, in_time);
            EXPECT_EQ(receipt.success, moved);
        } else {
            const auto item = some_revocation(id, good);
            receipt = mine(ConsentCall(RevokeCall{item}));
            moved = model_revoke(id, good);
            EXPECT_EQ(receipt.success, good);
        }
        EXPECT_EQ(receipt.logs.size(), moved ? 1u : 0u);
    }

    void batch_step() {
        std::vector<SignedRevocation> revocations;
        std::vector<SignedGrant> grants;
        std::size_t moved = 0, skipped = 0;
        for (auto n = random() % 4; n > 0; --n) {
            bool good = false;
            const auto id = some_consent();
            revocations.push_back(some_revocation(id, good));
            moved += model_revoke(id, good) ? 1 : 0;
            skipped += good ? 0 : 1;
        }
        for (auto n = random() % 4; n > 0; --n) {
            bool good = false, in_time = false;
            const auto id = some_consent();
            grants.push_back(some_grant(id, good, in_time));
            (model_grant(id, good, in_time) ? moved : skipped) += 1;
        }
        const auto receipt = mine(ConsentCall(apply_batch(revocations, grants)));
        EXPECT_TRUE(receipt.success);
        std::size_t said_skipped = 0;
        for (const auto& log : receipt.logs) said_skipped += std::holds_alternative<Skipped>(consent_event(log).value().value()) ? 1 : 0;
        EXPECT_EQ(said_skipped, skipped);
        EXPECT_EQ(receipt.logs.size(), moved + skipped);
    }

    void check_invariants() {
        for (std::uint64_t id = 0; id < kConsents; ++id) {
            const auto now = status(id);
            ASSERT_EQ(now.state, model[id]) << id;
            ASSERT_GE(now.state, last[id].state) << "only None -> Active -> Revoked";
            if (now.state == last[id].state) {
                ASSERT_EQ(now, last[id]) << "nothing moves inside a state";
            }
            last[id] = now;
        }
    }
};

TEST_P(Sequences, ConsentsFollowTheModel) {
    for (int step = 0; step < 60; ++step) {
        clock.us += static_cast<base::TimeUs>(random() % 5'000'000);
        if (chance(30))
            batch_step();
        else
            single_step();
        check_invariants();
        if (HasFatalFailure()) return;
        if (chance(5)) ledger = open();
    }
    // Played from the events alone, the same state comes out: what a mirror does.
    std::map<Hash, ConsentState> mirror;
    const auto logs = ledger->logs(0, ledger->head()->number).value();
    for (const auto& log : logs) {
        const auto event = consent_event(log).value().value();
        if (const auto* g = std::get_if<Granted>(&event)) mirror[g->consent_id] = ConsentState::active;
        if (const auto* r = std::get_if<Revoked>(&event)) mirror[r->consent_id] = ConsentState::revoked;
    }
    for (const auto& [id, state] : model) EXPECT_EQ(mirror[test_hash(id)], state);
    const auto verified = ledger->verify_all();
    EXPECT_TRUE(verified) << verified.error().diagnostics;
}

TEST_P(Sequences, AnchoredSizesOnlyGrowAndStayConsistent) {
    const auto log_id = test_hash(5000);
    mine(AnchorCalls(OpenCall{log_id}));
    std::vector<Hash> honest;
    for (std::uint64_t i = 0; i < 500; ++i) honest.push_back(test_hash(i));
    auto forked = honest;
    forked[random() % 20][0] ^= 1;
    std::vector<std::pair<std::uint64_t, Hash>> anchored;
    std::uint64_t size = 0;
    for (int step = 0; step < 60; ++step) {
        const auto from = chance(70) ? size : random() % (size + 10);
        const auto to = from + 1 + random() % 6;  // at most 426 in 60 steps
        const auto& leaves = chance(75) ? honest : forked;
        const std::span<const Hash> tree = std::span(leaves).first(to);
        const auto receipt = mine(AnchorCalls(
            AnchorCall{log_id, to, reference::root(tree), from == 0 ? std::vector<Hash>{} : reference::consistency(from, tree)}));
        if (receipt.success) {
            ASSERT_GT(to, size);
            size = to;
            anchored.emplace_back(to, reference::root(tree));
        }
        ASSERT_EQ(ledger->anchor_of(log_id).value()->size, size);
    }
    ASSERT_FALSE(anchored.empty());
    // All that was anchored is one history: that of the tree which came first.
    const auto one_history = [&](const std::vector<Hash>& leaves) {
        for (const auto& [n, root] : anchored) {
            if (reference::root(std::span(leaves).first(n)) != root) return false;
        }
        return true;
    };
    EXPECT_TRUE(one_history(honest) || one_history(forked));
    EXPECT_TRUE(ledger->verify_all());
}

INSTANTIATE_TEST_SUITE_P(Seeds, Sequences, testing::Range(1u, 9u));

}  // namespace
}  // namespace ledger
