// What the ledger's tests share: keys, a clock that tests set, signed items.
#pragma once

#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ethereum/transaction.hpp"
#include "anchoring/ledger/audit_anchor.hpp"
#include "anchoring/ledger/embedded.hpp"
#include "anchoring/ledger/memory_block_store.hpp"
#include "tests/anchoring/ledger/reference_tree.hpp"

#include <gtest/gtest.h>

namespace ledger {

inline constexpr std::uint64_t kNow = 1'750'000'000;  // seconds

class TestClock final : public base::Clock {
  public:
    base::TimeUs now_us() const override { return us; }
    base::TimeUs us = static_cast<base::TimeUs>(kNow) * 1'000'000;
};

inline ethereum::Signer test_key(std::uint64_t n) {
    return ethereum::Signer::from_secret(ethereum::keccak256("test key " + std::to_string(n))).value();
}
inline Hash test_hash(std::uint64_t n) {
    return ethereum::keccak256("test hash " + std::to_string(n));
}

inline Grant test_grant(const ethereum::Signer& patient, std::uint64_t consent) {
    return {patient.address(), test_hash(consent), test_hash(1000 + consent), kNow - 100, kNow + 1'000'000, kNow + 100};
}
inline SignedGrant sign_grant(const ethereum::Signer& patient, const Hash& separator, const Grant& grant) {
    return {grant, ethereum::to_bytes(patient.sign(grant_digest(separator, grant)))};
}
inline SignedRevocation sign_revocation(const ethereum::Signer& patient, const Hash& separator, const Hash& consent_id) {
    const Revocation revocation{patient.address(), consent_id};
    return {revocation, ethereum::to_bytes(patient.sign(revoke_digest(separator, revocation)))};
}

inline base::Bytes transaction(const ethereum::Signer& sender, std::uint64_t nonce, const Address& to, base::Bytes data) {
    ethereum::Transaction t;
    t.chain_id = kEmbeddedChainId;
    t.nonce = nonce;
    t.gas_limit = 200'000;
    t.to = to;
    t.data = std::move(data);
    return ethereum::sign(t, sender)->raw;
}

// An embedded ledger in memory, a relayer and a patient.
struct LedgerTest : testing::Test {
    MemoryBlockStore store;
    TestClock clock;
    ethereum::Signer relayer = test_key(1), patient = test_key(2);
    std::unique_ptr<Embedded> ledger = open();
    std::uint64_t nonce = 0;

    std::unique_ptr<Embedded> open() { return std::move(Embedded::open(test_key(0), store, clock, reference::checks()).value()); }
    Contracts contracts() const { return Embedded::contracts_of(test_key(0).address()); }
    Hash separator() const { return ethereum::domain_separator(consent_domain(kEmbeddedChainId, contracts().consent_ledger)); }
    base::Bytes next(const ConsentCall& call) { return transaction(relayer, nonce++, contracts().consent_ledger, encode_call(call)); }
    base::Bytes next(const AnchorCalls& call) { return transaction(relayer, nonce++, contracts().audit_anchor, encode_call(call)); }
    SignedGrant grant(std::uint64_t consent) { return sign_grant(patient, separator(), test_grant(patient, consent)); }
    SignedRevocation revocation(std::uint64_t consent) { return sign_revocation(patient, separator(), test_hash(consent)); }

    template <class Call>
    Receipt mine(const Call& call) {
        const auto submitted = ledger->submit(next(call));
        EXPECT_TRUE(submitted) << submitted.error().diagnostics;
        return ledger->receipt(submitted->hash).value().value();
    }
    ConsentStatus status(std::uint64_t consent) { return ledger->consent_status(patient.address(), test_hash(consent)).value(); }
};

}  // namespace ledger
