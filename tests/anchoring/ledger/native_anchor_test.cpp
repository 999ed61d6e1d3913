// AuditAnchor's rules, each through a mined transaction.
#include "tests/anchoring/ledger/fixture.hpp"

namespace ledger {
namespace {

struct AnchorRules : LedgerTest {
    std::vector<Hash> leaves = make_leaves(100, 0);
    const Hash log_id = test_hash(5000);

    static std::vector<Hash> make_leaves(std::size_t n, std::uint64_t first) {
        std::vector<Hash> out;
        for (std::size_t i = 0; i < n; ++i) out.push_back(test_hash(first + i));
        return out;
    }
    std::span<const Hash> tree(std::size_t size) const { return std::span(leaves).first(size); }
    AnchorCall anchor(std::size_t from, std::size_t to) const {
        return {log_id, to, reference::root(tree(to)), from == 0 ? std::vector<Hash>{} : reference::consistency(from, tree(to))};
    }
    void expect_refused(const AnchorCalls& call, std::string_view error) {
        const auto receipt = mine(call);
        EXPECT_FALSE(receipt.success);
        EXPECT_EQ(receipt.error, error);
        EXPECT_TRUE(receipt.logs.empty());
    }
    AnchorEvent event(const AnchorCalls& call) {
        const auto receipt = mine(call);
        EXPECT_TRUE(receipt.success) << receipt.error;
        EXPECT_EQ(receipt.logs.size(), 1u);
        return anchor_event(receipt.logs.at(0)).value().value();
    }
};

TEST_F(AnchorRules, OpenOnce) {
    EXPECT_EQ(ledger->anchor_of(log_id).value(), std::nullopt);
    EXPECT_EQ(event(OpenCall{log_id}), AnchorEvent(Opened{log_id, relayer.address()}));
    EXPECT_EQ(ledger->anchor_of(log_id).value(), (Anchor{relayer.address(), 0, {}, 0}));
    expect_refused(OpenCall{log_id}, error::kAlreadyOpen);
}

TEST_F(AnchorRules, AnchorsGrowByProof) {
    event(OpenCall{log_id});
    std::size_t before = 0;
    for (const std::size_t size : {1u, 2u, 3u, 7u, 8u, 64u, 65u, 100u}) {
        EXPECT_EQ(event(anchor(before, size)), AnchorEvent(Anchored{log_id, size, reference::root(tree(size))}));
        const auto now = ledger->anchor_of(log_id).value().value();
        EXPECT_EQ(now.size, size);
        EXPECT_EQ(now.root, reference::root(tree(size)));
        EXPECT_EQ(now.block_number, ledger->head()->number);
        before = size;
    }
}

TEST_F(AnchorRules, OnlyGrowing) {
    event(OpenCall{log_id});
    event(anchor(0, 50));
    expect_refused(anchor(50, 50), error::kNotGrowing);
    expect_refused(anchor(20, 49), error::kNotGrowing);
    auto zero = anchor(0, 1);
    zero.size = 0;
    expect_refused(zero, error::kNotGrowing);
}

TEST_F(AnchorRules, ARewrittenHistoryIsRefused) {
    event(OpenCall{log_id});
    event(anchor(0, 50));
    // The fork: leaf 10 was changed, everything else is honest, and the proof is made from the forked tree.
    auto forked = leaves;
    forked[10][0] ^= 1;
    const std::span<const Hash> tree80 = std::span(forked).first(80);
    expect_refused(AnchorCall{log_id, 80, reference::root(tree80), reference::consistency(50, tree80)}, error::kBadConsistencyProof);
    // Rolled back and grown again.
    auto rolled = make_leaves(40, 0);
    const auto others = make_leaves(60, 900);
    rolled.insert(rolled.end(), others.begin(), others.end());
    expect_refused(AnchorCall{log_id, 100, reference::root(rolled), reference::consistency(50, rolled)}, error::kBadConsistencyProof);
    EXPECT_EQ(ledger->anchor_of(log_id).value()->size, 50u);
    event(anchor(50, 80));
}

TEST_F(AnchorRules, EveryPartOfAnAnchorCounts) {
    event(OpenCall{log_id});
    event(anchor(0, 50));
    const auto good = anchor(50, 80);
    auto bad = good;
    bad.root[5] ^= 1;
    expect_refused(bad, error::kBadConsistencyProof);
    bad = good;
    bad.size = 1000;
    expect_refused(bad, error::kBadConsistencyProof);
    for (std::size_t i = 0; i < good.consistency_proof.size(); ++i) {
        bad = good;
        bad.consistency_proof[i][0] ^= 1;
        expect_refused(bad, error::kBadConsistencyProof);
    }
    bad = good;
    bad.consistency_proof.push_back(test_hash(1));
    expect_refused(bad, error::kBadConsistencyProof);
    bad = good;
    bad.consistency_proof.clear();
    expect_refused(bad, error::kBadConsistencyProof);
    bad = good;
    bad.log_id = test_hash(1);
    expect_refused(bad, error::kUnknownLog);
    event(good);
}

TEST_F(AnchorRules, TheFirstAnchorTakesNoProof) {
    event(OpenCall{log_id});
    auto first = anchor(0, 3);
    first.consistency_proof.push_back(test_hash(1));
    expect_refused(first, error::kBadConsistencyProof);
}

TEST_F(AnchorRules, OnlyTheOwnerAnchorsAndRotates) {
    event(OpenCall{log_id});
    const auto other = test_key(7);
    const auto by_other = [&](std::uint64_t n, const AnchorCalls& call) {
        const auto submitted = ledger->submit(transaction(other, n, contracts().audit_anchor, encode_call(call)));
        return ledger->receipt(submitted->hash).value().value();
    };
    EXPECT_EQ(by_other(0, anchor(0, 5)).error, error::kNotOwner);
    EXPECT_EQ(by_other(1, RotateOwnerCall{log_id, other.address()}).error, error::kNotOwner);
    expect_refused(RotateOwnerCall{test_hash(1), other.address()}, error::kUnknownLog);
    expect_refused(RotateOwnerCall{log_id, Address{}}, error::kZeroOwner);
    EXPECT_EQ(event(RotateOwnerCall{log_id, other.address()}), AnchorEvent(OwnerRotated{log_id, relayer.address(), other.address()}));
    expect_refused(anchor(0, 5), error::kNotOwner);
    EXPECT_TRUE(by_other(2, anchor(0, 5)).success);
    EXPECT_EQ(ledger->anchor_of(log_id).value()->owner, other.address());
}

TEST_F(AnchorRules, Included) {
    event(OpenCall{log_id});
    event(anchor(0, 50));
    for (std::size_t i = 0; i < 50; ++i) {
        const auto path = reference::path(i, tree(50));
        EXPECT_TRUE(ledger->included(log_id, i, leaves[i], path).value()) << i;
        EXPECT_FALSE(ledger->included(log_id, i, leaves[i + 1], path).value());
        EXPECT_FALSE(ledger->included(log_id, i ^ 1, leaves[i], path).value());
    }
    EXPECT_FALSE(ledger->included(log_id, 60, leaves[60], reference::path(60, tree(100))).value()) << "not anchored yet";
    EXPECT_FALSE(ledger->included(test_hash(1), 0, leaves[0], reference::path(0, tree(50))).value()) << "no such log";
}

}  // namespace
}  // namespace ledger
