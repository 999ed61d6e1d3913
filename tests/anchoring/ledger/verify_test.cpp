// Whatever is changed in what is stored, verify_all() says where.
#include "anchoring/ethereum/signer.hpp"
#include "tests/anchoring/ledger/fixture.hpp"

#include <random>

namespace ledger {
namespace {

struct Verification : LedgerTest {
    const Hash log_id = test_hash(5000);
    std::vector<Hash> leaves{test_hash(1), test_hash(2), test_hash(3)};

    void SetUp() override {
        mine(ConsentCall(GrantCall{grant(1)}));
        mine(ConsentCall(grant_batch({grant(2), grant(3)})));
        mine(ConsentCall(RevokeCall{revocation(2)}));
        mine(ConsentCall(GrantCall{grant(2)}));  // reverts
        mine(AnchorCalls(OpenCall{log_id}));
        mine(AnchorCalls(AnchorCall{log_id, 3, reference::root(leaves), {}}));
    }
    std::string finding() {
        const auto verified = ledger->verify_all();
        if (verified) return "";
        EXPECT_EQ(verified.error().kind, base::Kind::corrupt);
        return verified.error().diagnostics;
    }
    // A block made anew with the ledger's own key: what somebody who stole it could write.
    void rewrite(std::uint64_t number, const std::function<void(Block&)>& change) {
        auto block = open_block(store.blocks[number], number, kEmbeddedChainId, test_key(0).address()).value();
        change(block);
        seal(block, test_key(0));
        store.blocks[number] = encode(block);
    }
};

TEST_F(Verification, AnHonestLedgerHolds) {
    const auto verified = ledger->verify_all();
    ASSERT_TRUE(verified) << verified.error().diagnostics;
    EXPECT_EQ(verified->blocks, 7u);
    EXPECT_EQ(verified->transactions, 6u);
    EXPECT_EQ(verified->rows, store.rows.size());
    EXPECT_EQ(verified->rows, 3u + 1u + 1u + 6u) << "consents, log, nonce, transactions";
    EXPECT_TRUE(open()->verify_all());
}

TEST_F(Verification, EveryByteOfEveryBlockCounts) {
    const auto blocks = store.blocks;
    for (std::size_t number = 0; number < blocks.size(); ++number) {
        const auto step = 1 + blocks[number].size() / 60;
        for (std::size_t at = 0; at < blocks[number].size(); at += step) {
            store.blocks[number][at] ^= 0x10;
            EXPECT_EQ(finding().rfind("ledger block " + std::to_string(number) + ": ", 0), 0u) << number << " at " << at;
            store.blocks[number] = blocks[number];
        }
    }
    EXPECT_EQ(finding(), "");
}

TEST_F(Verification, EveryByteOfEveryRowCounts) {
    const auto rows = store.rows;
    for (const auto& [key, value] : rows) {
        for (std::size_t at = 0; at < value.size(); ++at) {
            store.rows[key][at] ^= 1;
            EXPECT_EQ(finding(), "ledger row '" + row_name(key) + "' is not what the blocks say");
            store.rows[key] = value;
        }
        store.rows.erase(key);
        EXPECT_EQ(finding(), "ledger row '" + row_name(key) + "' is missing");
        store.rows[key] = value;
    }
    for (const auto& extra : {base::Bytes{'a'}, base::Bytes{'c', 1, 2}, base::Bytes{'z'}, base::Bytes{}}) {
        store.rows[extra] = {1};
        EXPECT_EQ(finding(), "ledger row '" + row_name(extra) + "' is not from any block");
        store.rows.erase(extra);
    }
    EXPECT_EQ(finding(), "");
}

TEST_F(Verification, RowNamesSayWhatTheyAre) {
    const auto patient_key = base::Writer().u8('n').raw(patient.address().bytes).take();
    EXPECT_EQ(row_name(patient_key).substr(0, 8), "nonce 0x");
    EXPECT_EQ(row_name(base::Writer().u8('a').raw(log_id).take()), "log " + ethereum::to_text(log_id));
    EXPECT_EQ(row_name(base::Bytes{0xff}), "unknown 0xff");
}

TEST_F(Verification, SwappedDroppedOrInsertedBlocksAreSeen) {
    const auto blocks = store.blocks;
    std::swap(store.blocks[2], store.blocks[3]);
    EXPECT_EQ(finding(), "ledger block 2: it carries another number");
    store.blocks = blocks;
    store.blocks.pop_back();
    EXPECT_EQ(finding(), "ledger block 5: it is not the head that was written last");
    // After a restart nobody remembers the head, but the rows do.
    EXPECT_NE(open()->verify_all().error().diagnostics.find("ledger row"), std::string::npos);
    store.blocks = blocks;
    store.blocks.push_back(blocks.back());
    EXPECT_EQ(finding(), "ledger block 7: it carries another number");
    store.blocks.clear();
    EXPECT_EQ(finding(), "the ledger has lost its blocks");
}

TEST_F(Verification, TheLedgersOwnKeyCannotRewriteThePast) {
    const auto blocks = store.blocks;
    rewrite(3, [](Block& b) { b.header.time_s += 1; });
    EXPECT_EQ(finding(), "ledger block 4: it does not follow the block before it");
    store.blocks = blocks;
    rewrite(6, [](Block& b) { b.header.time_s -= 5; });
    EXPECT_EQ(finding(), "ledger block 6: its time is before that of the block before it");
    store.blocks = blocks;
    rewrite(3, [](Block& b) { b.receipts[0].events.clear(); });
    EXPECT_EQ(finding(), "ledger block 3: transaction 0 does not do what its receipt says");
    store.blocks = blocks;
    rewrite(4, [](Block& b) {
        b.receipts[0].reverted = false;
        b.receipts[0].error.clear();
    });
    EXPECT_EQ(finding(), "ledger block 4: transaction 0 does not do what its receipt says");
    store.blocks = blocks;
    rewrite(2, [](Block& b) { b.transactions[0] = {2, 0xc0}; });
    EXPECT_EQ(finding().rfind("ledger block 2: transaction 0 does not decode", 0), 0u);
    store.blocks = blocks;
    rewrite(2, [&](Block& b) { b.transactions[0] = transaction(relayer, 9, contracts().consent_ledger, {}); });
    EXPECT_EQ(finding().rfind("ledger block 2: transaction 0 was never admissible: nonce gap", 0), 0u);
    store.blocks = blocks;
    rewrite(0, [](Block& b) { b.header.parent_hash[0] = 1; });
    EXPECT_EQ(finding(), "ledger block 0: it does not follow the block before it");
}

TEST_F(Verification, StartLooksAtTheHeadItsLinkAndTheFirst) {
    const auto blocks = store.blocks;
    const auto start = [&] {
        const auto opened = Embedded::open(test_key(0), store, clock, reference::checks());
        return opened ? std::string() : opened.error().diagnostics;
    };
    EXPECT_EQ(start(), "");
    store.blocks[6][100] ^= 1;
    EXPECT_EQ(start().rfind("ledger block 6: ", 0), 0u);
    store.blocks = blocks;
    store.blocks[5][100] ^= 1;
    EXPECT_EQ(start().rfind("ledger block 5: ", 0), 0u);
    store.blocks = blocks;
    store.blocks[0][100] ^= 1;
    EXPECT_EQ(start().rfind("ledger block 0: ", 0), 0u);
    store.blocks = blocks;
    rewrite(6, [](Block& b) { b.header.parent_hash[0] ^= 1; });
    EXPECT_EQ(start(), "ledger block 6: it does not follow the block before it");
}

}  // namespace
}  // namespace ledger
