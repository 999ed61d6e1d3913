// An operator's pause: nothing is signed or sent, on a node and on the embedded ledger; it outlives the process; and afterwards all goes
// once, in its order.
#include "anchoring/outbox/broadcast.hpp"
#include "tests/anchoring/outbox/outbox_fixture.hpp"
#include "tests/anchoring/outbox/patients.hpp"

#include <atomic>
#include <thread>

namespace outbox_test {
namespace {

struct PauseOnNode : Fixture {
    FakeNode node;
    Patients patients{node};
    std::unique_ptr<Outbox> box = open(node);

    std::uint64_t put(int n = 0) { return enqueue(*box, call(node, n)).value().id; }
    void pause() { ASSERT_TRUE(box->pause("audit of the key").value()); }
    void resume() { ASSERT_TRUE(box->resume().value()); }
    void pass_often() {
        for (int i = 0; i < 3; ++i) {
            clock.advance_seconds(400);  // beyond the times after which things are sent again, and offer more
            const auto done = box->pass();
            ASSERT_TRUE(done) << done.error().diagnostics;
        }
    }
};

TEST_F(PauseOnNode, NothingIsSignedOrSentAndThenAllGoesOnceInItsOrder) {
    const auto before = put(1);
    const auto signed_before = row(*box, before).txn_hash;
    pause();
    const auto during = enqueue(*box, call(node, 2)).value();
    EXPECT_TRUE(during.raw.empty());
    EXPECT_EQ(during.txn_hash, Hash{}) << "it has no signature";
    const auto later = put(3);
    pass_often();
    EXPECT_EQ(node.submissions, 0);
    for (const auto id : {before, during.id, later}) EXPECT_EQ(row(*box, id).state, State::queued);
    EXPECT_EQ(row(*box, during.id).txn_hash, Hash{});
    EXPECT_EQ(box->waiting().value(), 3u);
    resume();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(node.submissions, 3);
    EXPECT_EQ(row(*box, before).txn_hash, signed_before);
    EXPECT_NE(row(*box, during.id).txn_hash, Hash{});
    node.make_block();
    ASSERT_TRUE(box->pass());
    for (const auto id : {before, during.id, later}) EXPECT_EQ(row(*box, id).state, State::mined);
    EXPECT_EQ(row(*box, before).nonce, 0u);
    EXPECT_EQ(row(*box, during.id).nonce, 1u);
    EXPECT_EQ(row(*box, later).nonce, 2u);
    EXPECT_EQ(node.next_nonce, 3u) << "each once";
}

TEST_F(PauseOnNode, ARestartFindsItPaused) {
    clock.set_us(1'900'000'000'000'000);
    pause();
    const auto id = put();
    for (int start = 0; start < 2; ++start) {
        box.reset();
        clock.advance_seconds(60);
        box = open(node);
        ASSERT_TRUE(box->paused());
        EXPECT_EQ(box->paused()->since_us, 1'900'000'000'000'000);
        EXPECT_EQ(box->paused()->why, "audit of the key");
        pass_often();
        EXPECT_EQ(node.submissions, 0);
    }
    resume();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, id).state, State::sent);
    box.reset();
    box = open(node);
    EXPECT_FALSE(box->paused());
}

TEST_F(PauseOnNode, WhatWasSentBeforeIsFollowedAndNotTouched) {
    const auto mined = put(1);
    ASSERT_TRUE(box->pass());
    node.make_block();
    const auto waits = put(2);
    ASSERT_TRUE(box->pass());
    const auto sent = row(*box, waits).txn_hash;
    const int submissions = node.submissions;
    pause();
    node.least_fee = 100;
    pass_often();
    EXPECT_EQ(row(*box, waits).txn_hash, sent) << "no replacement with higher fees";
    node.forget_pool();
    pass_often();
    EXPECT_EQ(node.submissions, submissions) << "nothing is given to the node again";
    node.make_block();
    node.make_block();
    pass_often();
    EXPECT_EQ(row(*box, mined).state, State::final) << "the ledger is still watched";
    resume();
    node.least_fee = 0;
    for (int i = 0; i < 3 && row(*box, waits).state != State::mined; ++i) {
        ASSERT_TRUE(box->pass());
        node.make_block();
        ASSERT_TRUE(box->pass());
    }
    EXPECT_EQ(row(*box, waits).state, State::mined);
    EXPECT_EQ(node.next_nonce, 2u);
}

TEST_F(PauseOnNode, ABlockThatIsTakenBackIsSeenAndItsTransactionWaits) {
    const auto id = put();
    ASSERT_TRUE(box->pass());
    node.make_block();
    ASSERT_TRUE(box->pass());
    pause();
    node.take_back(1, true);
    const int submissions = node.submissions;
    pass_often();
    EXPECT_EQ(row(*box, id).state, State::sent);
    EXPECT_EQ(node.submissions, submissions);
    resume();
    ASSERT_TRUE(box->pass());
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, id).state, State::mined);
}

// Sent, then a crash before that was written down, then a pause: its receipt is found all the same.
TEST_F(PauseOnNode, MinedWhileQueuedIsFound) {
    const auto queued = enqueue(*box, call(node)).value();
    units.spare_commits = 1;
    units.fail_commits = 1;
    EXPECT_FALSE(box->pass());
    box.reset();
    box = open(node);
    pause();
    node.make_block();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(row(*box, queued.id).state, State::mined);
    EXPECT_EQ(node.submissions, 1);
}

TEST_F(PauseOnNode, WhatWaitedGoesTogether) {
    pause();
    std::vector<std::uint64_t> ids;
    for (int n = 0; n < 150; ++n) ids.push_back(enqueue(*box, patients.granting(n)).value().id);
    ids.push_back(put(1));
    pass_often();
    resume();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(node.pool.size(), 3u) << "100 grants, 50 grants, and the request";
    node.make_block();
    ASSERT_TRUE(box->pass());
    for (const auto id : ids) EXPECT_EQ(row(*box, id).state, State::mined);
}

// What goes alone although it may be joined: the fees are those of the day when it is signed.
TEST_F(PauseOnNode, FeesAreThoseOfTheResume) {
    box.reset();
    options.poll_ms = 10;
    box = open(node);
    pause();
    const auto id = put(1);
    node.suggested = {7, 70};
    box->start();
    resume();
    for (int i = 0; i < 1000 && row(*box, id).state != State::sent; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    box->stop();
    ASSERT_EQ(node.pool.size(), 1u);
    EXPECT_EQ(node.pool.at(0).transaction.max_fee_per_gas, 70u);
}

TEST_F(PauseOnNode, AJointTransactionThatFailedMeanwhileIsTakenApartAndSentLater) {
    std::vector<std::uint64_t> ids;
    for (int n = 0; n < 4; ++n) ids.push_back(enqueue(*box, patients.granting(n)).value().id);
    ASSERT_TRUE(box->pass());
    ASSERT_EQ(node.pool.size(), 1u);
    pause();
    node.reverting = {0};
    for (int i = 0; i < 4; ++i) node.make_block();
    pass_often();
    const int submissions = node.submissions;
    for (const auto id : ids) {
        EXPECT_EQ(row(*box, id).state, State::queued);
        EXPECT_EQ(row(*box, id).txn_hash, Hash{}) << "nothing is signed while paused";
    }
    resume();
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(node.submissions, submissions + 4);
    node.make_block();
    ASSERT_TRUE(box->pass());
    for (const auto id : ids) EXPECT_EQ(row(*box, id).state, State::mined);
}

TEST_F(PauseOnNode, TwiceIsOnceAndSaysSo) {
    int entries = 0;
    const auto entry = [&](store::Unit&) -> base::Status { return ++entries, base::Status{}; };
    EXPECT_FALSE(box->resume(entry).value());
    EXPECT_TRUE(box->pause("first", entry).value());
    EXPECT_FALSE(box->pause("second", entry).value());
    EXPECT_EQ(box->paused()->why, "first");
    EXPECT_TRUE(box->resume(entry).value());
    EXPECT_FALSE(box->resume(entry).value());
    EXPECT_EQ(entries, 2);
}

TEST_F(PauseOnNode, APauseThatCouldNotBeWrittenDownIsNone) {
    put();
    units.fail_commits = 1;
    const auto failed = box->pause("disk full");
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, Kind::fault);
    EXPECT_FALSE(box->paused());
    EXPECT_FALSE(box->pause("no entry", [](store::Unit&) -> base::Status { return base::fail(Kind::unavailable, "the audit entry"); }));
    EXPECT_FALSE(box->paused());
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(node.submissions, 1) << "the relayer works on";
    pause();
    units.fail_commits = 1;
    EXPECT_FALSE(box->resume());
    EXPECT_TRUE(box->paused()) << "and stays paused when the end could not be written down";
    put(2);
    pass_often();
    EXPECT_EQ(node.submissions, 1);
}

TEST_F(PauseOnNode, AReasonIsOneShortLine) {
    for (const auto& why : {std::string("two\nlines"), std::string("\xff"), std::string(501, 'x')}) {
        const auto refused = box->pause(why);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().kind, Kind::invalid);
    }
    EXPECT_FALSE(box->paused());
    EXPECT_TRUE(box->pause("Schlüssel wird geprüft").value());
}

TEST_F(PauseOnNode, AskedToSendAgainItSaysThatItIsPaused) {
    put();
    pause();
    const auto refused = box->resend();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::conflict);
    EXPECT_NE(refused.error().diagnostics.find("kedge ledger resume"), std::string::npos);
    EXPECT_EQ(node.submissions, 0);
}

TEST_F(PauseOnNode, AFullOutboxSaysThatItIsPaused) {
    box.reset();
    options.most_waiting = 1;
    box = open(node);
    pause();
    put(1);
    const auto refused = enqueue(*box, call(node, 2));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::unavailable);
    EXPECT_NE(refused.error().diagnostics.find("paused"), std::string::npos);
    auto urgent = call(node, 3);
    urgent.urgent = true;
    EXPECT_TRUE(enqueue(*box, urgent)) << "a revocation is taken";
}

// A pause that comes while a pass gives one after the other to the node.
TEST_F(PauseOnNode, BetweenTwoTransactions) {
    std::vector<outbox::FullRow> rows;
    for (int n = 0; n < 5; ++n) {
        auto queued = enqueue(*box, call(node, n)).value();
        outbox::FullRow row;
        row.id = queued.id;
        row.nonce = queued.nonce;
        row.txn_hash = queued.txn_hash;
        row.raw = std::move(queued.raw);
        row.handling = outbox::Handling::handed;
        rows.push_back(std::move(row));
    }
    outbox::Gate gate;
    std::thread closer;
    std::atomic<bool> closed{false};
    node.on_submit = [&] {
        if (node.submissions != 2) return;
        closer = std::thread([&] {
            gate.close();
            closed = true;
        });
        while (!gate.is_closed()) std::this_thread::yield();
        EXPECT_FALSE(closed) << "close() waits for what is going through";
    };
    outbox::Resent resent;
    const auto found = outbox::ask(node, box->relayer(), rows, {clock.now_us(), 60'000'000, 180'000'000}, resent, gate);
    closer.join();
    EXPECT_EQ(node.submissions, 2);
    ASSERT_EQ(found.changed.size(), 2u) << "the two are known to be sent";
    EXPECT_FALSE(found.stopped);
    const auto again = outbox::ask(node, box->relayer(), rows, {clock.now_us(), 0, 0}, resent, gate);
    EXPECT_EQ(node.submissions, 2);
    EXPECT_TRUE(again.empty());
}

struct PauseOnEmbedded : OnEmbedded {};

TEST_F(PauseOnEmbedded, NoBlockIsMadeUntilTheResume) {
    auto box = open(*embedded);
    ASSERT_TRUE(enqueue(*box, call(*embedded, 0)));
    ASSERT_TRUE(box->pause("").value());
    const auto before = embedded->head().value().number;
    for (int i = 1; i < 450; ++i) ASSERT_TRUE(enqueue(*box, call(*embedded, i)));
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(embedded->head().value().number, before);
    box.reset();
    box = open(*embedded);
    EXPECT_TRUE(box->paused());
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(embedded->head().value().number, before);
    EXPECT_EQ(box->waiting().value(), 450u);
    ASSERT_TRUE(box->resume().value());
    ASSERT_TRUE(box->pass());
    EXPECT_EQ(box->waiting().value(), 0u);
    EXPECT_EQ(embedded->transaction_count(box->relayer()).value(), 450u);
}

TEST_F(PauseOnEmbedded, PausedAndResumedUnderLoadNothingIsLostOrDoubled) {
    auto box = open(*embedded);
    box->start();
    std::atomic<int> done{0};
    std::vector<std::thread> writers;
    for (int w = 0; w < 4; ++w) {
        writers.emplace_back([&, w] {
            for (int i = 0; i < 50; ++i) {
                if (enqueue(*box, call(*embedded, w * 100 + i))) ++done;
                box->kick();
            }
        });
    }
    for (int i = 0; i < 40; ++i) {
        ASSERT_TRUE(box->pause("").value());
        const auto count = embedded->transaction_count(box->relayer()).value();
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        EXPECT_EQ(embedded->transaction_count(box->relayer()).value(), count) << "a transaction went out while paused";
        ASSERT_TRUE(box->resume().value());
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
