#include "tests/anchoring/outbox/outbox_fixture.hpp"

#include <chrono>
#include <cstdio>

namespace outbox_test {
namespace {

struct OutboxOnNode : Fixture {
    FakeNode node;
    std::unique_ptr<Outbox> box = open(node);
    std::uint64_t put(int n = 0) { return enqueue(*box, call(node, n)).value().id; }
};

TEST_F(OutboxOnNode, FromQueuedToFinal) {
    std::vector<State> told;
    box->listen([&](const std::vector<outbox::Row>& rows) {
        for (const auto& row : rows) told.push_back(row.state);
    });
    const auto queued = enqueue(*box, call(node)).value();
    EXPECT_EQ(queued.nonce, 0u);
    EXPECT_EQ(row(*box, queued.id).state, State::queued);
    const auto txn = ethereum::decode_transaction(queued.raw);
    ASSERT_TRUE(txn);
    EXPECT_EQ(txn->sender, box->relayer());
    EXPECT_EQ(txn->transaction.chain_id, 31337u);
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, queued.id).state, State::sent);
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, queued.id).state, State::mined);
    EXPECT_EQ(row(*box, queued.id).block_number, 1u);
    node.make_block();
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, queued.id).state, State::final);
    EXPECT_EQ(told, (std::vector{State::sent, State::mined, State::final}));
    EXPECT_EQ(node.submissions, 1);
    EXPECT_EQ(box->waiting().value(), 0u);
}

TEST_F(OutboxOnNode, NoncesAreInOrderAndAnUndoneUnitUsesNone) {
    put(1);
    units.fail_commits = 1;
    EXPECT_FALSE(enqueue(*box, call(node, 2)));
    EXPECT_EQ(enqueue(*box, call(node, 3)).value().nonce, 1u);
    ASSERT_TRUE(box->pass());
    node.make_block();
    EXPECT_EQ(node.next_nonce, 2u);
}

TEST_F(OutboxOnNode, AFullOutboxSaysUnavailable) {
    options.most_waiting = 3;
    box = open(node);
    for (int i = 0; i < 3; ++i) put(i);
    const auto refused = enqueue(*box, call(node, 4));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::unavailable);
    EXPECT_NE(refused.error().diagnostics.find("limit"), std::string::npos);
    auto urgent = call(node, 6);
    urgent.urgent = true;
    EXPECT_TRUE(enqueue(*box, urgent)) << "a revocation does not wait";
    ASSERT_TRUE(box->pass());
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_TRUE(enqueue(*box, call(node, 5))) << "mined rows wait no more";
}

TEST_F(OutboxOnNode, ADeadNodeLosesNothing) {
    const auto id = put();
    node.dead = true;
    const auto failed = box->pass();
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, Kind::unavailable);
    EXPECT_EQ(row(*box, id).state, State::queued);
    node.dead = false;
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, id).state, State::sent);
}

TEST_F(OutboxOnNode, ACrashBetweenSendingAndWritingItDownIsReconciled) {
    const auto id = put();
    units.spare_commits = 1;  // that it is going to be sent is written down before
    units.fail_commits = 1;
    EXPECT_FALSE(box->pass());
    EXPECT_EQ(node.pool.size(), 1u) << "the node has it";
    EXPECT_EQ(row(*box, id).state, State::queued);
    box = open(node);  // restart
    ASSERT_TRUE(box->pass()) << "already known is no error";
    EXPECT_EQ(row(*box, id).state, State::sent);
    units.fail_commits = 1;
    node.make_block();
    EXPECT_FALSE(box->pass());
    box = open(node);
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, id).state, State::mined);
    EXPECT_EQ(node.next_nonce, 1u) << "sent once";
}

TEST_F(OutboxOnNode, MinedWhileQueuedIsFoundByItsReceipt) {
    const auto queued = enqueue(*box, call(node)).value();
    ASSERT_TRUE(node.submit(queued.raw));
    node.make_block();
    node.take_back(0, false);
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, queued.id).state, State::mined);
    EXPECT_EQ(row(*box, queued.id).txn_hash, queued.txn_hash);
}

TEST_F(OutboxOnNode, ANonceThatSomebodyElseUsedIsReplaced) {
    const auto first = enqueue(*box, call(node, 1)).value();
    const auto second = enqueue(*box, call(node, 2)).value();
    node.next_nonce = 5;  // another program has the key
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, first.id).nonce, 5u);
    EXPECT_EQ(row(*box, second.id).nonce, 6u);
    EXPECT_NE(row(*box, first.id).txn_hash, first.txn_hash);
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, first.id).state, State::mined);
    EXPECT_EQ(row(*box, second.id).state, State::mined);
    EXPECT_EQ(enqueue(*box, call(node, 3)).value().nonce, 7u);
}

TEST_F(OutboxOnNode, ARefusedTransactionDoesNotHoldUpTheOthers) {
    std::vector<outbox::Queued> rows;
    for (int i = 0; i < 4; ++i) rows.push_back(enqueue(*box, call(node, i)).value());
    node.unwanted = {ethereum::decode_transaction(rows[1].raw)->transaction.data};
    ASSERT_TRUE(box->pass());
    node.make_block();
    ASSERT_TRUE(box->pass());
    for (const int i : {0, 2, 3}) EXPECT_EQ(row(*box, rows[i].id).state, State::mined) << i;
    EXPECT_EQ(row(*box, rows[0].id).txn_hash, rows[0].txn_hash) << "what the node held stays as it was";
    EXPECT_EQ(row(*box, rows[2].id).nonce, 1u) << "moved up";
    EXPECT_EQ(row(*box, rows[1].id).state, State::refused);
    EXPECT_EQ(row(*box, rows[1].id).reason, "the node does not like it");
    EXPECT_FALSE(row(*box, rows[1].id).nonce);
}

// A place that a refused row leaves is no stranger's use of the key.
TEST_F(OutboxOnNode, ManyRefusedTransactionsDoNotTakeTheOthersWithThem) {
    for (int i = 0; i < 12; ++i)
        node.unwanted.insert(ethereum::decode_transaction(enqueue(*box, call(node, i)).value().raw)->transaction.data);
    const auto good = put(99);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(box->pass());
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, good).state, State::mined) << row(*box, good).reason;
}

TEST_F(OutboxOnNode, ARevertedTransactionIsRefusedAndKeepsItsNonce) {
    const auto id = put();
    node.reverting = {0};
    ASSERT_TRUE(box->pass());
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, id).state, State::mined);
    EXPECT_EQ(row(*box, id).reason, "AlreadyRevoked");
    node.make_block();
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, id).state, State::refused);
    EXPECT_EQ(row(*box, id).nonce, 0u);
    EXPECT_EQ(enqueue(*box, call(node, 1)).value().nonce, 1u);
}

TEST_F(OutboxOnNode, AReorganisationIsFollowed) {
    const auto id = put();
    ASSERT_TRUE(box->pass());
    node.make_block();
    ASSERT_TRUE(box->pass());
    const auto before = row(*box, id);
    node.take_back(1, false);
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, id).state, State::sent);
    EXPECT_EQ(row(*box, id).block_number, 0u);
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, id).state, State::mined);
    EXPECT_NE(row(*box, id).block_hash, before.block_hash);
    node.take_back(1, true);  // and forgotten by the node
    ASSERT_TRUE(box->pass());
    ASSERT_TRUE(box->pass());
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, id).state, State::mined) << "it was given to the node again";
}

TEST_F(OutboxOnNode, AForgottenTransactionIsSentAgain) {
    const auto id = put();
    ASSERT_TRUE(box->pass());
    node.forget_pool();
    clock.advance_seconds(30);
    ASSERT_TRUE(box->pass());
    EXPECT_TRUE(node.pool.empty()) << "not yet due";
    clock.advance_seconds(31);
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(node.pool.size(), 1u);
    EXPECT_EQ(row(*box, id).state, State::sent);
}

TEST_F(OutboxOnNode, AReceiptThatLiesHoldsUpNothingElse) {
    const auto first = enqueue(*box, call(node, 1)).value();
    ASSERT_TRUE(box->pass());
    node.make_block();
    node.lying_about = {first.txn_hash};
    const auto second = put(2);
    const auto doubted = box->pass();
    ASSERT_FALSE(doubted);
    EXPECT_EQ(doubted.error().kind, Kind::corrupt);
    EXPECT_EQ(row(*box, first.id).state, State::sent);
    EXPECT_EQ(row(*box, second).state, State::sent);
    node.make_block();
    node.lying_about.clear();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, first.id).state, State::mined);
    EXPECT_EQ(row(*box, second).state, State::mined);
}

// A reverted call that the node calls a success: it cannot make up the events.
TEST_F(OutboxOnNode, ASuccessThatNoEventTellsOfIsNotBelieved) {
    const auto id = put();
    node.silent_receipts = true;
    ASSERT_TRUE(box->pass());
    node.make_block();
    const auto doubted = box->pass();
    ASSERT_FALSE(doubted);
    EXPECT_NE(doubted.error().diagnostics.find("no event"), std::string::npos);
    EXPECT_EQ(row(*box, id).state, State::sent);
    node.take_back(1, false);
    node.silent_receipts = false;
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, id).state, State::mined);
}

TEST_F(OutboxOnNode, AStuckHeadOffersMore) {
    const auto first = put(1), second = put(2);
    node.least_fee = 100;  // after it was signed for 10
    ASSERT_TRUE(box->pass());
    const auto before = row(*box, first).txn_hash;
    int rounds = 0;
    while (row(*box, first).state != State::mined && ++rounds < 60) {
        node.make_block();
        clock.advance_seconds(200);
        ASSERT_TRUE(box->pass());
        ASSERT_TRUE(box->pass());
    }
    EXPECT_EQ(row(*box, first).state, State::mined);
    EXPECT_EQ(row(*box, first).nonce, 0u);
    EXPECT_NE(row(*box, first).txn_hash, before);
    node.least_fee = 0;
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, second).state, State::mined);
}

TEST_F(OutboxOnNode, TheCheaperTwinMayBeMined) {
    const auto id = put();
    ASSERT_TRUE(box->pass());
    const auto cheap = node.pool.at(0);
    clock.advance_seconds(200);
    ASSERT_TRUE(box->pass());  // bumped and sent
    ASSERT_TRUE(box->pass());
    EXPECT_NE(node.pool.at(0).hash, cheap.hash);
    node.pool[0] = cheap;  // another node's block had the first one
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, id).state, State::mined);
    EXPECT_EQ(row(*box, id).txn_hash, cheap.hash);
}

TEST_F(OutboxOnNode, GivingItAgainDoesNotPutOffOfferingMore) {
    const auto id = put();
    ASSERT_TRUE(box->pass());
    const auto before = row(*box, id).txn_hash;
    node.least_fee = 11;
    for (int minute = 0; minute < 4; ++minute) {  // given again each minute, by a thread that looks more often
        clock.advance_seconds(61);
        node.forget_pool();
        ASSERT_TRUE(box->pass());
        ASSERT_TRUE(box->pass());
    }
    EXPECT_NE(row(*box, id).txn_hash, before);
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, id).state, State::mined);
}

TEST_F(OutboxOnNode, AnUnderpricedReplacementOffersMoreUntilItFits) {
    const auto id = put();
    ASSERT_TRUE(box->pass());
    auto rival = node.pool.at(0);  // our own, dearer than the row knows of: the database was restored from a copy
    rival.transaction.max_fee_per_gas = 40;
    rival.hash = ethereum::keccak256("dearer");
    node.pool[0] = rival;
    clock.advance_seconds(61);
    for (int i = 0; i < 40 && node.pool.at(0).hash == rival.hash; ++i) ASSERT_TRUE(box->pass());
    EXPECT_NE(node.pool.at(0).hash, rival.hash);
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, id).state, State::mined);
}

TEST_F(OutboxOnNode, NothingOffersMoreThanTheOperatorAllows) {
    box.reset();
    options.most_fee_per_gas = 12;
    box = open(node);
    const auto id = put();
    node.least_fee = 100;
    for (int i = 0; i < 20; ++i) {
        clock.advance_seconds(200);
        ASSERT_TRUE(box->pass());
    }
    EXPECT_LE(node.pool.at(0).transaction.max_fee_per_gas, 12u);
    EXPECT_EQ(row(*box, id).state, State::sent) << "waits, and is not given up";
}

TEST_F(OutboxOnNode, AGapBelowTheHeadIsClosed) {
    node.takes_gaps = true;
    node.next_nonce = 5;
    box.reset();
    box = open(node);
    const auto id = put();
    EXPECT_EQ(row(*box, id).nonce, 5u);
    node.next_nonce = 2;  // the chain was restored from an older copy
    ASSERT_TRUE(box->pass());
    node.make_block();
    EXPECT_EQ(row(*box, id).state, State::sent);
    clock.advance_seconds(61);
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, id).nonce, 2u);
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, id).state, State::mined);
}

TEST_F(OutboxOnNode, WithoutFundsAllWaitsAndGoesOnLater) {
    node.broke = true;
    const auto first = put(1), second = put(2);
    const auto stopped = box->pass();
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().kind, Kind::unavailable);
    EXPECT_EQ(row(*box, first).state, State::queued);
    node.broke = false;
    ASSERT_TRUE(box->pass());
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, first).state, State::mined);
    EXPECT_EQ(row(*box, second).state, State::mined);
}

TEST_F(OutboxOnNode, AnotherLedgersRowsAreGivenUp) {
    const auto id = put();
    ledger::MemoryBlockStore blocks;
    auto embedded = ledger::Embedded::open(ethereum::Signer::from_secret(ethereum::keccak256("block key")).value(), blocks, clock,
                                           {proof::verify_consistency, proof::verify_inclusion});
    ASSERT_TRUE(embedded);
    box = open(**embedded);
    EXPECT_EQ(row(*box, id).state, State::refused);
    EXPECT_NE(row(*box, id).reason.find("another ledger"), std::string::npos);
    EXPECT_EQ(enqueue(*box, call(**embedded)).value().nonce, 0u);
    ASSERT_TRUE(box->pass());
}

struct OutboxOnEmbedded : OnEmbedded {};

TEST_F(OutboxOnEmbedded, AllThatWaitGoIntoOneBlockAndAreFinal) {
    auto box = open(*embedded);
    std::vector<std::uint64_t> ids;
    for (int i = 0; i < 50; ++i) ids.push_back(enqueue(*box, call(*embedded, i)).value().id);
    const auto before = embedded->head().value().number;
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(embedded->head().value().number, before + 1);
    for (const auto id : ids) EXPECT_EQ(row(*box, id).state, State::final);
}

TEST_F(OutboxOnEmbedded, MoreThanOnePassHoldsGoInOneCall) {
    auto box = open(*embedded);
    for (int i = 0; i < 450; ++i) ASSERT_TRUE(enqueue(*box, call(*embedded, i)));
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(box->waiting().value(), 0u);
}

TEST_F(OutboxOnEmbedded, AKickMinesWithinMilliseconds) {
    auto box = open(*embedded);
    std::mutex mutex;
    std::condition_variable finished;
    int final_rows = 0;
    box->listen([&](const std::vector<outbox::Row>& rows) {
        std::lock_guard lock(mutex);
        for (const auto& row : rows) final_rows += row.state == State::final;
        finished.notify_all();
    });
    options.poll_ms = 60'000;
    box->start();
    std::vector<double> took_ms;
    for (int i = 0; i < 30; ++i) {
        ASSERT_TRUE(enqueue(*box, call(*embedded, i)));
        const auto start = std::chrono::steady_clock::now();
        box->kick();
        std::unique_lock lock(mutex);
        ASSERT_TRUE(finished.wait_for(lock, std::chrono::seconds(10), [&] { return final_rows == i + 1; }));
        took_ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    std::sort(took_ms.begin(), took_ms.end());
    std::printf("kick to final, durable: p50 %.2f ms, most %.2f ms\n", took_ms[15], took_ms.back());
    box->stop();
}

TEST_F(OutboxOnEmbedded, ALedgerThatBeganAnewIsNumberedFromItsOwnCount) {
    auto box = open(*embedded);
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(enqueue(*box, call(*embedded, i)));
    ASSERT_TRUE(box->pass());
    box.reset();
    // The same block key, so the same contracts, but the file is gone.
    ledger::MemoryBlockStore empty;
    auto anew = ledger::Embedded::open(ethereum::Signer::from_secret(ethereum::keccak256("block key")).value(), empty, clock,
                                       {proof::verify_consistency, proof::verify_inclusion});
    box = open(**anew);
    const auto queued = enqueue(*box, call(**anew, 9));
    ASSERT_TRUE(queued);
    const auto done = box->pass();
    EXPECT_TRUE(done) << done.error().diagnostics;
    EXPECT_EQ(row(*box, queued->id).state, State::final);
}

TEST_F(OutboxOnEmbedded, ManyWritersOneOrder) {
    auto box = open(*embedded);
    box->start();
    std::vector<std::thread> writers;
    std::atomic<int> done{0};
    for (int w = 0; w < 4; ++w) {
        writers.emplace_back([&, w] {
            for (int i = 0; i < 50; ++i) {
                if (enqueue(*box, call(*embedded, w * 100 + i))) ++done;
                box->kick();
            }
        });
    }
    for (auto& writer : writers) writer.join();
    box->stop();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(done, 200);
    EXPECT_EQ(embedded->transaction_count(box->relayer()).value(), 200u);
    EXPECT_EQ(box->waiting().value(), 0u);
}

}  // namespace
}  // namespace outbox_test
