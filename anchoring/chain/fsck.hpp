// Walks everything that the audit log keeps and names each thing that does not hold.
#pragma once

#include "anchoring/chain/log.hpp"

namespace chain {

struct FsckInput {
    std::string dir;
    const LogKeys* keys = nullptr;
    const Sealer* sealer = nullptr;
    EventIndex* index = nullptr;      // null: not looked at
    std::uint64_t size = UINT64_MAX;  // of a log in use: look no further
    std::function<void(const std::string&)> each;
};

// The number of findings. Error: Kind::fault when files cannot be read at all.
base::Result<std::size_t> fsck_files(const FsckInput& input);

}  // namespace chain
