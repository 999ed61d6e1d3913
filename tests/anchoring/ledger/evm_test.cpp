// The EVM ledger against a node that lies, lags and reorganises: a scripted chain over real HTTP.
#include "anchoring/ledger/evm.hpp"

#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ethereum/rpc_values.hpp"
#include "anchoring/ethereum/transaction.hpp"
#include "anchoring/ledger/consent_events.hpp"
#include "anchoring/ledger/deploy.hpp"
#include "anchoring/ledger/evm_read.hpp"
#include "tests/anchoring/ethereum/fake_rpc.hpp"

#include <map>

#include <gtest/gtest.h>

namespace ledger {
namespace {

using base::Kind;
using ethereum::to_data;
using ethereum::to_quantity;
using rpc_test::FakeRpc;
using rpc_test::Reply;

constexpr std::uint64_t kChain = 31337;

Contracts contracts() {
    Contracts c;
    c.consent_ledger.bytes.fill(0xc0);
    c.audit_anchor.bytes.fill(0xaa);
    return c;
}

// The code that a creation leaves behind, its immutable words all the chain id: one of those that count.
base::Bytes code_of(base::ByteView created, std::size_t size) {
    base::Bytes code(created.end() - static_cast<std::ptrdiff_t>(size), created.end());
    for (std::size_t at = 0; at + 32 < code.size(); ++at) {
        if (code[at] != 0x7f || std::any_of(code.begin() + at + 1, code.begin() + at + 33, [](auto b) { return b != 0; })) continue;
        code[at + 32] = kChain & 0xff;
        code[at + 31] = kChain >> 8;
        at += 32;
    }
    return code;
}

// A chain of blocks with one transaction each, and one event in it. What the node says of it can be bent member by member.
struct FakeChain {
    std::uint64_t chain_id = kChain, height = 40, fork_at = UINT64_MAX;
    std::string salt = "a";
    std::uint64_t final_height = 30;
    std::map<std::string, Reply> instead;  // by method
    std::map<std::string, std::string> receipt_lies, log_lies;
    std::uint64_t most_range = 1'000'000;
    std::mutex mutex;
    std::vector<std::string> asked;

    Hash hash(std::uint64_t n) const { return ethereum::keccak256("block " + std::to_string(n) + (n >= fork_at ? salt : "")); }
    static Hash txn(std::uint64_t n) { return ethereum::keccak256("txn " + std::to_string(n)); }
    std::string log(std::uint64_t n) const {
        Address subject;
        subject.bytes[19] = static_cast<std::uint8_t>(n);
        const auto event = to_event(contracts().consent_ledger, ConsentEvent(Revoked{subject, txn(n)}));
        std::map<std::string, std::string> members{{"address", to_data(event.address.bytes)}, {"data", to_data(event.data)},
                                                   {"blockNumber", to_quantity(n)},           {"blockHash", to_data(hash(n))},
                                                   {"transactionHash", to_data(txn(n))},      {"logIndex", "0x0"}};
        for (const auto& [key, lie] : log_lies) members[key] = lie;
        std::string out = "{\"topics\":[";
        for (std::size_t i = 0; i < event.topics.size(); ++i) out += (i ? ",\"" : "\"") + to_data(event.topics[i]) + "\"";
        out += "]";
        for (const auto& [key, value] : members) out += ",\"" + key + "\":\"" + value + "\"";
        return out + "}";
    }
    std::string block(std::uint64_t n) const {
        return "{\"number\":\"" + to_quantity(n) + "\",\"hash\":\"" + to_data(hash(n)) + "\",\"parentHash\":\"" +
               to_data(n == 0 ? Hash{} : hash(n - 1)) + "\",\"timestamp\":\"" + to_quantity(1'750'000'000 + n) +
               "\",\"baseFeePerGas\":\"0x7\",\"transactions\":[\"" + to_data(txn(n)) + "\"]}";
    }
    std::string receipt(std::uint64_t n) const {
        std::map<std::string, std::string> members{{"transactionHash", to_data(txn(n))},
                                                   {"blockNumber", to_quantity(n)},
                                                   {"blockHash", to_data(hash(n))},
                                                   {"transactionIndex", "0x0"},
                                                   {"status", "0x1"},
                                                   {"gasUsed", "0x5208"}};
        for (const auto& [key, lie] : receipt_lies) members[key] = lie;
        std::string out = "{\"logs\":[" + log(n) + "]";
        for (const auto& [key, value] : members) out += ",\"" + key + "\":\"" + value + "\"";
        return out + "}";
    }
    std::uint64_t number_of(const std::string& which) const {
        return which == "latest"                         ? height
               : which == "safe" || which == "finalized" ? final_height
                                                         : ethereum::parse_quantity(which).value();
    }
    Reply logs(const json::Value& filter) const {
        std::uint64_t from = 0, to = 0;
        if (const auto hashed = filter.text("blockHash"); !hashed.empty()) {
            while (from <= height && to_data(hash(from)) != hashed) ++from;
            if (from > height) return {.error = R"({"code":-32000,"message":"unknown block"})"};
            to = from;
        } else {
            from = number_of(std::string(filter.text("fromBlock")));
            to = number_of(std::string(filter.text("toBlock")));
            if (to - from + 1 > most_range) return {.error = R"({"code":-32005,"message":"query exceeds max block range"})"};
        }
        std::string out;
        for (auto n = from; n <= std::min(to, height); ++n) out += (out.empty() ? "" : ",") + log(n);
        return {.result = "[" + out + "]"};
    }
    Reply answer(const std::string& method, const json::Value& params) {
        std::lock_guard lock(mutex);
        asked.push_back(method + json::write(params));
        if (const auto found = instead.find(method); found != instead.end()) return found->second;
        const auto& list = *params.if_array();
        const auto first = list.empty() || !list[0].if_string() ? std::string() : *list[0].if_string();
        if (method == "eth_chainId") return {.result = "\"" + to_quantity(chain_id) + "\""};
        if (method == "eth_getCode") {
            const auto code = first == to_data(contracts().consent_ledger.bytes) ? code_of(consent_ledger_bytecode(), 4048)
                                                                                 : code_of(audit_anchor_bytecode(), 1822);
            return {.result = "\"" + to_data(code) + "\""};
        }
        if (method == "eth_getBlockByNumber") {
            const auto n = number_of(first);
            return {.result = n > height ? "null" : block(n)};
        }
        if (method == "eth_getLogs") return logs(list[0]);
        if (method == "eth_getTransactionReceipt") {
            for (std::uint64_t n = 0; n <= height; ++n) {
                if (to_data(txn(n)) == first) return {.result = receipt(n)};
            }
        }
        return {};
    }
};

struct EvmTest : testing::Test {
    FakeChain chain, second;
    FakeRpc node{[this](const std::string& method, const json::Value& params) { return chain.answer(method, params); }};
    FakeRpc witness{[this](const std::string& method, const json::Value& params) { return second.answer(method, params); }};
    EvmOptions options;

    EvmTest() {
        options.rpc.urls = {node.url()};
        options.rpc.attempts = 1;
        options.rpc.timeout_ms = 2000;
        options.contracts = contracts();
        options.chain_id = kChain;
    }
    std::unique_ptr<Evm> open() {
        auto evm = Evm::open(options);
        EXPECT_TRUE(evm) << evm.error().diagnostics;
        return std::move(*evm);
    }
    std::unique_ptr<Evm> open_with_witness() {
        options.witness = options.rpc;
        options.witness->urls = {witness.url()};
        return open();
    }
};

TEST_F(EvmTest, ReadsAnHonestNode) {
    const auto evm = open();
    EXPECT_EQ(evm->head()->number, 40u);
    EXPECT_EQ(evm->head()->time_us, 1'750'000'040'000'000);
    EXPECT_EQ(evm->finalized().value(), 30u);
    EXPECT_EQ(evm->block(7).value()->hash, chain.hash(7));
    EXPECT_EQ(evm->block(41).value(), std::nullopt);
    EXPECT_EQ(evm->receipt(FakeChain::txn(12)).value()->block_number, 12u);
    EXPECT_EQ(evm->receipt(FakeChain::txn(99)).value(), std::nullopt);
    EXPECT_EQ(evm->logs(0, 100)->size(), 41u);
}

TEST_F(EvmTest, OpensOnlyOnTheRightChainWithTheRightCode) {
    chain.chain_id = 1;
    EXPECT_EQ(Evm::open(options).error().kind, Kind::corrupt);
    chain.chain_id = kChain;
    chain.instead["eth_getCode"] = {.result = "\"0x\""};
    const auto none = Evm::open(options);
    EXPECT_EQ(none.error().kind, Kind::invalid);
    EXPECT_NE(none.error().diagnostics.find("no contract"), std::string::npos);
    chain.instead["eth_getCode"] = {.result = "\"0x6001\""};
    EXPECT_EQ(Evm::open(options).error().kind, Kind::invalid);
    chain.instead["eth_getCode"] = {.body = "no", .status = 503};
    EXPECT_EQ(Evm::open(options).error().kind, Kind::unavailable);
}

TEST_F(EvmTest, ALyingReceiptIsNotBelieved) {
    const auto evm = open();
    const struct {
        const char* member;
        std::string lie;
        Kind kind;
    } lies[] = {
        {"transactionHash", to_data(FakeChain::txn(13)), Kind::corrupt},
        {"blockHash", to_data(chain.hash(13)), Kind::unavailable},
        {"blockNumber", "0xd", Kind::unavailable},
        {"transactionIndex", "0x1", Kind::corrupt},
        {"status", "0x2", Kind::corrupt},
        {"status", "0x0", Kind::corrupt},  // failed, and with events
        {"gasUsed", "0x", Kind::corrupt},
    };
    for (const auto& [member, lie, kind] : lies) {
        chain.receipt_lies = {{member, lie}};
        const auto receipt = evm->receipt(FakeChain::txn(12));
        ASSERT_FALSE(receipt) << member;
        EXPECT_EQ(receipt.error().kind, kind) << member << ": " << receipt.error().diagnostics;
    }
    // A receipt that is whole, for a block that does not list the transaction.
    chain.receipt_lies = {{"blockNumber", "0xd"}, {"blockHash", to_data(chain.hash(13))}};
    EXPECT_EQ(evm->receipt(FakeChain::txn(12)).error().kind, Kind::corrupt);
    chain.receipt_lies = {};
    chain.log_lies = {{"transactionHash", to_data(FakeChain::txn(3))}};
    EXPECT_EQ(evm->receipt(FakeChain::txn(12)).error().kind, Kind::corrupt);
    chain.log_lies = {};
    // What a receipt says must be what the block's events say.
    auto silent = chain.receipt(12);
    const auto from = silent.find('['), to = silent.find("}]");
    silent.replace(from, to + 2 - from, "[]");
    for (const auto* status : {"\"0x1\"", "\"0x0\""}) {
        auto lie = silent;
        lie.replace(lie.find("\"status\":") + 9, 5, status);
        chain.instead["eth_getTransactionReceipt"] = {.result = lie};
        const auto receipt = evm->receipt(FakeChain::txn(12));
        ASSERT_FALSE(receipt) << lie;
        EXPECT_EQ(receipt.error().kind, Kind::unavailable) << receipt.error().diagnostics;
        EXPECT_NE(receipt.error().diagnostics.find("not believed"), std::string::npos) << receipt.error().diagnostics;
    }
    chain.instead.clear();
    chain.instead["eth_getLogs"] = {.result = "[]"};
    EXPECT_EQ(evm->receipt(FakeChain::txn(12)).error().kind, Kind::unavailable);
    chain.instead.clear();
    EXPECT_TRUE(evm->receipt(FakeChain::txn(12)).value());
}

TEST_F(EvmTest, LyingEventsAreNotBelieved) {
    const auto evm = open();
    ASSERT_TRUE(evm->finalized());
    chain.log_lies = {{"address", "0x00000000000000000000000000000000000000ee"}};
    EXPECT_EQ(evm->logs(35, 36).error().kind, Kind::corrupt) << "one by one";
    EXPECT_EQ(evm->logs(1, 5).error().kind, Kind::corrupt) << "over a range";
    chain.log_lies = {{"blockHash", to_data(chain.hash(2))}};
    EXPECT_EQ(evm->logs(35, 36).error().kind, Kind::corrupt);
    EXPECT_EQ(evm->logs(4, 5).error().kind, Kind::unavailable);
    chain.log_lies = {{"blockNumber", "0x27"}};
    EXPECT_EQ(evm->logs(4, 5).error().kind, Kind::corrupt) << "outside the range";
    chain.log_lies = {{"logIndex", "zero"}};
    EXPECT_EQ(evm->logs(4, 5).error().kind, Kind::corrupt);
}

TEST_F(EvmTest, AReorganisedBlockIsSeenAndTwoChainsAtOnceAreNot) {
    const auto evm = open();
    for (std::uint64_t n = 35; n <= 40; ++n) ASSERT_TRUE(evm->block(n));
    {
        std::lock_guard lock(chain.mutex);
        chain.fork_at = 38;
        chain.salt = "b";
        chain.height = 41;
    }
    const auto grown = evm->block(41);  // continues another 40 than was seen: that one is asked for again
    ASSERT_TRUE(grown) << grown.error().diagnostics;
    EXPECT_EQ(evm->block(40).value()->hash, chain.hash(40));
    // A node whose block 41 continues a 40 that it does not have: two nodes behind one address.
    chain.instead["eth_getBlockByNumber"] = {.result = chain.block(41)};
    FakeChain other;
    other.fork_at = 38;
    other.salt = "c";
    other.height = 41;
    chain.instead["eth_getBlockByNumber"] = {.result = other.block(41)};
    const auto torn = evm->block(41);
    ASSERT_FALSE(torn);
    EXPECT_EQ(torn.error().kind, Kind::unavailable);
    EXPECT_EQ(evm->block(7).error().kind, Kind::corrupt) << "another number than asked for";
}

TEST_F(EvmTest, WideRangesAreAskedForInParts) {
    const auto evm = open();
    ASSERT_TRUE(evm->finalized());
    chain.most_range = 7;
    EXPECT_EQ(evm->logs(0, 40)->size(), 41u);
    chain.asked.clear();
    EXPECT_EQ(evm->logs(0, 24)->size(), 25u);
    for (const auto& one : chain.asked) EXPECT_EQ(one.find("exceeds"), std::string::npos);
    chain.most_range = 0;
    EXPECT_EQ(evm->logs(0, 10).error().kind, Kind::unavailable) << "bounded: one block is the narrowest range";
}

TEST_F(EvmTest, NothingIsAskedBelowTheFirstBlock) {
    options.first_block = 20;
    const auto evm = open();
    EXPECT_EQ(evm->first_block(), 20u);
    chain.asked.clear();
    EXPECT_TRUE(evm->logs(0, 19)->empty());
    EXPECT_TRUE(chain.asked.empty());
    EXPECT_EQ(evm->logs(10, 40)->size(), 21u);
}

TEST_F(EvmTest, NearTheHeadEachBlockIsAskedByItsHash) {
    const auto evm = open();
    ASSERT_TRUE(evm->finalized());
    chain.asked.clear();
    ASSERT_TRUE(evm->logs(38, 40));
    int by_hash = 0;
    for (const auto& one : chain.asked) {
        by_hash += one.find("blockHash") != std::string::npos ? 1 : 0;
        EXPECT_EQ(one.find("fromBlock"), std::string::npos) << "a lagging node would answer less, and nothing would tell";
    }
    EXPECT_EQ(by_hash, 3);
}

TEST_F(EvmTest, FinalityIsAsConfiguredAndNeverGoesBack) {
    options.finality = EvmOptions::Finality::latest_minus;
    options.confirmations = 5;
    auto evm = open();
    EXPECT_EQ(evm->finalized().value(), 35u);
    chain.height = 20;
    EXPECT_EQ(evm->finalized().value(), 35u);
    options.confirmations = 50;
    EXPECT_EQ(open()->finalized().value(), 0u);
    options.finality = EvmOptions::Finality::safe;
    chain.instead["eth_getBlockByNumber"] = {.error = R"({"code":-39001,"message":"safe block not found"})"};
    EXPECT_EQ(open()->finalized().value(), 0u) << "none yet";
    chain.instead["eth_getBlockByNumber"] = {.error = R"({"code":-32000,"message":"internal"})"};
    EXPECT_EQ(open()->finalized().error().kind, Kind::unavailable);
}

TEST_F(EvmTest, TheWitnessMustAgree) {
    const auto evm = open_with_witness();
    EXPECT_EQ(evm->head()->number, 40u);
    EXPECT_EQ(evm->finalized().value(), 30u);
    EXPECT_EQ(evm->logs(0, 40)->size(), 41u);
    EXPECT_TRUE(evm->receipt(FakeChain::txn(12)).value());
    second.height = 38;
    EXPECT_EQ(evm->head()->number, 38u) << "what both have";
    EXPECT_EQ(evm->receipt(FakeChain::txn(40)).error().kind, Kind::unavailable) << "behind";
    second.height = 40;
    second.fork_at = 36;
    EXPECT_EQ(evm->block(37).error().kind, Kind::unavailable) << "not final: two heads for a moment";
    EXPECT_EQ(evm->block(20).value()->number, 20u);
    second.fork_at = 20;
    EXPECT_EQ(evm->block(20).error().kind, Kind::corrupt) << "final";
    EXPECT_EQ(evm->receipt(FakeChain::txn(20)).error().kind, Kind::corrupt);
    second.fork_at = UINT64_MAX;
    chain.instead["eth_getLogs"] = {.result = "[]"};  // our node keeps silent about events
    EXPECT_EQ(evm->logs(3, 5).error().kind, Kind::corrupt);
    EXPECT_EQ(evm->logs(38, 40).error().kind, Kind::unavailable);
    chain.instead.clear();
    second.instead["eth_getBlockByNumber"] = {.body = "gone", .status = 503};
    EXPECT_EQ(evm->head().error().kind, Kind::unavailable) << "silencing the witness does not leave it out";
    EXPECT_FALSE(evm->health({}).answers);
    second.instead.clear();
    second.chain_id = 5;
    EXPECT_EQ(Evm::open(options).error().kind, Kind::corrupt);
}

TEST_F(EvmTest, FeesComeFromTheNextBlock) {
    const auto evm = open();
    chain.instead["eth_feeHistory"] = {.result = R"({"baseFeePerGas":["0x3","0x64"],"oldestBlock":"0x1","gasUsedRatio":[0.5]})"};
    chain.instead["eth_maxPriorityFeePerGas"] = {.result = "\"0xa\""};
    EXPECT_EQ(evm->fees()->max_fee_per_gas, 210u);
    EXPECT_EQ(evm->fees()->max_priority_fee_per_gas, 10u);
    chain.instead["eth_feeHistory"] = {.error = R"({"code":-32601,"message":"no such method"})"};
    EXPECT_EQ(evm->fees()->max_fee_per_gas, 24u) << "twice the last block's 7, and the tip";
    chain.instead["eth_feeHistory"] = {.result = R"({"baseFeePerGas":["0xffffffffffffffff"]})"};
    EXPECT_EQ(evm->fees()->max_fee_per_gas, UINT64_MAX) << "no overflow";
}

TEST(WhyRefused, TheWordsOfTheNodes) {
    const auto why = [](const char* message) { return why_refused({-32000, message, {}}); };
    for (const char* m : {"already known", "AlreadyKnown", "Known transaction", "known transaction: 0xabc", "transaction already imported",
                          "Transaction with the same hash was already imported."}) {
        EXPECT_EQ(why(m), Refusal::already_known) << m;
    }
    for (const char* m : {"nonce too low", "nonce too low: next nonce 5, tx nonce 4", "Nonce too low", "OldNonce", "NONCE_TOO_LOW",
                          "Transaction nonce is too low. Try incrementing the nonce."}) {
        EXPECT_EQ(why(m), Refusal::nonce_used) << m;
    }
    for (const char* m : {"replacement transaction underpriced", "transaction underpriced", "ReplacementNotAllowed", "FeeTooLowToCompete",
                          "max fee per gas less than block base fee: address 0x1, maxFeePerGas: 1", "TRANSACTION_REPLACEMENT_UNDERPRICED",
                          "Gas price below configured minimum gas price"}) {
        EXPECT_EQ(why(m), Refusal::underpriced) << m;
    }
    for (const char* m :
         {"insufficient funds for gas * price + value: balance 0", "Insufficient funds for gas * price + value",
          "InsufficientFunds, Account balance: 0", "Upfront cost exceeds account balance", "UPFRONT_COST_EXCEEDS_BALANCE"}) {
        EXPECT_EQ(why(m), Refusal::cannot_pay) << m;
    }
    for (const char* m : {"intrinsic gas too low", "exceeds block gas limit", "TxGasLimitCapExceeded", "oversized data", "invalid sender",
                          "Wrong chainId"}) {
        EXPECT_EQ(why(m), Refusal::never) << m;
    }
    for (const char* m : {"txpool is full", "internal error", "", "some new words"}) EXPECT_EQ(why(m), Refusal::later) << m;
}

}  // namespace
}  // namespace ledger
