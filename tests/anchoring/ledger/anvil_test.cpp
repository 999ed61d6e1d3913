// The EVM ledger on a real node: deployment, calls, events, refusals, reorganisations, and the same random sequences as the embedded
// ledger, compared after each step.
#include "tests/anchoring/ledger/anvil.hpp"

#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ledger/consent_events.hpp"
#include "storage/base/encoding.hpp"
#include "tests/anchoring/ledger/fixture.hpp"

#include <random>

namespace ledger {
namespace {

using base::Kind;

constexpr std::uint64_t kFee = 100'000'000'000;

base::Bytes signed_for(std::uint64_t chain, const ethereum::Signer& sender, std::uint64_t nonce, const Address& to, base::Bytes data,
                       std::uint64_t fee = kFee) {
    ethereum::Transaction t;
    t.chain_id = chain;
    t.nonce = nonce;
    t.gas_limit = 1'000'000;
    t.max_fee_per_gas = fee;
    t.max_priority_fee_per_gas = std::min<std::uint64_t>(fee, 1'000'000'000);
    t.to = to;
    t.data = std::move(data);
    return ethereum::sign(t, sender)->raw;
}

struct EvmOnAnvil : evm_test::OnAnvil {
    ethereum::Signer relayer = test_key(1), patient = test_key(2);
    std::uint64_t nonce = 0, now = 0;

    void SetUp() override {
        OnAnvil::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        anvil->fund(relayer.address());
        now = static_cast<std::uint64_t>(evm->head()->time_us / 1'000'000);
    }
    Hash separator() const { return ethereum::domain_separator(consent_domain(evm_test::kChain, deployed.contracts.consent_ledger)); }
    SignedGrant grant(std::uint64_t id) {
        return sign_grant(patient, separator(), {patient.address(), test_hash(id), test_hash(1000 + id), now, now + 1000, now + 100'000});
    }
    base::Bytes next(const ConsentCall& call) {
        return signed_for(evm_test::kChain, relayer, nonce++, deployed.contracts.consent_ledger, encode_call(call));
    }
    base::Bytes next(const AnchorCalls& call) {
        return signed_for(evm_test::kChain, relayer, nonce++, deployed.contracts.audit_anchor, encode_call(call));
    }
    Receipt sent(const base::Bytes& raw) {
        const auto submitted = evm->submit(raw);
        EXPECT_TRUE(submitted) << submitted.error().diagnostics;
        if (!submitted) return {};
        const auto receipt = receipt_of(submitted->hash);
        EXPECT_TRUE(receipt) << receipt.error().diagnostics;
        return receipt && *receipt ? **receipt : Receipt{};
    }
    ConsentState state(std::uint64_t id) { return evm->consent_status(patient.address(), test_hash(id)).value().state; }
};

TEST_F(EvmOnAnvil, DeploysAndKnowsItsContracts) {
    EXPECT_TRUE(deployed.consent_ledger.success);
    EXPECT_NEAR(static_cast<double>(deployed.consent_ledger.gas_used), 934'058, 2'000);
    EXPECT_NEAR(static_cast<double>(deployed.audit_anchor.gas_used), 447'190, 2'000);
    auto& client = anvil->client();
    EXPECT_TRUE(check_contracts(client, evm_test::kChain, deployed.contracts));
    const Contracts swapped{deployed.contracts.audit_anchor, deployed.contracts.consent_ledger};
    EXPECT_EQ(check_contracts(client, evm_test::kChain, swapped).error().kind, Kind::invalid);
    EXPECT_EQ(check_contracts(client, evm_test::kChain, {relayer.address(), deployed.contracts.audit_anchor}).error().kind, Kind::invalid);
    EXPECT_EQ(check_contracts(client, 1, deployed.contracts).error().kind, Kind::corrupt);
    // Each changed byte is seen; so is code that was made for another address.
    const auto code =
        ethereum::as_data(anvil->call("eth_getCode", {ethereum::to_data(deployed.contracts.consent_ledger.bytes), "latest"}), "").value();
    EXPECT_TRUE(is_consent_ledger(code, evm_test::kChain, deployed.contracts.consent_ledger));
    EXPECT_FALSE(is_consent_ledger(code, evm_test::kChain + 1, deployed.contracts.consent_ledger));
    EXPECT_FALSE(is_consent_ledger(code, evm_test::kChain, deployed.contracts.audit_anchor));
    for (std::size_t at = 0; at < code.size(); ++at) {
        auto changed = code;
        changed[at] ^= 1;
        ASSERT_FALSE(is_consent_ledger(changed, evm_test::kChain, deployed.contracts.consent_ledger)) << at;
    }
    evm_options.chain_id = 1;
    EXPECT_EQ(Evm::open(evm_options).error().kind, Kind::corrupt);
}

TEST_F(EvmOnAnvil, GrantRevokeAnchorAndTheirEvents) {
    const auto granted = sent(next(ConsentCall(GrantCall{grant(1)})));
    ASSERT_TRUE(granted.success);
    EXPECT_LT(granted.gas_used, 60'000u);
    ASSERT_EQ(granted.logs.size(), 1u);
    EXPECT_EQ(std::get<Granted>(consent_event(granted.logs[0]).value().value()).consent_id, test_hash(1));
    EXPECT_EQ(state(1), ConsentState::active);
    EXPECT_TRUE(has_terms(evm->consent_status(patient.address(), test_hash(1)).value(), test_hash(1001)));
    const auto again = sent(next(ConsentCall(GrantCall{grant(1)})));
    EXPECT_FALSE(again.success);
    EXPECT_EQ(again.error, "AlreadyActive");
    EXPECT_TRUE(sent(next(ConsentCall(RevokeCall{sign_revocation(patient, separator(), test_hash(1))}))).success);
    EXPECT_EQ(state(1), ConsentState::revoked);
    EXPECT_EQ(sent(next(ConsentCall(GrantCall{grant(1)}))).error, "AlreadyRevoked");

    const auto log_id = test_hash(5000);
    EXPECT_FALSE(evm->anchor_of(log_id).value());
    EXPECT_TRUE(sent(next(AnchorCalls(OpenCall{log_id}))).success);
    std::vector<Hash> leaves;
    for (std::uint64_t i = 0; i < 9; ++i) leaves.push_back(test_hash(i));
    const auto anchored = sent(next(AnchorCalls(AnchorCall{log_id, 9, reference::root(leaves), {}})));
    EXPECT_TRUE(anchored.success);
    const auto head = evm->anchor_of(log_id).value().value();
    EXPECT_EQ(head, (Anchor{relayer.address(), 9, reference::root(leaves), anchored.block_number}));
    EXPECT_TRUE(evm->included(log_id, 4, leaves[4], reference::path(4, leaves)).value());
    EXPECT_FALSE(evm->included(log_id, 5, leaves[4], reference::path(4, leaves)).value());
    EXPECT_EQ(sent(next(AnchorCalls(AnchorCall{log_id, 9, reference::root(leaves), {}}))).error, "NotGrowing");

    anvil->mine(40);  // so that a part of the range is old
    (void)evm->finalized();
    const auto logs = evm->logs(0, evm->head()->number + 50).value();
    ASSERT_EQ(logs.size(), 4u);  // Granted, Revoked, Opened, Anchored
    EXPECT_EQ(logs[0], granted.logs[0]);
    EXPECT_EQ(logs[3], anchored.logs[0]);
    EXPECT_EQ(evm->block(evm->head()->number + 1).value(), std::nullopt);
    EXPECT_EQ(evm->logs(2, 1).error().kind, Kind::invalid);
    EXPECT_EQ(evm->logs(0, kMaxLogBlocks).error().kind, Kind::too_large);
    EXPECT_EQ(evm->finalized().value() + 3, evm->head()->number);
    const auto fees = evm->fees().value();
    EXPECT_GT(fees.max_fee_per_gas, fees.max_priority_fee_per_gas);
}

TEST_F(EvmOnAnvil, RefusalsAreStatesOrWordsForTheOperator) {
    const auto raw = next(ConsentCall(GrantCall{grant(1)}));
    EXPECT_TRUE(sent(raw).success);
    EXPECT_TRUE(evm->submit(raw)->already_known) << "mined: it is this very one";
    const auto other = signed_for(evm_test::kChain, relayer, 0, deployed.contracts.consent_ledger, {1, 2, 3, 4});
    EXPECT_EQ(evm->submit(other).error().kind, Kind::conflict);
    EXPECT_EQ(evm->submit(signed_for(1, relayer, 1, deployed.contracts.consent_ledger, {})).error().kind, Kind::invalid);
    anvil->call("evm_setAutomine", {false});
    const auto waiting = signed_for(evm_test::kChain, relayer, 1, deployed.contracts.consent_ledger, {});
    EXPECT_FALSE(evm->submit(waiting)->already_known);
    EXPECT_TRUE(evm->submit(waiting)->already_known) << "in the pool";
    EXPECT_TRUE(evm->submit(signed_for(evm_test::kChain, relayer, 1, deployed.contracts.consent_ledger, {1}))->underpriced);
    EXPECT_TRUE(evm->submit(signed_for(evm_test::kChain, relayer, 2, deployed.contracts.consent_ledger, {}, 1))->underpriced)
        << "below the base fee";
    const auto poor = test_key(77);
    const auto broke = evm->submit(signed_for(evm_test::kChain, poor, 0, deployed.contracts.consent_ledger, {}));
    ASSERT_FALSE(broke);
    EXPECT_EQ(broke.error().kind, Kind::unavailable);
    EXPECT_NE(broke.error().diagnostics.find(ethereum::to_text(poor.address())), std::string::npos) << broke.error().diagnostics;
    EXPECT_TRUE(evm->health(poor.address()).relayer_balance_wei->is_zero());
    const auto health = evm->health(relayer.address());
    EXPECT_TRUE(health.answers && health.takes_fees && !health.wrong_chain && !health.relayer_balance_wei->is_zero());
    EXPECT_GT(health.last_answer_us, 0);
}

TEST_F(EvmOnAnvil, AReorganisationTakesBlocksBack) {
    sent(next(ConsentCall(GrantCall{grant(1)})));
    const auto before = evm->head().value();
    const auto receipt = evm->logs(before.number, before.number).value();
    ASSERT_EQ(receipt.size(), 1u);
    anvil->reorganise(1);
    EXPECT_NE(evm->block(before.number).value().value().hash, before.hash);
    EXPECT_TRUE(evm->logs(before.number, before.number).value().empty());
    EXPECT_EQ(evm->receipt(receipt[0].txn_hash).value(), std::nullopt);
    EXPECT_EQ(state(1), ConsentState::none);
}

// A view of a contract, and how many words it answers.
struct View {
    Address contract;
    base::Bytes data;
    std::size_t words;
};

// Code for an eth_call without a recipient, which runs it as a creation: asks all views and returns a zero word (code may not begin with
// EF) and then their answers.
base::Bytes all_views(const std::vector<View>& views) {
    constexpr std::size_t kOut = 0x1000;
    base::Bytes code;
    const auto push = [&](base::ByteView bytes) {
        code.push_back(static_cast<std::uint8_t>(0x5f + bytes.size()));
        code.insert(code.end(), bytes.begin(), bytes.end());
    };
    const auto push_number = [&](std::size_t n) { push(base::Bytes{static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)}); };
    std::size_t out = kOut + 32;
    for (const auto& view : views) {
        for (std::size_t at = 0; at < view.data.size(); at += 32) {
            base::Bytes word(view.data.begin() + static_cast<std::ptrdiff_t>(at),
                             view.data.begin() + static_cast<std::ptrdiff_t>(std::min(at + 32, view.data.size())));
            word.resize(32);
            push(word);
            push_number(at);
            code.push_back(0x52);  // MSTORE
        }
        push_number(32 * view.words);
        push_number(out);
        push_number(view.data.size());
        push_number(0);
        push(view.contract.bytes);
        code.insert(code.end(), {0x5a, 0xfa, 0x50});  // GAS STATICCALL POP
        out += 32 * view.words;
    }
    push_number(out - kOut);
    push_number(kOut);
    code.push_back(0xf3);  // RETURN
    return code;
}

std::vector<Hash> words_of(std::string_view hex) {
    const auto bytes = base::from_hex(hex.substr(2)).value();
    std::vector<Hash> out(bytes.size() / 32);
    for (std::size_t i = 0; i < out.size(); ++i) std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(32 * i), 32, out[i].begin());
    return out;
}

// What both ledgers are asked to do, in both's own words: chain id and contract address are part of what patients sign.
struct Differential : EvmOnAnvil {
    MemoryBlockStore blocks;
    TestClock clock;
    std::unique_ptr<Embedded> embedded = std::move(Embedded::open(test_key(0), blocks, clock, reference::checks()).value());
    std::mt19937_64 random{20261122};
    std::vector<ethereum::Signer> patients, relayers;
    std::vector<std::uint64_t> nonces{0, 0};
    std::vector<Hash> leaves, forked;
    static constexpr std::uint64_t kConsents = 40, kLogs = 3;
    std::uint64_t steps = 0, refused = 0, events = 0;

    bool chance(unsigned percent) { return random() % 100 < percent; }
    struct Item {
        std::uint64_t who, consent;
        Grant grant;
        bool broken;
        std::size_t at;
        std::uint8_t with;
    };
    Item item() {
        Item i{
            random() % patients.size(), random() % kConsents, {}, chance(10), random() % 65, static_cast<std::uint8_t>(1 + random() % 255)};
        i.grant = {patients[i.who].address(), test_hash(i.consent), test_hash(1000 + i.consent), clock_s() - 5,
                   clock_s() + 500,           clock_s() + 1000};
        if (chance(6)) i.grant.not_after = i.grant.not_before - random() % 2;
        if (chance(6)) i.grant.not_after = chance(50) ? kNoEnd : kNoEnd + 1;
        if (chance(8)) i.grant.deadline = clock_s() - 1 + random() % 2;
        return i;
    }
    std::uint64_t clock_s() const { return static_cast<std::uint64_t>(clock.us / 1'000'000); }
    base::Bytes spoil(base::Bytes signature, const Item& i) const {
        if (i.broken) signature[i.at] ^= i.with;
        return signature;
    }
    SignedGrant signed_grant(const Item& i, const Hash& domain) const {
        auto out = sign_grant(patients[i.who], domain, i.grant);
        out.signature = spoil(std::move(out.signature), i);
        return out;
    }
    SignedRevocation signed_revocation(const Item& i, const Hash& domain) const {
        auto out = sign_revocation(patients[i.who], domain, i.grant.consent_id);
        out.signature = spoil(std::move(out.signature), i);
        return out;
    }
    // A consent call for each ledger's domain.
    std::function<ConsentCall(const Hash&)> consent_call() {
        const auto kind = random() % 10;
        const auto one = item();
        if (kind < 4) return [=, this](const Hash& d) { return ConsentCall(GrantCall{signed_grant(one, d)}); };
        if (kind < 7) return [=, this](const Hash& d) { return ConsentCall(RevokeCall{signed_revocation(one, d)}); };
        if (kind == 7)
            return [=](const Hash&) { return ConsentCall(RequestCall{one.grant.consent_id, one.grant.terms_hash, one.grant.deadline}); };
        std::vector<Item> revoking, granting;
        for (auto n = random() % 4; n > 0 && kind == 8; --n) revoking.push_back(item());
        for (auto n = random() % 4; n > 0; --n) granting.push_back(item());
        const bool short_by_one = chance(10);
        return [=, this](const Hash& d) {
            std::vector<SignedRevocation> revocations;
            std::vector<SignedGrant> grants;
            for (const auto& i : revoking) revocations.push_back(signed_revocation(i, d));
            for (const auto& i : granting) grants.push_back(signed_grant(i, d));
            if (kind == 9) {
                auto call = grant_batch(grants);
                if (short_by_one && !call.signatures.empty()) call.signatures.pop_back();
                return ConsentCall(call);
            }
            auto call = apply_batch(revocations, grants);
            if (short_by_one && !call.signatures.empty()) call.signatures.pop_back();
            return ConsentCall(call);
        };
    }
    AnchorCalls anchor_call() {
        const auto log = test_hash(5000 + random() % kLogs);
        if (chance(15)) return OpenCall{log};
        if (chance(10)) return RotateOwnerCall{log, chance(10) ? Address{} : relayers[random() % relayers.size()].address()};
        const auto now_there = embedded->anchor_of(log).value();
        const std::uint64_t from = now_there && chance(85) ? now_there->size : random() % 20;
        const std::uint64_t to = from + (chance(90) ? 1 : 0) + random() % 5;
        const auto& tree = chance(90) ? leaves : forked;
        AnchorCall call{log, to, reference::root(std::span(tree).first(to)), {}};
        if (from > 0 && from <= to) call.consistency_proof = reference::consistency(from, std::span(tree).first(to));
        if (chance(5)) call.consistency_proof.push_back(test_hash(random()));
        return call;
    }

    // The addresses differ between the two ledgers, as does what blocks and transactions are called.
    static std::vector<Event> said(const Receipt& receipt, const Contracts& by) {
        std::vector<Event> out;
        for (const Log& log : receipt.logs) {
            Event event = log;
            event.address = Address{};
            event.address.bytes[0] = log.address == by.consent_ledger ? 1 : 2;
            out.push_back(event);
        }
        return out;
    }
    void step() {
        const auto who = random() % relayers.size();
        const bool consent = chance(65);
        const auto make = consent ? consent_call() : nullptr;
        const auto anchor = consent ? AnchorCalls{} : anchor_call();
        const auto data = [&](const Hash& domain) { return consent ? encode_call(make(domain)) : encode_call(anchor); };
        const auto to = [&](const Contracts& c) { return consent ? c.consent_ledger : c.audit_anchor; };
        const auto here = embedded->contracts(), there = evm->contracts();
        clock.us += static_cast<base::TimeUs>(1 + random() % 3) * 1'000'000;
        const auto n = nonces[who]++;
        const auto a =
            embedded->submit(signed_for(kEmbeddedChainId, relayers[who], n, to(here),
                                        data(ethereum::domain_separator(consent_domain(kEmbeddedChainId, here.consent_ledger)))));
        ASSERT_TRUE(a) << a.error().diagnostics;
        anvil->call("evm_setNextBlockTimestamp", {ethereum::to_quantity(clock_s())});
        const auto b = evm->submit(signed_for(evm_test::kChain, relayers[who], n, to(there), data(separator())));
        ASSERT_TRUE(b) << b.error().diagnostics;
        const auto native = embedded->receipt(a->hash).value().value();
        const auto solidity = receipt_of(b->hash);
        ASSERT_TRUE(solidity && *solidity) << steps;
        ASSERT_EQ(native.success, (*solidity)->success) << native.error << " against " << (*solidity)->error;
        ASSERT_EQ(native.error, (*solidity)->error);
        ASSERT_EQ(said(native, here), said(**solidity, there));
        ++steps;
        refused += native.success ? 0 : 1;
        events += native.logs.size();
    }
    // Every word of state that both keep, after each step. The node is asked once: a thousand questions a step would take hours.
    void compare_words() {
        std::vector<View> asked;
        std::vector<Hash> expected;
        for (const auto& patient : patients) {
            for (std::uint64_t id = 0; id < kConsents; ++id) {
                asked.push_back({deployed.contracts.consent_ledger, status_call(patient.address(), test_hash(id)), 1});
                expected.push_back(pack(embedded->consent_status(patient.address(), test_hash(id)).value()));
            }
        }
        for (std::uint64_t log = 0; log < kLogs; ++log) asked.push_back({deployed.contracts.audit_anchor, head_call(test_hash(5000 + log)), 4});
        json::Object call;
        call.set("data", ethereum::to_data(all_views(asked)));
        const auto answer = anvil->call("eth_call", {call, "latest"});
        const auto* text = answer.if_string();
        ASSERT_NE(text, nullptr);
        const auto words = words_of(*text);
        ASSERT_EQ(words.size(), 1 + expected.size() + 4 * kLogs);
        for (std::size_t i = 0; i < expected.size(); ++i) ASSERT_EQ(words[1 + i], expected[i]) << "consent " << i;
        for (std::uint64_t log = 0; log < kLogs; ++log) {
            const auto at = 1 + expected.size() + 4 * log;
            const auto head = embedded->anchor_of(test_hash(5000 + log)).value().value_or(Anchor{});
            Hash owner{}, size{};
            std::copy(head.owner.bytes.begin(), head.owner.bytes.end(), owner.begin() + 12);
            for (int i = 0; i < 8; ++i) size[31 - i] = static_cast<std::uint8_t>(head.size >> (8 * i));
            ASSERT_EQ(words[at], owner);
            ASSERT_EQ(words[at + 1], size);
            ASSERT_EQ(words[at + 2], head.root);
        }
    }
    // What an encoder of its own cannot see: the views as the ledger's own code asks them, and inclusion. Block numbers differ, for
    // deployment took blocks.
    void compare_state() {
        for (const auto& patient : patients) {
            for (std::uint64_t id = 0; id < kConsents; ++id) {
                ASSERT_EQ(embedded->consent_status(patient.address(), test_hash(id)).value(),
                          evm->consent_status(patient.address(), test_hash(id)).value());
            }
        }
        for (std::uint64_t log = 0; log < kLogs; ++log) {
            auto a = embedded->anchor_of(test_hash(5000 + log)).value(), b = evm->anchor_of(test_hash(5000 + log)).value();
            ASSERT_EQ(a.has_value(), b.has_value());
            if (a) a->block_number = b->block_number = 0;
            ASSERT_EQ(a, b);
            if (!a || a->size == 0) continue;
            const auto tree = std::span(leaves).first(a->size);
            const auto at = random() % (a->size + 1);
            const auto path = at < a->size ? reference::path(at, tree) : std::vector<Hash>{};
            const auto leaf = leaves[chance(80) ? at : 0];
            ASSERT_EQ(embedded->included(test_hash(5000 + log), at, leaf, path).value(),
                      evm->included(test_hash(5000 + log), at, leaf, path).value());
        }
    }
};

TEST_F(Differential, EmbeddedAndSolidityAgreeAfterEachStep) {
    const char* more = std::getenv("KEDGE_DIFFERENTIAL_STEPS");
    const std::uint64_t most = more ? std::strtoull(more, nullptr, 10) : 250;
    for (std::uint64_t i = 0; i < 3; ++i) patients.push_back(test_key(20 + i));
    for (std::uint64_t i = 0; i < 2; ++i) relayers.push_back(test_key(30 + i));
    for (const auto& one : relayers) anvil->fund(one.address(), "0x52b7d2dcc80cd2e4000000");
    for (std::uint64_t i = 0; i < 20 * most + 100; ++i) leaves.push_back(test_hash(i));
    forked = leaves;
    forked[3][0] ^= 1;
    clock.us = static_cast<base::TimeUs>(now + 10) * 1'000'000;
    for (std::uint64_t i = 0; i < most; ++i) {
        step();
        if (HasFatalFailure()) FAIL() << "after " << steps << " steps";
        compare_words();
        if (i % 50 == 49) compare_state();
        if (HasFatalFailure()) FAIL() << "after " << steps << " steps";
    }
    compare_state();
    EXPECT_GT(refused, most / 10) << "both paths are walked";
    EXPECT_GT(events, most / 5);
    RecordProperty("steps", static_cast<int>(steps));
    std::printf("%llu steps, %llu refused by both, %llu events\n", static_cast<unsigned long long>(steps),
                static_cast<unsigned long long>(refused), static_cast<unsigned long long>(events));
}

}  // namespace
}  // namespace ledger
