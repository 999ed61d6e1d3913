#include "anchoring/ledger/memory_block_store.hpp"

namespace ledger {

base::Result<std::optional<std::uint64_t>> MemoryBlockStore::head() {
    if (blocks.empty()) return std::nullopt;
    return blocks.size() - 1;
}

base::Result<std::optional<base::Bytes>> MemoryBlockStore::block(std::uint64_t number) {
    if (number >= blocks.size()) return std::nullopt;
    return blocks[number];
}

base::Status MemoryBlockStore::append(std::uint64_t number, base::ByteView block, const std::map<base::Bytes, base::Bytes>& changes) {
    if (number != blocks.size()) return base::fail(base::Kind::conflict, "the block does not follow the head");
    blocks.push_back(base::to_bytes(block));
    for (const auto& [key, value] : changes) rows[key] = value;
    return {};
}

base::Result<std::optional<base::Bytes>> MemoryBlockStore::row(base::ByteView key) {
    const auto found = rows.find(base::to_bytes(key));
    if (found == rows.end()) return std::nullopt;
    return found->second;
}

base::Status MemoryBlockStore::walk_rows(const std::function<base::Status(base::ByteView, base::ByteView)>& each) {
    for (const auto& [key, value] : rows) {
        if (const auto good = each(key, value); !good) return good;
    }
    return {};
}

}  // namespace ledger
