// The embedded ledger: takes the same signed transactions as an EVM node, executes the two contracts' rules natively, and writes
// hash-linked, signed blocks. A block is made at each submission and is final at once. Blocks keep whole seconds.
#pragma once

#include "anchoring/ledger/block.hpp"
#include "anchoring/ledger/block_store.hpp"
#include "anchoring/ledger/executor.hpp"

#include <memory>
#include <mutex>

namespace ledger {

// The most transactions in one block.
inline constexpr std::size_t kMaxBlockTransactions = 1000;

class Embedded final : public Ledger {
  public:
    // Where the two contracts of a ledger with this block key stand: as if the key's address had created them first and second.
    static Contracts contracts_of(const Address& block_key);

    // Opens the ledger in `store`, or begins a new one with block 0. `store` and `clock` must outlive it. Checks block 0 and the head:
    // form, link, signature; verify_all() checks everything. Errors: Kind::corrupt when they do not hold, or another key made them.
    static base::Result<std::unique_ptr<Embedded>> open(ethereum::Signer block_key, BlockStore& store, const base::Clock& clock,
                                                        ProofChecks checks);

    std::uint64_t chain_id() const override { return kEmbeddedChainId; }
    Contracts contracts() const override { return executor_.contracts(); }
    // On return it is mined and durable. Further errors: what the store gives; then nothing was taken.
    base::Result<Submitted> submit(base::ByteView raw_transaction) override;
    // Several in one block, in this order; each has its own answer, and a refused one does not stop the others. Errors of the whole:
    // Kind::too_large above kMaxBlockTransactions, what the store gives.
    base::Result<std::vector<base::Result<Submitted>>> submit_batch(std::span<const base::Bytes> raw_transactions);
    base::Result<std::optional<Receipt>> receipt(const Hash& txn_hash) override;
    base::Result<BlockRef> head() override;
    base::Result<std::optional<BlockRef>> block(std::uint64_t number) override;
    base::Result<std::uint64_t> finalized() override;
    base::Result<std::vector<Log>> logs(std::uint64_t from_block, std::uint64_t to_block) override;
    base::Result<std::uint64_t> transaction_count(const Address& sender) override;
    base::Result<Fees> fees() override { return Fees{}; }
    base::Result<ConsentStatus> consent_status(const Address& subject, const Hash& consent_id) override;
    base::Result<std::optional<Anchor>> anchor_of(const Hash& log_id) override;
    base::Result<bool> included(const Hash& log_id, std::uint64_t index, const Hash& leaf_hash, std::span<const Hash> path) override;

    struct Verified {
        std::uint64_t blocks = 0;
        std::uint64_t transactions = 0;
        std::uint64_t rows = 0;
    };
    // For fsck: walks every block from 0, executes it again from nothing, and compares receipts and every row of the state. Holds the whole
    // state in memory and others off. Error: Kind::corrupt, naming the first block or row that does not hold.
    base::Result<Verified> verify_all();

  private:
    Embedded(ethereum::Signer block_key, BlockStore& store, const base::Clock& clock, ProofChecks checks);
    base::Status begin();
    base::Status load_head();
    base::Result<std::optional<Block>> load(std::uint64_t number);
    base::Result<Submitted> take(base::ByteView raw, Block& block, State& state) const;
    base::Status write(Block& block, const State& state);
    base::Status replay(const Block& block, State& state) const;
    base::Status compare_rows(const State& expected);

    std::mutex mutex_;
    ethereum::Signer key_;
    BlockStore& store_;
    const base::Clock& clock_;
    Executor executor_;
    BlockRef head_;
    bool head_known_ = false;  // false after a write that failed: what the store has is then looked up again
};

}  // namespace ledger
