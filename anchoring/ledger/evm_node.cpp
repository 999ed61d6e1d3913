#include "anchoring/ledger/evm_node.hpp"

#include "anchoring/ethereum/rpc_reply.hpp"
#include "anchoring/ethereum/rpc_values.hpp"
#include "anchoring/ledger/evm_read.hpp"

#include <algorithm>

namespace ledger {

using base::Kind;
using ethereum::to_data;
using ethereum::to_quantity;

namespace {

// Blocks that are remembered, to see whether the next one continues them.
constexpr std::size_t kMostSeen = 512;

json::Value at_block(const Hash& hash) {
    json::Object which;
    which.set("blockHash", to_data(hash));
    which.set("requireCanonical", true);  // a block that a reorganisation took back is not the present
    return which;
}

}  // namespace

base::Result<std::optional<EvmBlock>> EvmNode::fetch(json::Value which) {
    const auto reply = client_->ask("eth_getBlockByNumber", {std::move(which), false});
    if (!reply) return base::pass(reply);
    // Before the first one is final, nodes answer "safe" and "finalized" with an error: there is none.
    if (reply->error && says_no_such_block(*reply->error)) return std::optional<EvmBlock>{};
    if (reply->error) return base::fail(Kind::unavailable, "the node gives no block: " + reply->error->message);
    if (reply->result.is_null()) return std::optional<EvmBlock>{};
    auto block = read_block(reply->result);
    if (!block) return base::pass(block);
    return std::optional<EvmBlock>(std::move(*block));
}

// Compares with the neighbour below and writes it down.
base::Result<std::optional<EvmBlock>> EvmNode::remember(std::optional<EvmBlock> block) {
    if (!block) return block;
    const auto& ref = block->ref;
    std::optional<BlockRef> below;
    {
        std::lock_guard lock(mutex_);
        if (const auto found = seen_.find(ref.number - 1); ref.number > 0 && found != seen_.end()) below = found->second;
    }
    if (below && below->hash != ref.parent_hash) {
        // A reorganisation, or two nodes behind one address: the block below is asked for again, and must be the parent now.
        auto again = fetch(to_quantity(below->number));
        if (!again) return again;
        if (!*again || (*again)->ref.number != below->number || (*again)->ref.hash != ref.parent_hash) {
            return base::fail(Kind::unavailable, "the node's block " + std::to_string(ref.number) + " does not continue its block " +
                                                     std::to_string(below->number) + ": its answers come from two chains");
        }
        std::lock_guard lock(mutex_);
        seen_.erase(seen_.begin(), seen_.find(below->number));
        seen_[below->number] = (*again)->ref;
    }
    std::lock_guard lock(mutex_);
    const auto before = seen_.find(ref.number);
    // What stood above another block of this number is not known to stand any more.
    if (before != seen_.end() && before->second.hash != ref.hash) seen_.erase(std::next(before), seen_.end());
    seen_[ref.number] = ref;
    while (seen_.size() > kMostSeen) seen_.erase(seen_.begin());
    return block;
}

base::Result<std::optional<EvmBlock>> EvmNode::block(std::uint64_t number) {
    auto block = fetch(to_quantity(number));
    if (!block) return block;
    if (*block && (*block)->ref.number != number) {
        return base::fail(Kind::corrupt,
                          "asked for block " + std::to_string(number) + ", the node gave block " + std::to_string((*block)->ref.number));
    }
    return remember(std::move(*block));
}

base::Result<std::optional<EvmBlock>> EvmNode::tagged(std::string_view tag) {
    auto block = fetch(tag);
    if (!block) return block;
    return remember(std::move(*block));
}

base::Result<BlockRef> EvmNode::known(std::uint64_t number) {
    {
        std::lock_guard lock(mutex_);
        if (const auto found = seen_.find(number); found != seen_.end()) return found->second;
    }
    const auto there = block(number);
    if (!there) return base::pass(there);
    if (!*there) return base::fail(Kind::unavailable, "the node has no block " + std::to_string(number) + " any more");
    return (*there)->ref;
}

base::Result<std::optional<Receipt>> EvmNode::receipt(const Hash& txn_hash) {
    const auto answer = client_->call("eth_getTransactionReceipt", {to_data(txn_hash)});
    if (!answer) return base::pass(answer);
    if (answer->is_null()) return std::optional<Receipt>{};
    auto read = read_receipt(*answer);
    if (!read) return base::pass(read);
    auto& receipt = read->receipt;
    if (receipt.txn_hash != txn_hash) return base::fail(Kind::corrupt, "the node gave another transaction's receipt");
    const auto there = block(receipt.block_number);
    if (!there) return base::pass(there);
    if (!*there || (*there)->ref.hash != receipt.block_hash) {
        return base::fail(Kind::unavailable, "the receipt's block is not the node's block " + std::to_string(receipt.block_number) +
                                                 ": a reorganisation, or two nodes behind one address");
    }
    const auto& listed = (*there)->transactions;
    if (read->index >= listed.size() || listed[read->index] != txn_hash) {
        return base::fail(Kind::corrupt, "the node's receipt names a block that does not list the transaction");
    }
    for (const auto& log : receipt.logs) {
        if (log.block_hash != receipt.block_hash || log.block_number != receipt.block_number || log.txn_hash != txn_hash) {
            return base::fail(Kind::corrupt, "an event in the node's receipt belongs to another block or transaction");
        }
    }
    if (!receipt.success && !receipt.logs.empty())
        return base::fail(Kind::corrupt, "the node's receipt says that the transaction failed, and names events of it");
    std::erase_if(receipt.logs,
                  [&](const Log& log) { return log.address != contracts_.consent_ledger && log.address != contracts_.audit_anchor; });
    if (auto told = same_as_events_of(receipt, (*there)->ref); !told) return base::pass(told);
    if (receipt.success) return std::optional<Receipt>(std::move(receipt));
    auto name = revert_name(receipt);
    if (!name) return base::pass(name);
    receipt.error = std::move(*name);
    return std::optional<Receipt>(std::move(receipt));
}

// A receipt must tell what the block's events tell, which consents are decided by: then a lie about one transaction takes a lie about the
// block. A node that is still indexing the block may know one and not yet the other.
base::Status EvmNode::same_as_events_of(const Receipt& receipt, const BlockRef& block) {
    if (contracts_.consent_ledger.is_zero()) return {};  // contracts are being made: nobody follows them yet
    auto events = logs_of(block);
    if (!events) return base::pass(events);
    std::erase_if(*events, [&](const Log& log) { return log.txn_hash != receipt.txn_hash; });
    if (*events == receipt.logs) return {};
    return base::fail(Kind::unavailable, "the node's receipt of " + ethereum::to_text(receipt.txn_hash) + " names " +
                                             std::to_string(receipt.logs.size()) + " events, its block's events are " +
                                             std::to_string(events->size()) + " or others: not believed");
}

// The receipt does not keep what a contract reverted with: the call is made again on the block's state. It may differ when the same
// block changed the same consent later; it is words for people, nothing is decided by it.
base::Result<std::string> EvmNode::revert_name(const Receipt& receipt) {
    const auto txn = client_->call("eth_getTransactionByHash", {to_data(receipt.txn_hash)});
    if (!txn) return base::pass(txn);
    if (!txn->is_object()) return std::string();
    json::Object call;
    for (const auto& [key, theirs] : {std::pair{"from", "from"}, {"to", "to"}, {"gas", "gas"}, {"data", "input"}}) {
        call.set(key, txn->text(theirs));
    }
    const auto gas = ethereum::quantity_of(*txn, "gas");
    const auto reply = client_->ask("eth_call", {std::move(call), at_block(receipt.block_hash)});
    if (!reply) return base::pass(reply);
    if (reply->error) {
        if (const auto data = ethereum::revert_data(*reply->error)) {
            if (auto name = error_name(*data); !name.empty()) return name;
        }
    }
    return std::string(gas && *gas == receipt.gas_used ? "OutOfGas" : "");
}

base::Result<std::vector<Log>> EvmNode::read_logs(const json::Value& values) const {
    const auto* array = values.if_array();
    if (!array) return base::fail(Kind::corrupt, "the node's events are no list");
    std::vector<Log> out;
    for (const auto& value : *array) {
        auto log = read_log(value);
        if (!log) return base::pass(log);
        if (!out.empty() && std::pair(out.back().block_number, out.back().index) >= std::pair(log->block_number, log->index)) {
            return base::fail(Kind::corrupt, "the node's events are not in their order");
        }
        out.push_back(std::move(*log));
    }
    return out;
}

base::Result<Log> EvmNode::read_log(const json::Value& value) const {
    auto log = ledger::read_log(value);
    if (!log) return log;
    if (log->address != contracts_.consent_ledger && log->address != contracts_.audit_anchor) {
        return base::fail(Kind::corrupt, "the node gave an event of a contract that nobody asked about");
    }
    return log;
}

json::Value EvmNode::our_addresses() const {
    return json::Array{to_data(contracts_.consent_ledger.bytes), to_data(contracts_.audit_anchor.bytes)};
}

base::Result<std::vector<Log>> EvmNode::logs_of(const BlockRef& block) {
    json::Object filter;
    filter.set("blockHash", to_data(block.hash));
    filter.set("address", our_addresses());
    const auto reply = client_->ask("eth_getLogs", {std::move(filter)});
    if (!reply) return base::pass(reply);
    if (reply->error) {
        return base::fail(Kind::unavailable,
                          "the node gives no events of block " + std::to_string(block.number) + ": " + reply->error->message);
    }
    auto logs = read_logs(reply->result);
    if (!logs) return logs;
    for (const auto& log : *logs) {
        if (log.block_hash != block.hash || log.block_number != block.number) {
            return base::fail(Kind::corrupt, "the node gave an event of another block than asked for");
        }
    }
    return logs;
}

base::Result<std::vector<Log>> EvmNode::logs_range(std::uint64_t from, std::uint64_t to) {
    json::Object filter;
    filter.set("fromBlock", to_quantity(from));
    filter.set("toBlock", to_quantity(to));
    filter.set("address", our_addresses());
    const auto reply = client_->ask("eth_getLogs", {std::move(filter)});
    const bool too_wide = reply ? reply->error.has_value() : reply.error().kind == Kind::too_large;
    if (!too_wide && !reply) return base::pass(reply);
    if (too_wide && from == to)
        return base::fail(Kind::unavailable,
                          "the node gives no events of block " + std::to_string(from) + (reply ? ": " + reply->error->message : ""));
    if (too_wide) {  // providers allow 10, 500, 2,000 blocks, or so many events; half the range until it fits
        range_ = (to - from + 1) / 2;
        auto low = logs_range(from, from + (to - from) / 2);
        if (!low) return low;
        auto high = logs_range(from + (to - from) / 2 + 1, to);
        if (!high) return high;
        low->insert(low->end(), std::make_move_iterator(high->begin()), std::make_move_iterator(high->end()));
        return low;
    }
    return read_logs(reply->result);
}

base::Result<std::vector<Log>> EvmNode::logs_between(std::uint64_t from, std::uint64_t to) {
    std::vector<Log> out;
    for (std::uint64_t at = from; at <= to;) {
        const auto end = std::min(to, at + std::max<std::uint64_t>(range_, 1) - 1);
        auto logs = logs_range(at, end);
        if (!logs) return logs;
        for (auto& log : *logs) {
            if (log.block_number < at || log.block_number > end)
                return base::fail(Kind::corrupt, "the node gave an event outside the range");
            const auto block = known(log.block_number);
            if (!block) return base::pass(block);
            if (block->hash != log.block_hash) {
                return base::fail(Kind::unavailable, "an event's block is not the node's block " + std::to_string(log.block_number));
            }
            out.push_back(std::move(log));
        }
        at = end + 1;
    }
    return out;
}

base::Result<base::Bytes> EvmNode::call(const Address& to, const base::Bytes& data, const Hash& block_hash) {
    json::Object call;
    call.set("to", to_data(to.bytes));
    call.set("data", to_data(data));
    const auto reply = client_->ask("eth_call", {std::move(call), at_block(block_hash)});
    if (!reply) return base::pass(reply);
    if (reply->error) return base::fail(Kind::unavailable, "the node does not answer a view: " + reply->error->message);
    return ethereum::as_data(reply->result, "eth_call");
}

base::Result<std::uint64_t> EvmNode::transaction_count(const Address& sender) {
    // "latest", never "pending": that one counts transactions behind a gap, which no block will take.
    const auto count = client_->call("eth_getTransactionCount", {to_data(sender.bytes), "latest"});
    if (!count) return base::pass(count);
    return ethereum::as_quantity(*count, "eth_getTransactionCount");
}

base::Result<ethereum::U256> EvmNode::balance(const Address& account) {
    const auto answer = client_->call("eth_getBalance", {to_data(account.bytes), "latest"});
    if (!answer) return base::pass(answer);
    const auto* text = answer->if_string();
    if (!text) return base::fail(Kind::corrupt, "the node's balance is no QUANTITY");
    return ethereum::parse_quantity_u256(*text);
}

}  // namespace ledger
