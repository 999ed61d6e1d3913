// A ledger that behaves like a node: transactions wait until a test makes a block, blocks can be taken back, the node can forget, lie
// dead, or hold a nonce that somebody else used.
#pragma once

#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ethereum/transaction.hpp"
#include "anchoring/ledger/ledger.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <vector>

namespace outbox_test {

class FakeNode final : public ledger::Ledger {
  public:
    using Hash = ledger::Hash;

    std::uint64_t confirmations = 2;  // blocks above one that is final
    bool dead = false;
    std::uint64_t next_nonce = 0;  // of the relayer, by mined blocks
    ledger::Fees suggested{1, 10};
    std::uint64_t least_fee = 0;        // blocks take nothing that offers less
    std::set<std::uint64_t> reverting;  // nonces
    std::set<base::Bytes> unwanted;     // calls that are refused as malformed
    std::map<std::uint64_t, ethereum::SignedTransaction> pool;
    std::set<Hash> lying_about;    // transactions whose receipts do not check
    bool silent_receipts = false;  // success, and no event
    int submissions = 0;
    std::function<void()> on_submit;      // called in the middle of each submission
    bool takes_gaps = false;              // as real nodes do: what stands behind a gap waits in the pool for ever
    bool broke = false;                   // the relayer has no funds
    std::uint64_t most_gas = 30'000'000;  // of a block: what asks for more is refused

    void make_block() {
        std::lock_guard lock(mutex_);
        std::vector<ledger::Receipt> receipts;
        const std::uint64_t number = blocks_.size();
        const Hash hash = ethereum::keccak256("block " + std::to_string(number) + " of fork " + std::to_string(fork_));
        for (;;) {
            const auto found = pool.find(next_nonce);
            if (found == pool.end() || found->second.transaction.max_fee_per_gas < least_fee) break;
            ledger::Receipt receipt;
            receipt.txn_hash = found->second.hash;
            receipt.block_number = number;
            receipt.block_hash = hash;
            receipt.success = !reverting.contains(next_nonce);
            if (!receipt.success) receipt.error = "AlreadyRevoked";
            if (receipt.success && !silent_receipts) {  // some event of the contract that was called
                auto& log = receipt.logs.emplace_back();
                log.address = found->second.transaction.to.value();
            }
            receipts.push_back(receipt);
            mined_.push_back(found->second);
            pool.erase(found);
            ++next_nonce;
        }
        blocks_.push_back({hash, std::move(receipts)});
    }
    // The last `depth` blocks never were; their transactions are in the pool again, or forgotten.
    void take_back(std::size_t depth, bool forget) {
        std::lock_guard lock(mutex_);
        ++fork_;
        for (; depth > 0 && !blocks_.empty(); --depth) {
            for (std::size_t i = blocks_.back().receipts.size(); i > 0; --i) {
                if (!forget) pool[mined_.back().transaction.nonce] = mined_.back();
                mined_.pop_back();
                --next_nonce;
            }
            blocks_.pop_back();
        }
    }
    void forget_pool() { pool.clear(); }

    std::uint64_t chain_id() const override { return 31337; }
    ledger::Contracts contracts() const override {
        ledger::Contracts c;
        c.consent_ledger.bytes.fill(0xc0);
        c.audit_anchor.bytes.fill(0xaa);
        return c;
    }
    base::Result<ledger::Submitted> submit(base::ByteView raw) override {
        std::lock_guard lock(mutex_);
        if (dead) return silent();
        ++submissions;
        if (on_submit) on_submit();
        const auto txn = ethereum::decode_transaction(raw);
        if (!txn) return base::pass(txn);
        const auto nonce = txn->transaction.nonce;
        for (const auto& one : mined_) {
            if (one.hash == txn->hash) return ledger::Submitted{txn->hash, true};
        }
        if (nonce < next_nonce) return base::fail(base::Kind::conflict, "nonce too low");
        if (unwanted.contains(txn->transaction.data)) return base::fail(base::Kind::invalid, "the node does not like it");
        if (txn->transaction.gas_limit > most_gas) return base::fail(base::Kind::invalid, "exceeds block gas limit");
        if (nonce > next_nonce + pool.size() && !takes_gaps) return base::fail(base::Kind::invalid, "nonce gap");
        if (broke) return base::fail(base::Kind::unavailable, "the relayer cannot pay");
        const auto there = pool.find(nonce);
        if (there != pool.end() && there->second.hash == txn->hash) return ledger::Submitted{txn->hash, true};
        if (there != pool.end() && txn->transaction.max_fee_per_gas * 10 < there->second.transaction.max_fee_per_gas * 11) {
            return ledger::Submitted{txn->hash, false, true};
        }
        pool[nonce] = *txn;
        return ledger::Submitted{txn->hash, false};
    }
    base::Result<std::optional<ledger::Receipt>> receipt(const Hash& hash) override {
        std::lock_guard lock(mutex_);
        if (dead) return silent();
        if (lying_about.contains(hash)) return base::fail(base::Kind::corrupt, "the receipt is of another transaction");
        for (const auto& block : blocks_) {
            for (const auto& receipt : block.receipts) {
                if (receipt.txn_hash == hash) return std::optional<ledger::Receipt>(receipt);
            }
        }
        return std::optional<ledger::Receipt>{};
    }
    base::Result<ledger::BlockRef> head() override { return silent(); }
    base::Result<std::optional<ledger::BlockRef>> block(std::uint64_t number) override {
        std::lock_guard lock(mutex_);
        if (dead) return silent();
        if (number >= blocks_.size()) return std::optional<ledger::BlockRef>{};
        return std::optional(ledger::BlockRef{number, blocks_[number].hash, {}, 0});
    }
    base::Result<std::uint64_t> finalized() override {
        std::lock_guard lock(mutex_);
        if (dead) return silent();
        return blocks_.size() > confirmations ? blocks_.size() - 1 - confirmations : 0;
    }
    base::Result<std::vector<ledger::Log>> logs(std::uint64_t, std::uint64_t) override { return silent(); }
    base::Result<std::uint64_t> transaction_count(const ledger::Address&) override {
        std::lock_guard lock(mutex_);
        if (dead) return silent();
        return next_nonce;
    }
    base::Result<ledger::Fees> fees() override { return suggested; }
    base::Result<ledger::ConsentStatus> consent_status(const ledger::Address&, const Hash&) override { return silent(); }
    base::Result<std::optional<ledger::Anchor>> anchor_of(const Hash&) override { return silent(); }
    base::Result<bool> included(const Hash&, std::uint64_t, const Hash&, std::span<const Hash>) override { return silent(); }

  private:
    static tl::unexpected<base::Error> silent() { return base::fail(base::Kind::unavailable, "the node does not answer"); }
    struct Block {
        Hash hash;
        std::vector<ledger::Receipt> receipts;
    };
    std::mutex mutex_;
    std::vector<Block> blocks_{{Hash{}, {}}};
    std::vector<ethereum::SignedTransaction> mined_;
    int fork_ = 0;
};

}  // namespace outbox_test
