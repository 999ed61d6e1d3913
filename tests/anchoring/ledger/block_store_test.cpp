// Both stores keep the same promises.
#include "anchoring/ledger/block_store_sqlite.hpp"
#include "tests/anchoring/ledger/fixture.hpp"
#include "tests/support/files.hpp"

namespace ledger {
namespace {

using Rows = std::map<base::Bytes, base::Bytes>;

std::unique_ptr<SqliteBlockStore> open_file(const support::TempDir& dir) {
    auto database = store::Database::open((dir / "ledger.db").string(), crypto::Key(test_hash(1)), {});
    EXPECT_TRUE(database);
    return SqliteBlockStore::open(std::move(*database)).value();
}

Rows all_rows(BlockStore& store) {
    Rows out;
    base::Bytes last;
    EXPECT_TRUE(store.walk_rows([&](base::ByteView key, base::ByteView value) -> base::Status {
        EXPECT_TRUE(out.empty() || last < base::to_bytes(key)) << "in the order of keys";
        last = base::to_bytes(key);
        out[last] = base::to_bytes(value);
        return {};
    }));
    return out;
}

void keeps_its_promises(BlockStore& store) {
    EXPECT_EQ(store.head().value(), std::nullopt);
    EXPECT_EQ(store.block(0).value(), std::nullopt);
    EXPECT_EQ(store.append(1, base::Bytes{1}, {}).error().kind, base::Kind::conflict) << "the first is block 0";
    ASSERT_TRUE(store.append(0, base::Bytes{1}, {{{2, 1}, {7}}, {{1, 9, 9}, {8}}}));
    EXPECT_EQ(store.append(0, base::Bytes{1}, {}).error().kind, base::Kind::conflict);
    EXPECT_EQ(store.append(2, base::Bytes{1}, {}).error().kind, base::Kind::conflict);
    ASSERT_TRUE(store.append(1, base::Bytes{0, 5}, {{{2, 1}, {9, 9}}, {{0xff}, {}}}));
    EXPECT_EQ(store.head().value(), 1u);
    EXPECT_EQ(store.block(0).value(), base::Bytes{1});
    EXPECT_EQ(store.block(1).value(), (base::Bytes{0, 5}));
    EXPECT_EQ(store.block(2).value(), std::nullopt);
    EXPECT_EQ(store.block(UINT64_MAX).value(), std::nullopt);
    EXPECT_EQ(store.row(base::Bytes{2, 1}).value(), (base::Bytes{9, 9}));
    EXPECT_EQ(store.row(base::Bytes{0xff}).value(), base::Bytes{});
    EXPECT_EQ(store.row(base::Bytes{2}).value(), std::nullopt);
    EXPECT_EQ(all_rows(store), (Rows{{{1, 9, 9}, {8}}, {{2, 1}, {9, 9}}, {{0xff}, {}}}));
    int calls = 0;
    const auto stopped = store.walk_rows([&](base::ByteView, base::ByteView) -> base::Status {
        ++calls;
        return base::fail(base::Kind::corrupt, "enough");
    });
    EXPECT_FALSE(stopped);
    EXPECT_EQ(calls, 1);
}

TEST(BlockStore, InMemory) {
    MemoryBlockStore store;
    keeps_its_promises(store);
}

TEST(BlockStore, InSqlite) {
    const support::TempDir dir;
    const auto store = open_file(dir);
    keeps_its_promises(*store);
}

TEST(BlockStore, AFailedAppendLeavesNothing) {
    const support::TempDir dir;
    const auto store = open_file(dir);
    ASSERT_TRUE(store->append(0, base::Bytes{1}, {}));
    // The second of two rows cannot be written.
    ASSERT_TRUE(store->database().execute(
        "CREATE TRIGGER no BEFORE INSERT ON ledger_rows WHEN NEW.key = x'02' BEGIN SELECT raise(ABORT, 'no'); END"));
    EXPECT_FALSE(store->append(1, base::Bytes{2}, {{{1}, {1}}, {{2}, {2}}}));
    EXPECT_EQ(store->head().value(), 0u);
    EXPECT_TRUE(all_rows(*store).empty());
    ASSERT_TRUE(store->database().execute("DROP TRIGGER no"));
    EXPECT_TRUE(store->append(1, base::Bytes{2}, {{{1}, {1}}, {{2}, {2}}}));
    EXPECT_EQ(all_rows(*store).size(), 2u);
}

TEST(BlockStore, ALedgerInAFileGoesOnAndShowsNothingInPlain) {
    const support::TempDir dir;
    TestClock clock;
    const auto contracts = Embedded::contracts_of(test_key(0).address());
    const auto separator = ethereum::domain_separator(consent_domain(kEmbeddedChainId, contracts.consent_ledger));
    const auto relayer = test_key(1), patient = test_key(2);
    const auto call = [&](std::uint64_t nonce, const ConsentCall& c) {
        return transaction(relayer, nonce, contracts.consent_ledger, encode_call(c));
    };
    BlockRef head;
    {
        const auto store = open_file(dir);
        const auto ledger = Embedded::open(test_key(0), *store, clock, reference::checks()).value();
        ASSERT_TRUE(ledger->submit(call(0, GrantCall{sign_grant(patient, separator, test_grant(patient, 1))})));
        ASSERT_TRUE(ledger->submit(call(1, RevokeCall{sign_revocation(patient, separator, test_hash(1))})));
        head = ledger->head().value();
    }
    const auto store = open_file(dir);
    const auto ledger = Embedded::open(test_key(0), *store, clock, reference::checks()).value();
    EXPECT_EQ(ledger->head().value(), head);
    EXPECT_EQ(ledger->consent_status(patient.address(), test_hash(1))->state, ConsentState::revoked);
    EXPECT_TRUE(ledger->verify_all());
    // Tampering through SQLite itself is seen.
    ASSERT_TRUE(store->database().execute("UPDATE ledger_rows SET value = zeroblob(32) WHERE substr(key, 1, 1) = x'63'"));
    EXPECT_NE(ledger->verify_all().error().diagnostics.find("ledger row 'consent 0x"), std::string::npos);
    const auto scan = support::scan_for(dir.path(), base::as_text(patient.address().bytes));
    EXPECT_GT(scan.bytes, 0u);
    EXPECT_TRUE(scan.hits.empty());
}

}  // namespace
}  // namespace ledger
