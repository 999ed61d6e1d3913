#include "anchoring/ledger/consent_events.hpp"
#include "tests/anchoring/ledger/fixture.hpp"

namespace ledger {
namespace {

using base::Kind;

struct EmbeddedLedger : LedgerTest {
    Kind refused(base::ByteView raw) {
        const auto submitted = ledger->submit(raw);
        EXPECT_FALSE(submitted);
        return submitted ? Kind::fault : submitted.error().kind;
    }
    base::Bytes request(std::uint64_t with_nonce) {
        return transaction(relayer, with_nonce, contracts().consent_ledger,
                           encode_call(ConsentCall(RequestCall{test_hash(1), test_hash(2), 3})));
    }
};

TEST_F(EmbeddedLedger, BeginsWithBlockZero) {
    const auto head = ledger->head().value();
    EXPECT_EQ(head.number, 0u);
    EXPECT_EQ(head.parent_hash, Hash{});
    EXPECT_EQ(head.time_us, clock.us);
    EXPECT_EQ(ledger->finalized().value(), 0u);
    EXPECT_EQ(ledger->chain_id(), 1262830405u);
    EXPECT_EQ(ledger->contracts(), contracts());
    EXPECT_NE(contracts().consent_ledger, contracts().audit_anchor);
    EXPECT_NE(Embedded::contracts_of(test_key(9).address()), contracts()) << "another ledger's contracts stand elsewhere";
    EXPECT_TRUE(ledger->logs(0, 0)->empty());
}

TEST_F(EmbeddedLedger, MinesAtSubmission) {
    clock.us += 3'999'999;
    const auto raw = next(ConsentCall(GrantCall{grant(1)}));
    const auto submitted = ledger->submit(raw);
    ASSERT_TRUE(submitted);
    EXPECT_EQ(submitted->hash, ethereum::keccak256(raw));
    EXPECT_FALSE(submitted->already_known);
    const auto head = ledger->head().value();
    EXPECT_EQ(head.number, 1u);
    EXPECT_EQ(head.parent_hash, ledger->block(0)->value().hash);
    EXPECT_EQ(head.time_us, static_cast<base::TimeUs>(kNow + 3) * 1'000'000) << "whole seconds";
    EXPECT_EQ(ledger->block(1).value(), head);
    EXPECT_EQ(ledger->block(2).value(), std::nullopt);
    EXPECT_EQ(ledger->finalized().value(), 1u);
    const auto receipt = ledger->receipt(submitted->hash).value().value();
    EXPECT_TRUE(receipt.success);
    EXPECT_EQ(receipt.txn_hash, submitted->hash);
    EXPECT_EQ(receipt.block_number, 1u);
    EXPECT_EQ(receipt.block_hash, head.hash);
    EXPECT_EQ(receipt.gas_used, 0u);
    ASSERT_EQ(receipt.logs.size(), 1u);
    EXPECT_EQ(receipt.logs, ledger->logs(1, 1).value());
    EXPECT_EQ(receipt.logs[0].txn_hash, submitted->hash);
    EXPECT_EQ(ledger->receipt(test_hash(1)).value(), std::nullopt);
}

TEST_F(EmbeddedLedger, TheSameTransactionAgainIsKnown) {
    const auto raw = next(ConsentCall(GrantCall{grant(1)}));
    const auto first = ledger->submit(raw).value();
    const auto again = ledger->submit(raw).value();
    EXPECT_EQ(again.hash, first.hash);
    EXPECT_TRUE(again.already_known);
    EXPECT_EQ(ledger->head()->number, 1u);
}

TEST_F(EmbeddedLedger, NoncesHaveNoGapsAndNoRepeats) {
    EXPECT_EQ(ledger->transaction_count(relayer.address()).value(), 0u);
    EXPECT_EQ(refused(request(1)), Kind::invalid) << "a gap";
    ASSERT_TRUE(ledger->submit(request(0)));
    EXPECT_EQ(ledger->transaction_count(relayer.address()).value(), 1u);
    const auto other = transaction(relayer, 0, contracts().consent_ledger, encode_call(ConsentCall(RequestCall{})));
    EXPECT_EQ(refused(other), Kind::conflict) << "nonce too low";
    ASSERT_TRUE(ledger->submit(request(1)));
    EXPECT_EQ(ledger->transaction_count(patient.address()).value(), 0u) << "each sender counts alone";
    EXPECT_EQ(ledger->head()->number, 2u);
}

TEST_F(EmbeddedLedger, WhatItCannotTakeIsRefused) {
    const auto submit_with = [&](const std::function<void(ethereum::Transaction&)>& change) {
        ethereum::Transaction t;
        t.chain_id = kEmbeddedChainId;
        t.gas_limit = 21'000;
        t.to = contracts().consent_ledger;
        t.data = encode_call(ConsentCall(RequestCall{}));
        change(t);
        return refused(ethereum::sign(t, relayer)->raw);
    };
    EXPECT_EQ(submit_with([](auto& t) { t.chain_id = 1; }), Kind::invalid);
    EXPECT_EQ(submit_with([](auto& t) { t.to.reset(); }), Kind::invalid);
    EXPECT_EQ(submit_with([](auto& t) { t.to = test_key(5).address(); }), Kind::invalid);
    EXPECT_EQ(submit_with([](auto& t) { t.value = 1; }), Kind::invalid);
    EXPECT_EQ(refused({}), Kind::invalid);
    EXPECT_EQ(refused(base::Bytes(ethereum::kMaxTransactionBytes + 1, 2)), Kind::too_large);
    EXPECT_EQ(ledger->head()->number, 0u) << "nothing was mined";
}

// Nothing that was changed after signing is taken as the relayer's.
TEST_F(EmbeddedLedger, EveryBitOfATransactionCounts) {
    const auto raw = request(0);
    for (std::size_t bit = 0; bit < raw.size() * 8; ++bit) {
        auto flipped = raw;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        (void)ledger->submit(flipped);
        ASSERT_EQ(ledger->transaction_count(relayer.address()).value(), 0u) << bit;
    }
}

TEST_F(EmbeddedLedger, LegacyTransactionsCountToo) {
    ethereum::Transaction t;
    t.type = ethereum::Transaction::Type::legacy;
    t.chain_id = kEmbeddedChainId;
    t.gas_limit = 100'000;
    t.to = contracts().consent_ledger;
    t.data = encode_call(ConsentCall(GrantCall{grant(1)}));
    ASSERT_TRUE(ledger->submit(ethereum::sign(t, relayer)->raw));
    EXPECT_EQ(status(1).state, ConsentState::active);
}

TEST_F(EmbeddedLedger, ABatchIsOneBlockAndEachItemHasItsAnswer) {
    const auto first = next(ConsentCall(GrantCall{grant(1)}));
    const auto reverts = next(ConsentCall(GrantCall{grant(1)}));
    const auto third = next(AnchorCalls(OpenCall{test_hash(5)}));
    const std::vector<base::Bytes> raws{first, base::Bytes{1, 2, 3}, reverts, first, third, request(0)};
    const auto answers = ledger->submit_batch(raws).value();
    ASSERT_EQ(answers.size(), 6u);
    EXPECT_TRUE(answers[0]);
    EXPECT_EQ(answers[1].error().kind, Kind::invalid);
    EXPECT_TRUE(answers[2]);
    EXPECT_TRUE(answers[3]->already_known);
    EXPECT_TRUE(answers[4]);
    EXPECT_EQ(answers[5].error().kind, Kind::conflict);
    EXPECT_EQ(ledger->head()->number, 1u);
    EXPECT_FALSE(ledger->receipt(answers[2]->hash).value()->success);
    const auto logs = ledger->logs(0, 1).value();
    ASSERT_EQ(logs.size(), 2u);
    EXPECT_EQ(logs[0].index, 0u);
    EXPECT_EQ(logs[1].index, 1u);
    EXPECT_EQ(logs[1].address, contracts().audit_anchor);
    EXPECT_EQ(ledger->receipt(answers[4]->hash).value()->logs, std::vector<Log>{logs[1]});
    EXPECT_EQ(ledger->submit_batch(std::vector<base::Bytes>(kMaxBlockTransactions + 1)).error().kind, Kind::too_large);
    ASSERT_TRUE(ledger->submit_batch({}));
    EXPECT_EQ(ledger->head()->number, 1u) << "no empty blocks";
}

TEST_F(EmbeddedLedger, LogsByRange) {
    for (std::uint64_t i = 1; i <= 5; ++i) mine(ConsentCall(GrantCall{grant(i)}));
    EXPECT_EQ(ledger->logs(0, 5)->size(), 5u);
    EXPECT_EQ(ledger->logs(2, 3)->size(), 2u);
    EXPECT_EQ(ledger->logs(2, 3)->front().block_number, 2u);
    EXPECT_EQ(ledger->logs(5, 900)->size(), 1u) << "above the head there is nothing";
    EXPECT_EQ(ledger->logs(3, 2).error().kind, Kind::invalid);
    EXPECT_EQ(ledger->logs(0, kMaxLogBlocks).error().kind, Kind::too_large);
    EXPECT_EQ(ledger->logs(0, UINT64_MAX).error().kind, Kind::too_large);
    EXPECT_TRUE(ledger->logs(UINT64_MAX, UINT64_MAX)->empty());
}

TEST_F(EmbeddedLedger, GoesOnWhereItStopped) {
    mine(ConsentCall(GrantCall{grant(1)}));
    const auto head = ledger->head().value();
    ledger = open();
    EXPECT_EQ(ledger->head().value(), head);
    EXPECT_EQ(status(1).state, ConsentState::active);
    EXPECT_EQ(mine(ConsentCall(RevokeCall{revocation(1)})).block_number, 2u);
    EXPECT_EQ(ledger->head()->parent_hash, head.hash);
}

TEST_F(EmbeddedLedger, BlockTimeNeverRunsBack) {
    mine(ConsentCall(GrantCall{grant(1)}));
    const auto time = ledger->head()->time_us;
    clock.us -= static_cast<base::TimeUs>(3600) * 1'000'000;
    mine(ConsentCall(GrantCall{grant(2)}));
    EXPECT_EQ(ledger->head()->time_us, time);
}

TEST_F(EmbeddedLedger, AnotherKeyCannotOpenIt) {
    const auto other = Embedded::open(test_key(4), store, clock, reference::checks());
    ASSERT_FALSE(other);
    EXPECT_EQ(other.error().kind, Kind::corrupt);
}

// A store whose writes can be made to fail.
class FailingStore final : public BlockStore {
  public:
    base::Result<std::optional<std::uint64_t>> head() override { return inner.head(); }
    base::Result<std::optional<base::Bytes>> block(std::uint64_t n) override { return inner.block(n); }
    base::Result<std::optional<base::Bytes>> row(base::ByteView key) override { return inner.row(key); }
    base::Status walk_rows(const std::function<base::Status(base::ByteView, base::ByteView)>& each) override {
        return inner.walk_rows(each);
    }
    base::Status append(std::uint64_t number, base::ByteView block, const std::map<base::Bytes, base::Bytes>& changes) override {
        if (before) return base::fail(Kind::unavailable, "the disk is full");
        const auto done = inner.append(number, block, changes);
        if (after) return base::fail(Kind::fault, "written, but the answer was lost");
        return done;
    }
    MemoryBlockStore inner;
    bool before = false, after = false;
};

TEST_F(EmbeddedLedger, AFailedWriteTakesNothing) {
    FailingStore failing;
    auto own = Embedded::open(test_key(0), failing, clock, reference::checks()).value();
    const auto raw = next(ConsentCall(GrantCall{grant(1)}));
    failing.before = true;
    EXPECT_EQ(own->submit(raw).error().kind, Kind::unavailable);
    EXPECT_EQ(own->head()->number, 0u);
    EXPECT_EQ(own->transaction_count(relayer.address()).value(), 0u);
    failing.before = false;
    EXPECT_FALSE(own->submit(raw)->already_known);
    EXPECT_EQ(own->head()->number, 1u);
}

TEST_F(EmbeddedLedger, AWriteWhoseAnswerWasLostIsFoundAgain) {
    FailingStore failing;
    auto own = Embedded::open(test_key(0), failing, clock, reference::checks()).value();
    const auto raw = next(ConsentCall(GrantCall{grant(1)}));
    failing.after = true;
    EXPECT_EQ(own->submit(raw).error().kind, Kind::fault);
    failing.after = false;
    EXPECT_TRUE(own->submit(raw)->already_known);
    EXPECT_EQ(own->head()->number, 1u);
    EXPECT_TRUE(own->verify_all());
}

TEST_F(EmbeddedLedger, MissingOrForgedBlocksAreSeenWhenRead) {
    const auto receipt = mine(ConsentCall(GrantCall{grant(1)}));
    mine(ConsentCall(GrantCall{grant(2)}));
    store.blocks[1][60] ^= 1;
    EXPECT_EQ(ledger->receipt(receipt.txn_hash).error().kind, Kind::corrupt);
    EXPECT_EQ(ledger->logs(0, 2).error().kind, Kind::corrupt);
    EXPECT_EQ(ledger->block(1).error().kind, Kind::corrupt);
}

}  // namespace
}  // namespace ledger
