// A BlockStore that is lost with the process: for tests, and for replaying blocks.
#pragma once

#include "anchoring/ledger/block_store.hpp"

#include <vector>

namespace ledger {

class MemoryBlockStore final : public BlockStore {
  public:
    base::Result<std::optional<std::uint64_t>> head() override;
    base::Result<std::optional<base::Bytes>> block(std::uint64_t number) override;
    base::Status append(std::uint64_t number, base::ByteView block, const std::map<base::Bytes, base::Bytes>& changes) override;
    base::Result<std::optional<base::Bytes>> row(base::ByteView key) override;
    base::Status walk_rows(const std::function<base::Status(base::ByteView, base::ByteView)>& each) override;

    // Open to tests that tamper.
    std::vector<base::Bytes> blocks;
    std::map<base::Bytes, base::Bytes> rows;
};

}  // namespace ledger
