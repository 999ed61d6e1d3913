// The same answer as verify_inclusion, for many leaves of one tree: neighbours share the upper part of their paths, so what one proof
// has shown need only be compared by the next. Two hashes a leaf in place of twenty.
#pragma once

#include "anchoring/proof/merkle.hpp"

namespace proof {

// One thread at a time.
class PathCache {
  public:
    // As verify_inclusion: the whole path must be right, also the part that is not hashed again.
    bool verify(std::uint64_t index, std::uint64_t size, const Digest& leaf, std::span<const Digest> path, const Digest& root);

  private:
    // A step that was proven: the node at (level, index) and the sibling that stood beside it on a path that led to the root.
    struct Step {
        bool known = false;
        std::uint64_t index = 0;
        Digest node{}, sibling{};
    };
    static constexpr unsigned kLevels = 64;

    std::uint64_t size_ = 0;
    Digest root_{};
    std::array<Step, kLevels> steps_{};
};

}  // namespace proof
