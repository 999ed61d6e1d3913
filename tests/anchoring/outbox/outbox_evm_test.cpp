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
    // Each pass ends what can be joined, so their number is given and only their places are drawn.
    constexpr std::size_t kBetweenPasses = 40;
    const auto first = random() % kBetweenPasses;
    for (std::size_t n = 0; n < wanted.size(); ++n) {
        ASSERT_TRUE(here.put(native.call_of(wanted[n])));
        ASSERT_TRUE(there.put(solidity.call_of(wanted[n])));
        if (n % kBetweenPasses == first) {
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
    EXPECT_LT(b, 150u);  // 300 if none were joined; 21 to 60 were seen
    EXPECT_EQ(states_of(*embedded, wanted), states_of(*evm, wanted));
    EXPECT_EQ(said_by(*embedded), said_by(*evm));
}

}  // namespace
}  // namespace outbox_test
