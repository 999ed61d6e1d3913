// Registry, outbox and follower on a real EVM node: a Consent becomes a grant on the chain, and a reorganisation takes grant and anchor
// back, at every depth from 1 to 64.
#include "anchoring/ethereum/transaction.hpp"
#include "anchoring/ledger/audit_anchor.hpp"
#include "consent/registry/registry.hpp"
#include "tests/anchoring/ledger/anvil.hpp"
#include "tests/consent/registry_fixture.hpp"

namespace consent_test {
namespace {

struct OnAnEvmNode : evm_test::OnAnvil {
    std::unique_ptr<Server> server;
    ethereum::Signer auditor = need(ethereum::Signer::from_secret(ethereum::keccak256("another relayer")));

    void SetUp() override {
        OnAnvil::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        evm_options.confirmations = 100;
        evm_options.first_block = deployed.consent_ledger.block_number;
        open();
        server = std::make_unique<Server>(false, evm.get());
        server->options.wait_for_finality = false;
        server->clock.set_us(need(evm->head()).time_us);
        server->restart();
        anvil->fund(server->box->relayer());
        anvil->fund(auditor.address());
        server->add_patient("1");
    }
    std::string state(const std::string& id) { return std::string(server->status(id).state); }
    // anvil mines a moment after it takes a transaction.
    void until(const std::string& id, const std::string& wanted) {
        for (int i = 0; i < 200 && state(id) != wanted; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            server->mine();
        }
        ASSERT_EQ(state(id), wanted);
    }
    void open_log(const ledger::Hash& log_id) {
        ethereum::Transaction t;
        t.chain_id = evm_test::kChain;
        t.nonce = need(evm->transaction_count(auditor.address()));
        t.gas_limit = 100'000;
        t.max_fee_per_gas = 100'000'000'000;
        t.max_priority_fee_per_gas = 1'000'000'000;
        t.to = deployed.contracts.audit_anchor;
        t.data = ledger::encode_call(ledger::AnchorCalls(ledger::OpenCall{log_id}));
        const auto submitted = need(evm->submit(need(ethereum::sign(t, auditor)).raw));
        ASSERT_TRUE(need(receipt_of(submitted.hash)));
    }
};

TEST_F(OnAnEvmNode, AConsentBecomesAGrantAndItsRevocationARevocation) {
    need(server->write("c", kPermitAll));
    server->mine();
    until("c", "active");
    EXPECT_TRUE(server->decide().permits());
    EXPECT_EQ(server->status("c").finality, "latest");
    anvil->mine(101);
    server->mine();
    EXPECT_EQ(server->status("c").finality, "final");
    need(server->write("c", with_status("inactive")));
    EXPECT_FALSE(server->decide().permits()) << "at once";
    server->mine();
    until("c", "revoked");
}

TEST_F(OnAnEvmNode, ReorganisationsOfEveryDepthAreFollowedBack) {
    anvil->mine(70);
    int round = 0;
    for (const std::uint64_t depth : {1, 2, 3, 5, 8, 13, 21, 34, 55, 64}) {
        const auto id = "c" + std::to_string(depth);
        const auto log_id = ethereum::keccak256("log " + id);
        server->mine();
        need(server->write(id, kPermitAll));
        server->mine();
        until(id, "active");
        if (depth > 1) {
            open_log(log_id);
            EXPECT_TRUE(need(evm->anchor_of(log_id)));
        }
        if (depth > 2) anvil->mine(depth - 2);
        server->mine();
        EXPECT_TRUE(server->decide().permits()) << depth;
        const auto before = need(evm->head());
        anvil->reorganise(depth);
        EXPECT_NE(need(evm->block(before.number))->hash, before.hash);
        need(server->registry->catch_up());
        EXPECT_NE(state(id), "active") << depth;
        EXPECT_FALSE(server->decide().permits()) << depth;
        EXPECT_FALSE(need(evm->anchor_of(log_id))) << depth;
        // The outbox sees that its transaction is in no block, and gives it to the node again.
        server->mine();
        until(id, "active");
        EXPECT_TRUE(server->decide().permits()) << depth;
        need(server->write(id, with_status("inactive")));  // so that the next round's decision is its own
        server->mine();
        until(id, "revoked");
        EXPECT_FALSE(server->decide().permits());
        ++round;
    }
    EXPECT_EQ(round, 10);
}

}  // namespace
}  // namespace consent_test
