// Calls joined on a real EVM node and on the embedded ledger end alike.
#include "tests/anchoring/ledger/anvil.hpp"
#include "tests/anchoring/outbox/patients.hpp"

namespace outbox_test {
namespace {

struct JoinOnEvm : evm_test::OnAnvil {};

TEST_F(JoinOnEvm, TheSameWishesEndAlikeOnBothLedgers) {
    const auto seed = std::random_device{}();
    std::printf("seed %u\n", seed);
    std::mt19937 random(seed);
    const auto wanted = random_wishes(random, 300);
    const base::SystemClock clock;
    ledger::MemoryBlockStore blocks;
    auto embedded = std::move(ledger::Embedded::open(ethereum::Signer::from_secret(ethereum::keccak256("block key")).value(), blocks, clock,
                                                     {proof::verify_consistency, proof::verify_inclusion})
                                  .value());
    Writer here(*embedded, clock, true), there(*evm, clock, false);
    anvil->fund(there.box->relayer());
    const Patients native(*embedded), solidity(*evm);
    JointTransactions joint;
    for (const auto& wish : wanted) {
        ASSERT_TRUE(here.put(native.call_of(wish)));
        ASSERT_TRUE(there.put(solidity.call_of(wish)));
        joint.put(wish);
        if (random() % 40 == 0) {
            joint.pass();
            ASSERT_TRUE(here.box->pass());
            ASSERT_TRUE(there.box->pass());
        }
    }
    ASSERT_TRUE(here.box->pass());
    for (int i = 0; i < 200 && there.box->waiting().value() > 0; ++i) {
        ASSERT_TRUE(there.box->pass());
        anvil->mine();
    }
    EXPECT_EQ(there.box->waiting().value(), 0u);
    const auto a = embedded->transaction_count(here.box->relayer()).value(), b = evm->transaction_count(there.box->relayer()).value();
    std::printf("300 calls: %d transactions on the embedded ledger, %d on the chain\n", static_cast<int>(a), static_cast<int>(b));
    EXPECT_EQ(a, joint.count());
    EXPECT_EQ(b, joint.count());
    EXPECT_EQ(states_of(*embedded, wanted), states_of(*evm, wanted));
    EXPECT_EQ(said_by(*embedded), said_by(*evm));
}

}  // namespace
}  // namespace outbox_test
