// One EVM node's answers, typed and checked: against what was asked, and against each other. A node that contradicts itself is not
// believed. What one node cannot show alone (an event that it keeps silent about) takes a second one: see evm.hpp.
#pragma once

#include "anchoring/ethereum/rpc_client.hpp"
#include "anchoring/ledger/ledger.hpp"

#include <atomic>
#include <map>
#include <mutex>

namespace ledger {

struct EvmBlock {
    BlockRef ref;
    std::vector<Hash> transactions;
    std::optional<std::uint64_t> base_fee;  // wei per gas; nothing before EIP-1559
};

// Thread-safe. Errors of all methods: Kind::unavailable when the node does not answer or its answers do not fit together yet (a
// reorganisation under way, two nodes behind one address); Kind::corrupt when an answer is malformed or cannot be true.
class EvmNode {
  public:
    // `client` must outlive it.
    explicit EvmNode(ethereum::RpcClient& client, Contracts contracts = {}) : client_(&client), contracts_(contracts) {}

    ethereum::RpcClient& client() const { return *client_; }

    // Nothing above the node's head. Its number is as asked, and its parent is the block that this node showed below it.
    base::Result<std::optional<EvmBlock>> block(std::uint64_t number);
    // "latest", "safe", "finalized". Nothing when the node has none yet.
    base::Result<std::optional<EvmBlock>> tagged(std::string_view tag);
    // Nothing while it is not mined. Transaction, block and logs belong together: the block lists the transaction at that place, and its
    // events are those of the block. A failed one has none.
    base::Result<std::optional<Receipt>> receipt(const Hash& txn_hash);
    // The contracts' events of one block, asked for by its hash: a node that does not have it says so instead of answering nothing.
    base::Result<std::vector<Log>> logs_of(const BlockRef& block);
    // The same over a range of old blocks, each event's block compared with the block of that number. Ranges that the node finds too
    // wide are asked for in parts.
    base::Result<std::vector<Log>> logs_between(std::uint64_t from, std::uint64_t to);
    // A view function at one block (EIP-1898).
    base::Result<base::Bytes> call(const Address& to, const base::Bytes& data, const Hash& block_hash);
    base::Result<std::uint64_t> transaction_count(const Address& sender);
    base::Result<ethereum::U256> balance(const Address& account);
    // The node's suggestion: twice the next block's base fee, so that six full blocks do not leave it behind, and the usual tip.
    base::Result<Fees> fees();

  private:
    base::Result<std::optional<EvmBlock>> fetch(json::Value which);
    base::Result<std::optional<EvmBlock>> remember(std::optional<EvmBlock> block);
    base::Result<BlockRef> known(std::uint64_t number);
    base::Result<Log> read_log(const json::Value& value) const;
    base::Result<std::vector<Log>> read_logs(const json::Value& values) const;
    base::Result<std::vector<Log>> logs_range(std::uint64_t from, std::uint64_t to);
    base::Status same_as_events_of(const Receipt& receipt, const BlockRef& block);
    base::Result<std::string> revert_name(const Receipt& receipt);
    json::Value our_addresses() const;

    ethereum::RpcClient* client_;
    Contracts contracts_;
    std::atomic<std::uint64_t> range_{kMaxLogBlocks};  // how wide a range the node took last
    std::mutex mutex_;
    std::map<std::uint64_t, BlockRef> seen_;  // the newest blocks that were asked for
};

}  // namespace ledger
