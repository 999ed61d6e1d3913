// The follower on a ledger whose blocks can be taken back: the embedded ledger's events, shown through blocks that the test makes and
// unmakes.
#include "anchoring/ledger/consent_events.hpp"
#include "anchoring/ledger/consent_ledger.hpp"
#include "consent/registry/registry.hpp"
#include "tests/consent/registry_fixture.hpp"

namespace consent_test {
namespace {

// Takes grants and revocations at their word (signatures are the contract's business) and puts them in blocks when told.
class Forking final : public ledger::Ledger {
  public:
    using Hash = ledger::Hash;
    std::uint64_t confirmations = 3;
    bool dead = false;

    Forking() { make_block(); }
    void make_block() {
        Block block;
        block.ref.number = blocks_.size();
        block.ref.hash = ethereum::keccak256("block " + std::to_string(block.ref.number) + " of fork " + std::to_string(fork_));
        if (!blocks_.empty()) block.ref.parent_hash = blocks_.back().ref.hash;
        for (const auto& txn : pool_) {
            const auto call = need(ledger::decode_consent_call(txn.transaction.data));
            ledger::Receipt receipt{txn.hash, block.ref.number, block.ref.hash, true, "", 0, {}};
            const auto emit = [&](const ledger::ConsentEvent& event) {
                ledger::Log log;
                static_cast<ledger::Event&>(log) = ledger::to_event(contracts().consent_ledger, event);
                log.block_number = block.ref.number;
                log.block_hash = block.ref.hash;
                log.txn_hash = txn.hash;
                block.logs.push_back(log);
                receipt.logs.push_back(log);
            };
            const auto granted = [&](const ledger::Grant& g) {
                emit(ledger::Granted{g.subject, g.consent_id, g.terms_hash, g.not_before, g.not_after});
            };
            if (const auto* one = std::get_if<ledger::GrantCall>(&call)) granted(one->item.grant);
            if (const auto* one = std::get_if<ledger::RevokeCall>(&call))
                emit(ledger::Revoked{one->item.revocation.subject, one->item.revocation.consent_id});
            block.receipts.push_back(receipt);
            block.txns.push_back(txn);
        }
        count_ += pool_.size();
        pool_.clear();
        blocks_.push_back(std::move(block));
    }
    void take_back(std::size_t depth) {
        ++fork_;
        for (; depth > 0; --depth) {
            for (const auto& txn : blocks_.back().txns) pool_.push_back(txn);
            count_ -= blocks_.back().txns.size();
            blocks_.pop_back();
        }
    }
    void forget_pool() { pool_.clear(); }

    std::uint64_t chain_id() const override { return 31337; }
    ledger::Contracts contracts() const override {
        ledger::Contracts c;
        c.consent_ledger.bytes.fill(0xc0);
        return c;
    }
    base::Result<ledger::Submitted> submit(base::ByteView raw) override {
        if (dead) return silent();
        auto txn = need(ethereum::decode_transaction(raw));
        pool_.push_back(txn);
        return ledger::Submitted{txn.hash, false};
    }
    base::Result<std::optional<ledger::Receipt>> receipt(const Hash& hash) override {
        for (const auto& block : blocks_) {
            for (const auto& one : block.receipts) {
                if (one.txn_hash == hash) return std::optional(one);
            }
        }
        return std::optional<ledger::Receipt>{};
    }
    base::Result<ledger::BlockRef> head() override {
        if (dead) return silent();
        return blocks_.back().ref;
    }
    base::Result<std::optional<ledger::BlockRef>> block(std::uint64_t n) override {
        if (dead) return silent();
        if (n >= blocks_.size()) return std::optional<ledger::BlockRef>{};
        return std::optional(blocks_[n].ref);
    }
    base::Result<std::uint64_t> finalized() override {
        if (dead) return silent();
        return blocks_.size() > confirmations ? blocks_.size() - 1 - confirmations : 0;
    }
    base::Result<std::vector<ledger::Log>> logs(std::uint64_t from, std::uint64_t to) override {
        std::vector<ledger::Log> out;
        for (auto n = from; n <= to && n < blocks_.size(); ++n) out.insert(out.end(), blocks_[n].logs.begin(), blocks_[n].logs.end());
        return out;
    }
    base::Result<std::uint64_t> transaction_count(const ledger::Address&) override { return count_; }
    base::Result<ledger::Fees> fees() override { return ledger::Fees{1, 2}; }
    base::Result<ledger::ConsentStatus> consent_status(const ledger::Address&, const Hash&) override { return silent(); }
    base::Result<std::optional<ledger::Anchor>> anchor_of(const Hash&) override { return silent(); }
    base::Result<bool> included(const Hash&, std::uint64_t, const Hash&, std::span<const Hash>) override { return silent(); }

  private:
    static tl::unexpected<base::Error> silent() { return base::fail(base::Kind::unavailable, "the node does not answer"); }
    struct Block {
        ledger::BlockRef ref;
        std::vector<ledger::Log> logs;
        std::vector<ledger::Receipt> receipts;
        std::vector<ethereum::SignedTransaction> txns;
    };
    std::vector<Block> blocks_;
    std::vector<ethereum::SignedTransaction> pool_;
    std::uint64_t count_ = 0;
    int fork_ = 0;
};

struct Reorganisation : testing::Test {
    Forking node;
    Server server{false, &node};
    Reorganisation() {
        server.add_patient("1");
        need(server.write("c", kPermitAll));
        need(server.box->pass());
    }
    void block() {
        node.make_block();
        server.mine();
    }
    void blocks(int n) {
        for (; n > 0; --n) block();
    }
};

TEST_F(Reorganisation, AGrantCountsWhenItsBlockIsFinal) {
    for (int confirmations = 0; confirmations < 4; ++confirmations) {
        EXPECT_EQ(server.decide().rule, "not-effective") << confirmations;
        EXPECT_EQ(server.status("c").state, "sent");  // mined or not: it does not count yet
        EXPECT_EQ(server.status("c").finality, confirmations == 0 ? "pending" : "latest");
        block();
    }
    EXPECT_TRUE(server.decide().permits());
    EXPECT_EQ(server.status("c").finality, "final");
}

TEST_F(Reorganisation, OrWhenItIsMinedWhereThatIsConfigured) {
    server.options.wait_for_finality = false;
    server.restart();
    block();
    EXPECT_TRUE(server.decide().permits());
}

TEST_F(Reorganisation, BlocksThatWereTakenBackGaveNothing) {
    server.options.wait_for_finality = false;
    server.restart();
    for (int depth = 1; depth <= 3; ++depth) {
        blocks(depth);
        EXPECT_TRUE(server.decide().permits());
        node.take_back(static_cast<std::size_t>(depth));
        node.make_block();  // an empty one first, in which the grant is not
        node.take_back(1);
        node.forget_pool();
        node.make_block();
        server.mine();
        EXPECT_EQ(server.decide().rule, "not-effective") << depth;
        server.clock.advance_seconds(61);  // the outbox gives it to the node again
        server.mine();
        block();
        EXPECT_TRUE(server.decide().permits()) << depth;
        node.take_back(2);  // both, for the next round
        node.make_block();
        server.mine();
        blocks(4);
        node.make_block();
        server.mine();
        if (depth == 3) break;
        need(server.write("c", with_status("inactive")));
        server.mine();
        block();
        need(server.write("c", kPermitAll));
        server.mine();
    }
}

TEST_F(Reorganisation, ARevocationStaysWhenItsBlockGoes) {
    blocks(5);
    ASSERT_TRUE(server.decide().permits());
    need(server.write("c", with_status("inactive")));
    server.mine();
    block();
    EXPECT_EQ(server.status("c").state, "revoked");
    node.take_back(1);
    node.forget_pool();
    node.make_block();
    server.mine();
    EXPECT_EQ(server.status("c").state, "revoking");
    EXPECT_FALSE(server.decide().permits()) << "it counted when it was received";
    server.restart();
    EXPECT_FALSE(server.decide().permits());
}

TEST_F(Reorganisation, WhileTheServerWasDown) {
    server.options.wait_for_finality = false;
    server.restart();
    block();
    EXPECT_TRUE(server.decide().permits());
    server.close();
    node.take_back(1);
    node.forget_pool();
    node.make_block();
    node.make_block();
    server.open();
    EXPECT_FALSE(server.decide().permits());
}

TEST_F(Reorganisation, AnotherFinalHistoryIsNotFollowed) {
    blocks(6);
    node.take_back(6);
    for (int i = 0; i < 8; ++i) node.make_block();
    const auto refused = server.registry->catch_up();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, base::Kind::corrupt);
    server.clock.advance_seconds(61);
    EXPECT_TRUE(server.view()->stale);
    EXPECT_FALSE(server.decide().permits());
}

TEST_F(Reorganisation, ADeadNodeMakesTheMirrorStale) {
    blocks(5);
    node.dead = true;
    EXPECT_FALSE(server.registry->catch_up());
    EXPECT_TRUE(server.decide().permits());
    server.clock.advance_seconds(61);
    EXPECT_FALSE(server.decide().permits());
    need(server.write("c", with_status("inactive")));  // and yet a revocation is taken
    node.dead = false;
    server.mine();
    EXPECT_FALSE(server.decide().permits());
}

}  // namespace
}  // namespace consent_test
