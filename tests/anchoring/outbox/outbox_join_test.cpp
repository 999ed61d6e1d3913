// Calls that wait together go in one transaction: what is joined, what is not, and what happens to each call when something fails.
#include "anchoring/ethereum/keccak.hpp"
#include "tests/anchoring/outbox/outbox_fixture.hpp"
#include "tests/anchoring/outbox/patients.hpp"

namespace outbox_test {
namespace {

using ledger::ConsentState;

struct JoinOnNode : Fixture {
    FakeNode node;
    Patients patients{node};
    std::unique_ptr<Outbox> box = open(node);

    std::vector<std::uint64_t> put_grants(int count, int first = 0) {
        std::vector<std::uint64_t> ids;
        for (int n = first; n < first + count; ++n) ids.push_back(enqueue(*box, patients.granting(n)).value().id);
        return ids;
    }
    ledger::ApplyBatchCall joint_at(std::uint64_t nonce) {
        const auto call = ledger::decode_consent_call(node.pool.at(nonce).transaction.data);
        return call && std::holds_alternative<ledger::ApplyBatchCall>(*call) ? std::get<ledger::ApplyBatchCall>(*call)
                                                                             : ledger::ApplyBatchCall{};
    }
    void expect_all(const std::vector<std::uint64_t>& ids, State state) {
        for (const auto id : ids) EXPECT_EQ(row(*box, id).state, state) << id << " " << row(*box, id).reason;
    }
    void finalise() {
        for (int i = 0; i < 3; ++i) node.make_block();
        ASSERT_TRUE(box->pass());
    }
};

TEST_F(JoinOnNode, FiveHundredGrantsAreFiveTransactions) {
    const auto ids = put_grants(500);
    EXPECT_EQ(box->waiting().value(), 500u);
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(node.pool.size(), 5u);
    expect_all(ids, State::sent);
    EXPECT_EQ(box->waiting().value(), 500u) << "calls are counted, not transactions";
    std::set<Hash> carried;
    for (std::uint64_t nonce = 0; nonce < 5; ++nonce) {
        EXPECT_LE(node.pool.at(nonce).transaction.gas_limit, 12'000'000u);
        for (const auto& grant : joint_at(nonce).grants) EXPECT_TRUE(carried.insert(grant.consent_id).second);
    }
    EXPECT_EQ(carried.size(), 500u);
    node.make_block();
    ASSERT_TRUE(box->pass());
    expect_all(ids, State::mined);
    EXPECT_EQ(row(*box, ids[0]).block_number, 1u);
    finalise();
    expect_all(ids, State::final);
    EXPECT_EQ(box->open_count().value(), 0u);
    EXPECT_EQ(enqueue(*box, patients.granting(900)).value().nonce, 5u);
}

// The contract says nothing of a revocation of what is revoked already, and of everything else.
TEST_F(JoinOnNode, ARevocationAloneMayBeSilent) {
    node.silent_receipts = true;
    const auto id = enqueue(*box, patients.revoking(1)).value().id;
    const auto other = enqueue(*box, patients.revoking(2)).value().id;
    ASSERT_TRUE(box->pass());
    node.make_block();
    ASSERT_TRUE(box->pass());
    expect_all({id, other}, State::mined);
    put_grants(1, 3);
    ASSERT_TRUE(box->pass());
    node.make_block();
    EXPECT_FALSE(box->pass());
}

TEST_F(JoinOnNode, WhatIsUnderWayHoldsBackWhatComesSoThatItGoesTogether) {
    for (int i = 0; i < 8; ++i) {
        put_grants(1, i);
        ASSERT_TRUE(box->pass());
    }
    EXPECT_EQ(node.pool.size(), 8u) << "each alone, for nothing waited beside it";
    const auto waiting = put_grants(30, 100);
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(node.pool.size(), 8u);
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(node.pool.size(), 1u);
    expect_all(waiting, State::sent);
}

TEST_F(JoinOnNode, OtherCallsStayAloneAndOrderIsKept) {
    put_grants(2);
    const auto request = enqueue(*box, call(node, 7)).value().id;
    const outbox::Call anchor{"anchor", node.contracts().audit_anchor, {1, 2, 3}, 100'000};
    const auto anchored = enqueue(*box, anchor).value().id;
    put_grants(2, 10);
    ASSERT_TRUE(box->pass());
    ASSERT_EQ(node.pool.size(), 3u);
    EXPECT_EQ(joint_at(0).grants.size(), 4u);
    EXPECT_EQ(row(*box, request).nonce, 1u);
    EXPECT_EQ(row(*box, anchored).nonce, 2u);
}

// In one transaction the revocation would go first, and the ledger would never show that the grant stood.
TEST_F(JoinOnNode, ARevocationDoesNotGoBesideItsOwnGrant) {
    put_grants(3);
    enqueue(*box, patients.revoking(1)).value();
    put_grants(2, 10);
    ASSERT_TRUE(box->pass());
    ASSERT_EQ(node.pool.size(), 2u);
    EXPECT_EQ(joint_at(0).grants.size(), 3u);
    EXPECT_EQ(joint_at(1).revocations.size(), 1u);
    EXPECT_EQ(joint_at(1).grants.size(), 2u);
}

TEST_F(JoinOnNode, ACrashBeforeSendingSendsTheSameBytesOnce) {
    const auto ids = put_grants(20);
    units.fail_commits = 1;
    EXPECT_FALSE(box->pass());
    EXPECT_TRUE(node.pool.empty()) << "nothing leaves before it is written down";
    units.spare_commits = 1;
    units.fail_commits = 1;
    EXPECT_FALSE(box->pass());
    ASSERT_EQ(node.pool.size(), 1u) << "sent, and the answer is lost";
    const auto hash = node.pool.at(0).hash;
    box = open(node);
    const auto more = put_grants(2, 50);
    ASSERT_TRUE(box->pass());
    ASSERT_EQ(node.pool.size(), 2u);
    EXPECT_EQ(node.pool.at(0).hash, hash);
    EXPECT_EQ(joint_at(1).grants.size(), 2u) << "what the node may have takes no others in";
    for (const auto id : ids) EXPECT_EQ(row(*box, id).txn_hash, hash);
    finalise();
    expect_all(ids, State::final);
    expect_all(more, State::final);
}

TEST_F(JoinOnNode, ADeadNodeGathersAndNothingIsSplitUp) {
    node.dead = true;
    std::vector<std::uint64_t> ids;
    for (int i = 0; i < 40; ++i) {
        ids.push_back(put_grants(1, i).front());
        EXPECT_FALSE(box->pass());
    }
    box = open(node);  // a restart meanwhile
    node.dead = false;
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(node.pool.size(), 1u);
    expect_all(ids, State::sent);
}

TEST_F(JoinOnNode, ARefusedJointGoesAlone) {
    node.most_gas = 1'000'000;  // a chain of small blocks
    const auto ids = put_grants(40);
    const auto other = enqueue(*box, call(node, 7)).value().id;
    ASSERT_TRUE(box->pass());
    for (int i = 0; i < 5; ++i) {
        node.make_block();
        ASSERT_TRUE(box->pass());
    }
    finalise();
    expect_all(ids, State::final);
    EXPECT_EQ(row(*box, other).state, State::final);
    EXPECT_EQ(node.next_nonce, 41u) << "no gap, and each once";
    const auto later = put_grants(40, 100);
    for (int i = 0; i < 12; ++i) {
        ASSERT_TRUE(box->pass());
        node.make_block();
    }
    finalise();
    expect_all(later, State::final);
}

TEST_F(JoinOnNode, ARevertedJointGoesAloneOnceItIsFinal) {
    const auto ids = put_grants(10);
    const auto behind = enqueue(*box, call(node, 7)).value().id;
    node.reverting = {0};
    ASSERT_TRUE(box->pass());
    node.make_block();
    ASSERT_TRUE(box->pass());
    expect_all(ids, State::sent);
    EXPECT_EQ(row(*box, behind).state, State::mined) << "not held up";
    finalise();
    EXPECT_EQ(node.pool.size() + node.next_nonce, 12u);
    finalise();
    finalise();
    expect_all(ids, State::final);
    std::set<Hash> hashes;
    for (const auto id : ids) EXPECT_TRUE(hashes.insert(row(*box, id).txn_hash).second) << "a transaction each";
}

TEST_F(JoinOnNode, AJointOffersMoreAndItsCallsFollow) {
    const auto ids = put_grants(5);
    node.least_fee = 12;
    ASSERT_TRUE(box->pass());
    const auto before = row(*box, ids[3]).txn_hash;
    for (int i = 0; i < 3; ++i) {
        clock.advance_seconds(200);
        ASSERT_TRUE(box->pass());
        ASSERT_TRUE(box->pass());
    }
    EXPECT_NE(row(*box, ids[3]).txn_hash, before);
    EXPECT_EQ(row(*box, ids[3]).txn_hash, node.pool.at(0).hash);
    finalise();
    expect_all(ids, State::final);
}

TEST_F(JoinOnNode, AReorganisationTakesAllCallsBackTogether) {
    const auto ids = put_grants(5);
    ASSERT_TRUE(box->pass());
    node.make_block();
    ASSERT_TRUE(box->pass());
    expect_all(ids, State::mined);
    node.take_back(1, true);
    ASSERT_TRUE(box->pass());
    expect_all(ids, State::sent);
    ASSERT_TRUE(box->pass());
    finalise();
    expect_all(ids, State::final);
}

TEST_F(JoinOnNode, AStrangersNonceMovesTheJoint) {
    const auto ids = put_grants(5);
    node.next_nonce = 3;
    ASSERT_TRUE(box->pass());
    ASSERT_EQ(node.pool.count(3), 1u);
    for (const auto id : ids) EXPECT_EQ(row(*box, id).txn_hash, node.pool.at(3).hash);
    finalise();
    expect_all(ids, State::final);
}

// Nobody knows what an earlier version gave to the node: its rows stay as they are, and only what is new is joined.
TEST_F(JoinOnNode, ATableOfAnEarlierVersionIsTakenOver) {
    const auto old = put_grants(2);
    ASSERT_TRUE(units.run_unit([](store::Unit& unit) {
        return unit.database().execute(
            "DROP INDEX outbox_carrier; ALTER TABLE outbox DROP COLUMN carrier; ALTER TABLE outbox DROP COLUMN handling;");
    }));
    box = open(node);
    const auto fresh = put_grants(3, 10);
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(node.pool.size(), 3u);
    EXPECT_EQ(joint_at(2).grants.size(), 3u);
    finalise();
    expect_all(old, State::final);
    expect_all(fresh, State::final);
}

struct JoinOnEmbedded : Fixture {
    ledger::MemoryBlockStore blocks, other_blocks;
    std::unique_ptr<ledger::Embedded> embedded = make(blocks);
    Patients patients{*embedded};

    std::unique_ptr<ledger::Embedded> make(ledger::MemoryBlockStore& into) {
        return std::move(ledger::Embedded::open(ethereum::Signer::from_secret(ethereum::keccak256("block key")).value(), into, clock,
                                                {proof::verify_consistency, proof::verify_inclusion})
                             .value());
    }
};

TEST_F(JoinOnEmbedded, OneBadCallIsRefusedByNameAndTheOthersStand) {
    options.join_embedded = true;
    auto box = open(*embedded);
    std::vector<std::uint64_t> ids;
    for (int n = 0; n < 6; ++n) {
        const auto call = n == 3 ? patients.call(ledger::GrantCall{patients.grant(3, 4)}) : patients.granting(n);
        ids.push_back(enqueue(*box, call).value().id);
    }
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(embedded->transaction_count(box->relayer()).value(), 1u);
    for (int n = 0; n < 6; ++n) {
        const auto now = row(*box, ids[n]);
        EXPECT_EQ(now.state, n == 3 ? State::refused : State::final);
        EXPECT_EQ(now.reason, n == 3 ? "BadSignature" : "");
        const auto status = embedded->consent_status(Patients::key(n).address(), Patients::consent(n)).value();
        EXPECT_EQ(status.state, n == 3 ? ConsentState::none : ConsentState::active);
    }
}

// Grants, revocations (some twice), exchanges of one for another, and grants that another signed.
class RandomCalls {
  public:
    RandomCalls(Patients& patients, unsigned seed) : patients_(patients), random_(seed) {}
    outbox::Call next() {
        const auto kind = random_() % 10;
        if (kind < 3 && !granted_.empty()) return patients_.revoking(pick());
        if (kind < 5 && !granted_.empty()) {
            const auto call = patients_.call(ledger::apply_batch({patients_.revocation(pick())}, {patients_.grant(count_)}));
            granted_.push_back(count_++);
            return call;
        }
        if (kind == 5) {
            const auto call = patients_.call(ledger::GrantCall{patients_.grant(count_, count_ + 1)});
            ++count_;
            return call;
        }
        granted_.push_back(count_);
        return patients_.granting(count_++);
    }
    bool one_in(unsigned n) { return random_() % n == 0; }
    int count() const { return count_; }

  private:
    int pick() {
        const auto at = random_() % granted_.size();
        const int n = granted_[at];
        if (!one_in(4)) granted_.erase(granted_.begin() + static_cast<std::ptrdiff_t>(at));  // else it is revoked once more
        return n;
    }
    Patients& patients_;
    std::mt19937 random_;
    std::vector<int> granted_;
    int count_ = 0;
};

// What a ledger said of consents; a call that it skips in a joint transaction reverts when it is alone, and says nothing.
std::multiset<std::vector<Hash>> said_by(ledger::Ledger& ledger) {
    std::multiset<std::vector<Hash>> out;
    const auto head = ledger.head().value().number;
    for (std::uint64_t from = 0; from <= head; from += ledger::kMaxLogBlocks) {
        const auto logs = ledger.logs(from, std::min(head, from + ledger::kMaxLogBlocks - 1)).value();
        for (const auto& log : logs) {
            const auto event = ledger::consent_event(log).value().value();
            if (!std::holds_alternative<ledger::Skipped>(event)) out.insert(log.topics);
        }
    }
    return out;
}

// The same calls, each alone and joined: the same consents stand, and each event was said once.
TEST_F(JoinOnEmbedded, JoinedAndAloneEndAlike) {
    const auto seed = std::random_device{}();
    std::printf("seed %u\n", seed);
    std::mt19937 random(seed);
    const auto wanted = random_wishes(random, 400);
    auto alone_ledger = make(other_blocks);
    Writer joined(*embedded, clock, true), alone(*alone_ledger, clock, false);
    JointTransactions joint;
    for (const auto& wish : wanted) {
        ASSERT_TRUE(joined.put(patients.call_of(wish)));
        joint.put(wish);
        ASSERT_TRUE(alone.put(patients.call_of(wish)));
        if (random() % 30 == 0) {
            ASSERT_TRUE(joined.box->pass());
            joint.pass();
        }
        if (random() % 30 == 0) {
            ASSERT_TRUE(alone.box->pass());
        }
    }
    ASSERT_TRUE(joined.box->pass());
    ASSERT_TRUE(alone.box->pass());
    const auto together = embedded->transaction_count(joined.box->relayer()).value();
    const auto apart = alone_ledger->transaction_count(alone.box->relayer()).value();
    std::printf("400 calls: %d transactions in place of %d\n", static_cast<int>(together), static_cast<int>(apart));
    EXPECT_EQ(apart, 400u);
    EXPECT_EQ(together, joint.count());
    EXPECT_EQ(states_of(*embedded, wanted), states_of(*alone_ledger, wanted));
    EXPECT_EQ(said_by(*embedded), said_by(*alone_ledger));
}

}  // namespace
}  // namespace outbox_test
