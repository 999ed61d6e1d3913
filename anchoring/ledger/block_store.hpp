// Where the embedded ledger rests: blocks by number, and the state's rows. storage/store carries it (block_store_sqlite.hpp); tests use
// MemoryBlockStore. The caller serialises all calls.
#pragma once

#include "anchoring/ledger/state.hpp"

#include <functional>
#include <map>
#include <optional>

namespace ledger {

class BlockStore : public Rows {
  public:
    // The highest block, nothing when empty.
    virtual base::Result<std::optional<std::uint64_t>> head() = 0;
    // The bytes of a block as appended; nothing when there is none.
    virtual base::Result<std::optional<base::Bytes>> block(std::uint64_t number) = 0;
    // The block and the rows it changes, all or nothing, durable on return. Error: Kind::conflict when `number` is not head + 1 (0 when
    // empty); otherwise what the store gives, and then nothing was written.
    virtual base::Status append(std::uint64_t number, base::ByteView block, const std::map<base::Bytes, base::Bytes>& changes) = 0;
    // Every row in the order of keys; stops at the first error of `each`. `each` may not call the store.
    virtual base::Status walk_rows(const std::function<base::Status(base::ByteView key, base::ByteView value)>& each) = 0;
};

}  // namespace ledger
