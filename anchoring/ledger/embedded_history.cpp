// What the embedded ledger tells of its blocks, and how it checks them all.
#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ledger/embedded.hpp"
#include "anchoring/ledger/memory_block_store.hpp"

namespace ledger {
namespace {

using base::fail;
using base::Kind;

// A block's logs, in order. `only`: those of one transaction.
std::vector<Log> logs_of(const Block& block, std::optional<std::size_t> only) {
    std::vector<Log> out;
    const auto hash = block.hash();
    std::uint64_t index = 0;
    for (std::size_t i = 0; i < block.receipts.size(); ++i) {
        const auto txn_hash = ethereum::keccak256(block.transactions[i]);
        for (const auto& event : block.receipts[i].events) {
            if (!only || *only == i) out.push_back({event, block.header.number, hash, txn_hash, index});
            ++index;
        }
    }
    return out;
}

tl::unexpected<base::Error> bad_block(std::uint64_t number, const std::string& what) {
    return fail(Kind::corrupt, "ledger block " + std::to_string(number) + ": " + what);
}

tl::unexpected<base::Error> bad_row(base::ByteView key, const char* what) {
    return fail(Kind::corrupt, "ledger row '" + row_name(key) + "' " + what);
}

bool same(const Outcome& a, const Outcome& b) {
    return a.reverted == b.reverted && a.error == b.error && a.events == b.events;
}

}  // namespace

base::Result<std::optional<BlockRef>> Embedded::block(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = load(number);
    if (!found) return base::pass(found);
    if (!*found) return std::nullopt;
    return (*found)->ref();
}

base::Result<std::optional<Receipt>> Embedded::receipt(const Hash& txn_hash) {
    const std::lock_guard lock(mutex_);
    const auto place = txn_row(store_, txn_hash);
    if (!place) return base::pass(place);
    if (!*place) return std::nullopt;
    const auto [number, index] = **place;
    const auto found = load(number);
    if (!found) return base::pass(found);
    if (!*found || index >= (*found)->transactions.size() || ethereum::keccak256((*found)->transactions[index]) != txn_hash) {
        return fail(Kind::corrupt, "ledger row 'transaction " + ethereum::to_text(txn_hash) + "' points to the wrong place");
    }
    const auto& outcome = (*found)->receipts[index];
    return Receipt{txn_hash, number, (*found)->hash(), !outcome.reverted, outcome.error, 0, logs_of(**found, index)};
}

base::Result<std::vector<Log>> Embedded::logs(std::uint64_t from_block, std::uint64_t to_block) {
    if (from_block > to_block) return fail(Kind::invalid, "logs from a block to an earlier one");
    if (to_block - from_block >= kMaxLogBlocks)
        return fail(Kind::too_large, "logs of more than " + std::to_string(kMaxLogBlocks) + " blocks at once");
    std::vector<Log> out;
    for (auto number = from_block;; ++number) {
        // Locked block by block: a long range holds nobody up.
        const std::lock_guard lock(mutex_);
        const auto found = load(number);
        if (!found) return base::pass(found);
        if (!*found) return out;
        for (auto& log : logs_of(**found, std::nullopt)) out.push_back(std::move(log));
        if (number == to_block) return out;
    }
}

base::Status Embedded::replay(const Block& block, State& state) const {
    const auto number = block.header.number;
    for (std::uint32_t i = 0; i < block.transactions.size(); ++i) {
        const auto name = "transaction " + std::to_string(i) + " ";
        const auto txn = ethereum::decode_transaction(block.transactions[i]);
        if (!txn) return bad_block(number, name + "does not decode: " + txn.error().diagnostics);
        if (const auto admitted = executor_.admit(*txn, state); !admitted)
            return bad_block(number, name + "was never admissible: " + admitted.error().diagnostics);
        const auto outcome = executor_.execute(*txn, {number, block.header.time_s, i}, state);
        if (!outcome) return base::pass(outcome);
        if (!same(*outcome, block.receipts[i])) return bad_block(number, name + "does not do what its receipt says");
    }
    return {};
}

base::Status Embedded::compare_rows(const State& expected) {
    auto next = expected.changes().begin();
    const auto end = expected.changes().end();
    const auto walked = store_.walk_rows([&](base::ByteView key, base::ByteView value) -> base::Status {
        const auto stored = base::to_bytes(key);
        if (next != end && next->first < stored) return bad_row(next->first, "is missing");
        if (next == end || next->first != stored) return bad_row(key, "is not from any block");
        if (next->second != base::to_bytes(value)) return bad_row(key, "is not what the blocks say");
        ++next;
        return {};
    });
    if (!walked) return walked;
    if (next != end) return bad_row(next->first, "is missing");
    return {};
}

base::Result<Embedded::Verified> Embedded::verify_all() {
    const std::lock_guard lock(mutex_);
    const auto head = store_.head();
    if (!head) return base::pass(head);
    if (!*head) return fail(Kind::corrupt, "the ledger has lost its blocks");
    MemoryBlockStore nothing;
    State state(&nothing);
    Verified out;
    Hash parent{};
    std::uint64_t time_s = 0;
    for (std::uint64_t number = 0; number <= **head; ++number) {
        const auto found = load(number);
        if (!found) return base::pass(found);
        if (!*found) return bad_block(number, "missing");
        const auto& block = **found;
        if (block.header.parent_hash != parent) return bad_block(number, "it does not follow the block before it");
        if (block.header.time_s < time_s) return bad_block(number, "its time is before that of the block before it");
        if (const auto good = replay(block, state); !good) return base::pass(good);
        parent = block.hash();
        time_s = block.header.time_s;
        ++out.blocks;
        out.transactions += block.transactions.size();
    }
    if (head_known_ && (head_.number != **head || head_.hash != parent))
        return bad_block(**head, "it is not the head that was written last");
    if (const auto good = compare_rows(state); !good) return base::pass(good);
    out.rows = state.changes().size();
    return out;
}

}  // namespace ledger
