#include "anchoring/ethereum/rpc_values.hpp"
#include "anchoring/ledger/evm_node.hpp"

#include <algorithm>

namespace ledger {
namespace {

using base::Kind;

constexpr std::uint64_t kUsualTip = 1'000'000'000;  // 1 gwei, for a node that suggests none

std::uint64_t add(std::uint64_t a, std::uint64_t b) {
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

// The last of eth_feeHistory's base fees is that of the block to come. Nothing when the chain has no base fee.
std::optional<std::uint64_t> next_base_fee(const json::Value& history) {
    const auto* listed = history.find("baseFeePerGas");
    const auto* fees = listed ? listed->if_array() : nullptr;
    if (!fees || fees->empty()) return std::nullopt;
    const auto fee = ethereum::as_quantity(fees->back(), "eth_feeHistory");
    if (!fee) return std::nullopt;
    return *fee;
}

}  // namespace

base::Result<Fees> EvmNode::fees() {
    const auto history = client_->ask("eth_feeHistory", {"0x1", "latest", json::Array{}});
    if (!history) return base::pass(history);
    auto base_fee = history->error ? std::nullopt : next_base_fee(history->result);
    if (!base_fee) {  // a node without eth_feeHistory: the last block's is at most an eighth away
        const auto latest = tagged("latest");
        if (!latest) return base::pass(latest);
        if (*latest) base_fee = (*latest)->base_fee;
    }
    if (!base_fee) {  // before EIP-1559, or a consortium's chain: one price
        const auto price = client_->call("eth_gasPrice", {});
        if (!price) return base::pass(price);
        const auto wei = ethereum::as_quantity(*price, "eth_gasPrice");
        if (!wei) return base::pass(wei);
        return Fees{*wei, *wei};
    }
    const auto suggested = client_->ask("eth_maxPriorityFeePerGas", {});
    if (!suggested) return base::pass(suggested);
    std::uint64_t tip = kUsualTip;
    if (!suggested->error) {
        const auto wei = ethereum::as_quantity(suggested->result, "eth_maxPriorityFeePerGas");
        if (!wei) return base::pass(wei);
        tip = *wei;
    }
    return Fees{tip, add(add(*base_fee, *base_fee), tip)};
}

}  // namespace ledger
