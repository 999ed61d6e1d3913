// The second ledger: an EVM node over JSON-RPC that holds the two Solidity contracts. Its answers are checked, not believed: the chain
// id of each endpoint, the contracts' code, blocks against their parents, receipts against blocks, events against both (evm_node.hpp).
// What remains, that one node keeps an event silent or shows a chain of its own making, a witness shows: a second node that must agree.
#pragma once

#include "anchoring/ledger/evm_node.hpp"

namespace ledger {

struct EvmOptions {
    // Which block no reorganisation can take back. `finalized` is what Ethereum promises (13 to 19 minutes behind); `safe` is changing
    // its meaning and is for those who know their chain; `latest_minus` counts `confirmations` blocks, for chains without these tags
    // (0: immediate finality, as Besu's QBFT gives).
    enum class Finality { latest_minus, safe, finalized };

    ethereum::RpcOptions rpc;
    std::optional<ethereum::RpcOptions> witness;
    Contracts contracts;
    std::uint64_t chain_id = 0;
    Finality finality = Finality::finalized;
    std::uint64_t confirmations = 12;  // of latest_minus
    // The block that the older contract was created in, as deploy() tells: a public chain has millions before it. Too low costs time; too
    // high hides consents, which denies.
    std::uint64_t first_block = 0;
};

// Thread-safe. With a witness every block, receipt, event, consent state and anchor is asked of both, and differing answers are no
// answer: Kind::corrupt, and an alarm in the log, when the block is final for both; Kind::unavailable above that, where two honest nodes
// may stand on different heads for a moment. A witness that does not answer is Kind::unavailable, too: what must agree cannot be left
// out by silencing it. The head is the highest block that both have.
class Evm final : public Ledger {
  public:
    // Asks both nodes for chain id and the contracts' code. Errors: Kind::unavailable when one does not answer; Kind::corrupt when it is
    // on another chain; Kind::invalid when options make no sense, or the contracts are not there or are not kedge's.
    static base::Result<std::unique_ptr<Evm>> open(EvmOptions options);

    std::uint64_t chain_id() const override { return options_.chain_id; }
    Contracts contracts() const override { return options_.contracts; }
    std::uint64_t first_block() const override { return options_.first_block; }
    // The witness is not asked: it sees the transaction when it is mined. `underpriced` in the answer: not taken, offer more.
    // Kind::unavailable also when the relayer cannot pay, which the text says with its address, and for every refusal whose words are
    // unknown: nothing is given up for them.
    base::Result<Submitted> submit(base::ByteView raw_transaction) override;
    base::Result<std::optional<Receipt>> receipt(const Hash& txn_hash) override;
    base::Result<BlockRef> head() override;
    base::Result<std::optional<BlockRef>> block(std::uint64_t number) override;
    // Never goes back, whatever a node says later.
    base::Result<std::uint64_t> finalized() override;
    base::Result<std::vector<Log>> logs(std::uint64_t from_block, std::uint64_t to_block) override;
    base::Result<std::uint64_t> transaction_count(const Address& sender) override;
    base::Result<Fees> fees() override;
    base::Result<ConsentStatus> consent_status(const Address& subject, const Hash& consent_id) override;
    base::Result<std::optional<Anchor>> anchor_of(const Hash& log_id) override;
    base::Result<bool> included(const Hash& log_id, std::uint64_t index, const Hash& leaf_hash, std::span<const Hash> path) override;
    Health health(const Address& relayer) override;

  private:
    explicit Evm(EvmOptions options) : options_(std::move(options)) {}
    base::Result<std::uint64_t> finalized_by(EvmNode& node);
    base::Result<std::vector<Log>> logs_by(EvmNode& node, std::uint64_t from, std::uint64_t to);
    base::Result<base::Bytes> view(const Address& to, const base::Bytes& data);
    tl::unexpected<base::Error> disagree(std::uint64_t block, const std::string& about);

    EvmOptions options_;
    std::unique_ptr<ethereum::RpcClient> client_, witness_client_;
    std::unique_ptr<EvmNode> node_, witness_;  // witness_: nullptr when there is none
    std::atomic<std::uint64_t> final_{0};
};

}  // namespace ledger
