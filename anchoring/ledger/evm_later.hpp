// An EVM chain whose node may be away when a server starts: it is opened with the first question that a node answers.
#pragma once

#include "anchoring/ledger/evm.hpp"

#include <chrono>
#include <memory>
#include <mutex>

namespace ledger {

// Thread-safe. Until the chain was opened every question tries to, at most once a second, and gives Evm::open's error.
class EvmLater final : public Ledger {
  public:
    explicit EvmLater(EvmOptions options) : options_(std::move(options)) {}

    std::uint64_t chain_id() const override { return options_.chain_id; }
    Contracts contracts() const override { return options_.contracts; }
    base::Result<Submitted> submit(base::ByteView raw) override;
    base::Result<std::optional<Receipt>> receipt(const Hash& txn_hash) override;
    base::Result<BlockRef> head() override;
    base::Result<std::optional<BlockRef>> block(std::uint64_t number) override;
    base::Result<std::uint64_t> finalized() override;
    base::Result<std::vector<Log>> logs(std::uint64_t from_block, std::uint64_t to_block) override;
    base::Result<std::uint64_t> transaction_count(const Address& sender) override;
    base::Result<Fees> fees() override;
    base::Result<ConsentStatus> consent_status(const Address& subject, const Hash& consent_id) override;
    base::Result<std::optional<Anchor>> anchor_of(const Hash& log_id) override;
    base::Result<bool> included(const Hash& log_id, std::uint64_t index, const Hash& leaf_hash, std::span<const Hash> path) override;
    Health health(const Address& relayer) override;
    std::uint64_t first_block() const override { return options_.first_block; }

  private:
    base::Result<std::shared_ptr<Evm>> chain();
    // What `question` gives of the opened chain, or why it cannot be opened.
    template <class Question>
    auto ask(Question question) -> decltype(question(std::declval<Evm&>()));

    const EvmOptions options_;
    std::mutex mutex_;
    std::shared_ptr<Evm> chain_;
    std::optional<std::chrono::steady_clock::time_point> tried_;
    base::Error why_;
};

}  // namespace ledger
