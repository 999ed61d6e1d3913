#include "anchoring/anchor/anchorer.hpp"

#include "anchoring/chain/proofs.hpp"
#include "anchoring/ethereum/transaction.hpp"
#include "anchoring/ledger/audit_anchor.hpp"
#include "anchoring/ledger/embedded.hpp"
#include "anchoring/ledger/memory_block_store.hpp"
#include "tests/anchoring/chain/fixture.hpp"

namespace {

using namespace chain_test;
using base::Kind;
using outbox::State;

// Stands in for the outbox: signs with the relayer's key and gives the transaction to a real embedded ledger, at once or when told.
struct World : Fixture {
    ledger::MemoryBlockStore blocks;
    std::unique_ptr<ledger::Ledger> ledger;
    ethereum::Signer relayer = *ethereum::Signer::from_secret(base::as_bytes("the relayer's key, of 32 bytes!!"));
    std::vector<outbox::Row> rows;
    std::vector<base::Bytes> waiting;
    bool hold = false;
    std::unique_ptr<anchor::Anchorer> anchorer;

    World() {
        auto key = *ethereum::Signer::from_secret(base::as_bytes("the key of blocks, of 32 bytes!!"));
        ledger = std::move(*ledger::Embedded::open(std::move(key), blocks, clock, {proof::verify_consistency, proof::verify_inclusion}));
        open_anchorer();
    }
    ~World() { anchorer.reset(); }
    base::Result<std::unique_ptr<anchor::Anchorer>> try_open() {
        anchorer.reset();
        anchor::Sender sender;
        sender.send = [this](const outbox::Call& call) -> base::Result<std::uint64_t> {
            ethereum::Transaction txn;
            txn.chain_id = ledger->chain_id();
            txn.nonce = rows.size();
            txn.gas_limit = call.gas_limit;
            txn.to = call.to;
            txn.data = call.data;
            const auto signed_txn = *ethereum::sign(txn, relayer);
            outbox::Row row;
            row.id = rows.size();
            row.kind = call.kind;
            row.txn_hash = signed_txn.hash;
            rows.push_back(row);
            waiting.push_back(signed_txn.raw);
            if (!hold) mine();
            return row.id;
        };
        sender.find = [this](std::uint64_t id) -> base::Result<std::optional<outbox::Row>> {
            if (id >= rows.size()) return std::nullopt;
            return rows[id];
        };
        return anchor::Anchorer::open({dir.string() + "/anchors.db", 20, 5}, keys->derived("db:anchors"), *log, *ledger, relayer.address(),
                                      sender, clock);
    }
    void open_anchorer() {
        auto made = try_open();
        ASSERT_TRUE(made.has_value()) << made.error().diagnostics;
        anchorer = std::move(*made);
    }
    void mine() {
        for (const auto& raw : waiting) ASSERT_TRUE(ledger->submit(raw).has_value());
        waiting.clear();
        for (auto& row : rows) {
            const auto receipt = *ledger->receipt(row.txn_hash);
            if (!receipt) continue;
            row.state = receipt->success ? State::final : State::refused;
            row.reason = receipt->error;
            row.block_number = receipt->block_number;
            row.block_hash = receipt->block_hash;
        }
    }
    bool anchor() {
        const auto sent = anchorer->anchor_now();
        EXPECT_TRUE(sent.has_value()) << sent.error().diagnostics;
        return sent.value_or(false);
    }
};

TEST(Anchorer, EachHeadIsTakenByTheContractAndProvesAnEvent) {
    World w;
    EXPECT_FALSE(w.anchor()) << "an empty log";
    w.fill(0, 7);
    EXPECT_FALSE(w.anchorer->covering(1).has_value());
    EXPECT_TRUE(w.anchor());
    EXPECT_EQ(w.rows.size(), 2u) << "opened, then anchored";
    EXPECT_FALSE(w.anchor()) << "nothing new";
    w.fill(7, 20);
    EXPECT_TRUE(w.anchor());
    EXPECT_EQ(w.rows.size(), 3u);
    ASSERT_TRUE(w.anchorer->refresh().has_value());
    const auto on_ledger = *w.ledger->anchor_of(w.anchorer->log_id());
    ASSERT_TRUE(on_ledger.has_value());
    EXPECT_EQ(on_ledger->size, 20u);
    EXPECT_EQ(on_ledger->root, *w.log->root_at(20));

    EXPECT_EQ(w.anchorer->covering(3)->size, 7u);
    EXPECT_EQ(w.anchorer->covering(8)->size, 20u);
    EXPECT_FALSE(w.anchorer->covering(21).has_value());
    const auto exported = proof::AnchorRecord::parse_lines(w.anchorer->export_lines());
    ASSERT_TRUE(exported.has_value());
    EXPECT_EQ(exported->size(), 2u);
    proof::Verifier auditor(*proof::VerifierKey::parse(w.log->verifier_key()), *exported);
    for (const std::uint64_t seq : {0u, 6u, 7u, 19u}) {
        const auto proof = chain::proof_of(*w.log, seq, true, w.anchorer->covering(seq + 1));
        const auto verdict = auditor.verify(std::nullopt, *proof);
        EXPECT_EQ(verdict.tier, proof::Tier::final) << verdict.sentence;
        EXPECT_TRUE(*w.ledger->included(w.anchorer->log_id(), seq, proof::leaf_hash(w.log->event(seq)->entry.encode()),
                                        *w.log->inclusion(seq, 20)));
    }
}

TEST(Anchorer, OneIsUnderWayAtATime) {
    World w;
    w.hold = true;
    w.fill(0, 5);
    EXPECT_TRUE(w.anchor());
    w.fill(5, 9);
    EXPECT_FALSE(w.anchor());
    EXPECT_EQ(w.anchorer->last()->state, State::queued);
    EXPECT_FALSE(w.anchorer->covering(1).has_value()) << "queued is not on the ledger";
    w.open_anchorer();
    EXPECT_FALSE(w.anchor()) << "after a start too";
    w.mine();
    EXPECT_TRUE(w.anchor());
    w.mine();
    ASSERT_TRUE(w.anchorer->refresh().has_value());
    EXPECT_EQ(w.anchorer->covering(9)->size, 9u);
}

TEST(Anchorer, AnotherHistoryIsRefusedAtTheStartAndLater) {
    World w;
    w.fill(0, 10);
    EXPECT_TRUE(w.anchor());
    w.anchorer.reset();
    // The same keys, another log: what a server with a restored or rewritten log would have.
    w.log.reset();
    std::filesystem::rename(w.options.dir, w.options.dir + ".kept");
    w.open();
    w.fill(0, 4);
    auto refused = w.try_open();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, Kind::corrupt);
    EXPECT_NE(refused.error().diagnostics.find("cut back"), std::string::npos);
    w.fill(4, 30);
    refused = w.try_open();
    EXPECT_EQ(refused.error().kind, Kind::corrupt);
    EXPECT_NE(refused.error().diagnostics.find("rewritten"), std::string::npos);
    // Also when anchors.db was rolled back with it: then the ledger alone says it.
    {
        auto heads = *anchor::Heads::open(w.dir.string() + "/anchors.db", w.keys->derived("db:anchors"));
        ASSERT_TRUE(heads.drop(10).has_value());
    }
    refused = w.try_open();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().diagnostics, "the ledger holds another root for the first 10 audit entries: the log was rewritten");
}

TEST(Anchorer, ALogIdOfSomebodyElseIsRefused) {
    World w;
    const auto id = w.anchorer->log_id();
    const auto stranger = *ethereum::Signer::from_secret(base::as_bytes("a stranger's key, of 32 bytes!!!"));
    ethereum::Transaction txn;
    txn.chain_id = w.ledger->chain_id();
    txn.gas_limit = 100'000;
    txn.to = w.ledger->contracts().audit_anchor;
    txn.data = ledger::encode_call(ledger::OpenCall{id});
    ASSERT_TRUE(w.ledger->submit(ethereum::sign(txn, stranger)->raw).has_value());
    EXPECT_EQ(w.try_open().error().kind, Kind::conflict);
}

TEST(Anchorer, ARefusedAnchorIsDroppedAndSentAgain) {
    World w;
    w.fill(0, 5);
    w.hold = true;
    EXPECT_TRUE(w.anchor());
    for (auto& row : w.rows) {
        row.state = State::refused;
        row.reason = "out of gas";
    }
    w.waiting.clear();
    w.rows.clear();  // the nonces are free again
    w.hold = false;
    ASSERT_TRUE(w.anchorer->refresh().has_value());
    EXPECT_FALSE(w.anchorer->last().has_value());
    EXPECT_TRUE(w.anchor());
    ASSERT_TRUE(w.anchorer->refresh().has_value());
    EXPECT_EQ(w.anchorer->covering(5)->size, 5u);
}

TEST(Anchorer, TheThreadAnchorsAndShutdownSendsTheLastHead) {
    World w;
    w.fill(0, 3);
    w.anchorer->start();
    for (int i = 0; i < 500 && !w.anchorer->covering(3); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(w.anchorer->covering(3).has_value());
    w.fill(3, 8);
    w.anchorer->stop();
    ASSERT_TRUE(w.anchorer->refresh().has_value());
    EXPECT_EQ(w.anchorer->covering(8)->size, 8u);
}

}  // namespace
