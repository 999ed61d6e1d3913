#include "anchoring/ledger/embedded.hpp"

#include <algorithm>

namespace ledger {

using base::fail;
using base::Kind;

Contracts Embedded::contracts_of(const Address& block_key) {
    return {ethereum::contract_address(block_key, 0), ethereum::contract_address(block_key, 1)};
}

Embedded::Embedded(ethereum::Signer block_key, BlockStore& store, const base::Clock& clock, ProofChecks checks)
    : key_(std::move(block_key)),
      store_(store),
      clock_(clock),
      executor_(kEmbeddedChainId, contracts_of(key_.address()), std::move(checks)) {}

base::Result<std::unique_ptr<Embedded>> Embedded::open(ethereum::Signer block_key, BlockStore& store, const base::Clock& clock,
                                                       ProofChecks checks) {
    std::unique_ptr<Embedded> out(new Embedded(std::move(block_key), store, clock, std::move(checks)));
    const auto number = store.head();
    if (!number) return base::pass(number);
    if (const auto done = *number ? out->load_head() : out->begin(); !done) return base::pass(done);
    return out;
}

base::Status Embedded::begin() {
    Block genesis;
    genesis.header.chain_id = kEmbeddedChainId;
    genesis.header.time_s = static_cast<std::uint64_t>(std::max<base::TimeUs>(clock_.now_us(), 0)) / 1'000'000;
    State nothing(&store_);
    return write(genesis, nothing);
}

base::Status Embedded::load_head() {
    const auto number = store_.head();
    if (!number) return base::pass(number);
    if (!*number) return fail(Kind::corrupt, "the ledger has lost its blocks");
    const auto head = load(**number);
    if (!head) return base::pass(head);
    if (!*head) return fail(Kind::corrupt, "ledger block " + std::to_string(**number) + ": missing");
    if (**number > 0) {
        const auto parent = load(**number - 1);
        if (!parent) return base::pass(parent);
        if (!*parent || (*parent)->hash() != (*head)->header.parent_hash) {
            return fail(Kind::corrupt, "ledger block " + std::to_string(**number) + ": it does not follow the block before it");
        }
        const auto genesis = load(0);
        if (!genesis) return base::pass(genesis);
        if (!*genesis) return fail(Kind::corrupt, "ledger block 0: missing");
    }
    head_ = (*head)->ref();
    head_known_ = true;
    return {};
}

base::Result<std::optional<Block>> Embedded::load(std::uint64_t number) {
    const auto bytes = store_.block(number);
    if (!bytes) return base::pass(bytes);
    if (!*bytes) return std::nullopt;
    auto block = open_block(**bytes, number, kEmbeddedChainId, key_.address());
    if (!block) return base::pass(block);
    return std::move(*block);
}

base::Result<Submitted> Embedded::take(base::ByteView raw, Block& block, State& state) const {
    const auto txn = ethereum::decode_transaction(raw);
    if (!txn) return base::pass(txn);
    const auto known = txn_row(state, txn->hash);
    if (!known) return base::pass(known);
    if (*known) return Submitted{txn->hash, true};
    if (const auto admitted = executor_.admit(*txn, state); !admitted) return base::pass(admitted);
    const Place place{block.header.number, block.header.time_s, static_cast<std::uint32_t>(block.transactions.size())};
    State effects(&state);
    auto outcome = executor_.execute(*txn, place, effects);
    if (!outcome) return base::pass(outcome);
    for (const auto& [key, value] : effects.changes()) state.set(key, value);
    block.transactions.push_back(txn->raw);
    block.receipts.push_back(std::move(*outcome));
    return Submitted{txn->hash, false};
}

base::Status Embedded::write(Block& block, const State& state) {
    seal(block, key_);
    head_known_ = false;
    if (const auto done = store_.append(block.header.number, encode(block), state.changes()); !done) return done;
    head_ = block.ref();
    head_known_ = true;
    return {};
}

base::Result<Submitted> Embedded::submit(base::ByteView raw_transaction) {
    const auto raw = base::to_bytes(raw_transaction);
    auto answers = submit_batch(std::span(&raw, 1));
    if (!answers) return base::pass(answers);
    return std::move(answers->front());
}

base::Result<std::vector<base::Result<Submitted>>> Embedded::submit_batch(std::span<const base::Bytes> raw_transactions) {
    if (raw_transactions.size() > kMaxBlockTransactions)
        return fail(Kind::too_large, "more than " + std::to_string(kMaxBlockTransactions) + " transactions for one block");
    const std::lock_guard lock(mutex_);
    if (!head_known_) {
        if (const auto loaded = load_head(); !loaded) return base::pass(loaded);
    }
    Block block;
    block.header.chain_id = kEmbeddedChainId;
    block.header.number = head_.number + 1;
    block.header.parent_hash = head_.hash;
    // Block time never runs back, whatever the clock does.
    block.header.time_s = static_cast<std::uint64_t>(std::max(clock_.now_us(), head_.time_us)) / 1'000'000;
    State state(&store_);
    std::vector<base::Result<Submitted>> answers;
    for (const auto& raw : raw_transactions) answers.push_back(take(raw, block, state));
    if (!block.transactions.empty()) {
        if (const auto done = write(block, state); !done) return base::pass(done);
    }
    return answers;
}

base::Result<BlockRef> Embedded::head() {
    const std::lock_guard lock(mutex_);
    if (!head_known_) {
        if (const auto loaded = load_head(); !loaded) return base::pass(loaded);
    }
    return head_;
}

base::Result<std::uint64_t> Embedded::finalized() {
    const auto last = head();
    if (!last) return base::pass(last);
    return last->number;
}

base::Result<std::uint64_t> Embedded::transaction_count(const Address& sender) {
    const std::lock_guard lock(mutex_);
    return nonce_row(store_, sender);
}

base::Result<ConsentStatus> Embedded::consent_status(const Address& subject, const Hash& consent_id) {
    const std::lock_guard lock(mutex_);
    return consent_row(store_, subject, consent_id);
}

base::Result<std::optional<Anchor>> Embedded::anchor_of(const Hash& log_id) {
    const std::lock_guard lock(mutex_);
    return anchor_row(store_, log_id);
}

base::Result<bool> Embedded::included(const Hash& log_id, std::uint64_t index, const Hash& leaf_hash, std::span<const Hash> path) {
    const std::lock_guard lock(mutex_);
    return executor_.audit_anchor().included(store_, log_id, index, leaf_hash, path);
}

}  // namespace ledger
