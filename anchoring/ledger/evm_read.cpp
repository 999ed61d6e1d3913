#include "anchoring/ledger/evm_read.hpp"

#include "anchoring/ethereum/rpc_values.hpp"

#include <algorithm>
#include <initializer_list>

namespace ledger {
namespace {

using base::Kind;
using ethereum::hash_of;
using ethereum::quantity_of;

constexpr std::uint64_t kLastSecond = std::uint64_t{1} << 40;  // year 36812: a later block's time is no time in seconds
constexpr std::size_t kMostTopics = 4;

// Small letters and digits alone: "NonceTooLow", "NONCE_TOO_LOW" and "nonce too low" are one word.
std::string squeezed(std::string_view text) {
    std::string out;
    for (const unsigned char c : text) {
        if (std::isalnum(c)) out += static_cast<char>(std::tolower(c));
    }
    return out;
}

bool any_of(const std::string& text, std::initializer_list<const char*> phrases) {
    return std::any_of(phrases.begin(), phrases.end(), [&](const char* phrase) { return text.find(phrase) != std::string::npos; });
}

base::Status read_place(const json::Value& value, Log& log) {
    const auto number = quantity_of(value, "blockNumber");
    const auto index = quantity_of(value, "logIndex");
    const auto block = hash_of(value, "blockHash");
    const auto txn = hash_of(value, "transactionHash");
    if (!number) return base::pass(number);
    if (!index) return base::pass(index);
    if (!block) return base::pass(block);
    if (!txn) return base::pass(txn);
    log.block_number = *number;
    log.index = *index;
    log.block_hash = *block;
    log.txn_hash = *txn;
    return {};
}

}  // namespace

base::Result<EvmBlock> read_block(const json::Value& value) {
    EvmBlock block;
    const auto number = quantity_of(value, "number");
    const auto hash = hash_of(value, "hash");
    const auto parent = hash_of(value, "parentHash");
    const auto seconds = quantity_of(value, "timestamp");
    if (!number) return base::pass(number);
    if (!hash) return base::pass(hash);
    if (!parent) return base::pass(parent);
    if (!seconds) return base::pass(seconds);
    if (*seconds > kLastSecond) return base::fail(Kind::corrupt, "the time of the node's block is not in seconds");
    block.ref = {*number, *hash, *parent, static_cast<base::TimeUs>(*seconds) * 1'000'000};
    if (value.find("baseFeePerGas")) {
        const auto fee = quantity_of(value, "baseFeePerGas");
        if (!fee) return base::pass(fee);
        block.base_fee = *fee;
    }
    const auto* listed = value.find("transactions");
    const auto* transactions = listed ? listed->if_array() : nullptr;
    if (!transactions) return base::fail(Kind::corrupt, "the node's block lists no transactions");
    for (const auto& one : *transactions) {
        const auto* text = one.if_string();
        const auto bytes = text ? ethereum::parse_data(*text) : base::fail(Kind::corrupt, "a transaction in the node's block is no hash");
        if (!bytes) return base::pass(bytes);
        if (bytes->size() != sizeof(Hash)) return base::fail(Kind::corrupt, "a transaction in the node's block is no hash");
        std::copy(bytes->begin(), bytes->end(), block.transactions.emplace_back().begin());
    }
    return block;
}

base::Result<Log> read_log(const json::Value& value) {
    Log log;
    if (const auto placed = read_place(value, log); !placed) return base::pass(placed);
    const auto* removed = value.find("removed");
    if (removed && removed->if_bool() && *removed->if_bool()) return base::fail(Kind::unavailable, "a reorganisation took an event back");
    const auto address = ethereum::address_of(value, "address");
    auto data = ethereum::data_of(value, "data");
    if (!address) return base::pass(address);
    if (!data) return base::pass(data);
    log.address = *address;
    log.data = std::move(*data);
    const auto* listed = value.find("topics");
    const auto* topics = listed ? listed->if_array() : nullptr;
    if (!topics || topics->size() > kMostTopics)
        return base::fail(Kind::corrupt, "the topics of the node's event are no list of at most 4");
    for (const auto& topic : *topics) {
        const auto* text = topic.if_string();
        const auto hash = text ? ethereum::parse_hash(*text) : base::fail(Kind::corrupt, "");
        if (!hash) return base::fail(Kind::corrupt, "a topic of the node's event is no hash");
        log.topics.push_back(*hash);
    }
    return log;
}

base::Result<ReadReceipt> read_receipt(const json::Value& value) {
    ReadReceipt out;
    auto& receipt = out.receipt;
    const auto txn = hash_of(value, "transactionHash");
    const auto number = quantity_of(value, "blockNumber");
    const auto block = hash_of(value, "blockHash");
    const auto index = quantity_of(value, "transactionIndex");
    const auto status = quantity_of(value, "status");
    const auto gas = quantity_of(value, "gasUsed");
    if (!txn) return base::pass(txn);
    if (!number) return base::pass(number);
    if (!block) return base::pass(block);
    if (!index) return base::pass(index);
    if (!status) return base::pass(status);
    if (!gas) return base::pass(gas);
    if (*status > 1) return base::fail(Kind::corrupt, "the status in the node's receipt is neither 0 nor 1");
    receipt.txn_hash = *txn;
    receipt.block_number = *number;
    receipt.block_hash = *block;
    receipt.success = *status == 1;
    receipt.gas_used = *gas;
    out.index = *index;
    const auto* listed = value.find("logs");
    const auto* logs = listed ? listed->if_array() : nullptr;
    if (!logs) return base::fail(Kind::corrupt, "the node's receipt has no list of events");
    for (const auto& one : *logs) {
        auto log = read_log(one);
        if (!log) return base::pass(log);
        receipt.logs.push_back(std::move(*log));
    }
    return out;
}

bool says_no_such_block(const ethereum::RpcError& error) {
    return any_of(squeezed(error.message), {"blocknotfound", "unknownblock", "notfound", "nofinalized", "nosafe", "notavailable"});
}

Refusal why_refused(const ethereum::RpcError& error) {
    const auto text = squeezed(error.message + " " + std::string(error.data.if_string() ? *error.data.if_string() : ""));
    // In this order: "nonce too low" stands in longer sentences of other meaning nowhere, "underpriced" stands in two.
    if (any_of(text, {"alreadyknown", "alreadyimported", "knowntransaction", "alreadyexists", "alreadyinthepool", "samehash"})) {
        return Refusal::already_known;
    }
    if (any_of(text, {"noncetoolow", "nonceistoolow", "oldnonce", "noncealreadyused", "noncebelow"})) return Refusal::nonce_used;
    if (any_of(text, {"insufficientfunds", "upfrontcostexceedsbalance", "exceedsaccountbalance", "insufficientbalance", "notenoughfunds",
                      "balancetoolow"})) {
        return Refusal::cannot_pay;
    }
    if (any_of(text,
               {"underpriced", "replacementnotallowed", "feetoolow", "feetoolowtocompete", "lessthanblockbasefee", "belowbasefee",
                "gaspricebelow", "gaspricetoolow", "gaspriceistoolow", "maxfeepergasless", "couldnotreplace", "tooexpensivetoreplace"})) {
        return Refusal::underpriced;
    }
    if (any_of(text, {"intrinsicgas", "exceedsblockgaslimit", "gaslimittoohigh", "gaslimitexceeded", "oversizeddata", "transactiontoolarge",
                      "initcode", "invalidsender", "invalidsignature", "chainid", "replayprotected", "exceedsmaximumgas",
                      "gaslimitistoohigh", "gaslimitcapexceeded", "gaslimitmustbeatmost", "greaterthanthecap"})) {
        return Refusal::never;
    }
    return Refusal::later;
}

}  // namespace ledger
