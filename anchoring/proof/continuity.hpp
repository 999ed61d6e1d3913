// Entries next to each other: numbers without a gap, each linked to the one before.
#pragma once

#include "anchoring/proof/entry.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace proof {

// Feed it every entry that was proven, in the order in which they were found. One thread at a time.
class Continuity {
  public:
    // A sentence when this entry contradicts what came before (duplicate, two entries for one number, broken link), else empty.
    std::string add(const Entry& entry) { return add(entry.seq, entry.hash(), entry.previous); }
    // The same when the caller has hashed the entry already.
    std::string add(std::uint64_t seq, const Digest& hash, const Digest& previous);
    // Numbers in [first, last] that were never added, as runs; and whether the order in which entries came was neither up nor down.
    struct Run {
        std::uint64_t first = 0, last = 0;
    };
    std::vector<Run> missing(std::uint64_t first, std::uint64_t last) const;
    bool out_of_order() const { return rises_ && falls_; }
    std::size_t count() const { return entries_.size(); }

  private:
    struct Links {
        Digest hash{}, previous{};
    };
    std::map<std::uint64_t, Links> entries_;
    std::optional<std::uint64_t> latest_;
    bool rises_ = false, falls_ = false;
};

}  // namespace proof
