// Reading the log in order: group by group for recovery, entry by entry for everything else.
#pragma once

#include "anchoring/chain/segment.hpp"

namespace chain {

struct Group {
    std::vector<EntryFrame> entries;
    std::vector<Place> places;
    GroupMark mark;
    Place end;  // behind the mark
};

// The group that begins at `at`, or nullopt where nothing is written. Error: Kind::corrupt when a frame does not open, the group has no
// mark, or the mark does not fit it.
base::Result<std::optional<Group>> read_group(const Segment& segment, Place at);

// Checks that the group continues the chain: numbers, links, the mark's last hash. Moves `next_seq` and `last` on. Kind::corrupt.
base::Status check_links(const Group& group, std::uint64_t& next_seq, proof::Digest& last);

// What follows `offset` in the segment that is the last one.
struct Tail {
    bool empty = true;         // zeroes only
    bool later_group = false;  // a whole group stands behind: then this is damage and no torn write
};
base::Result<Tail> look_behind(const Segment& segment, std::uint32_t offset);

}  // namespace chain
