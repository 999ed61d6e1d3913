// Building the tree of merkle.hpp and its proofs. Complete subtrees ("nodes") never change once they are there, so a log stores each
// once: in the order in which they become complete, node 0 of level 0, node 1 of level 0, node 0 of level 1, node 2 of level 0 ...
#pragma once

#include "anchoring/proof/merkle.hpp"

#include <functional>

namespace proof {

// Where the node `index` of `level` stands in that order; it covers the leaves [index << level, (index + 1) << level).
std::uint64_t node_position(unsigned level, std::uint64_t index);
// How many nodes a tree of `size` leaves has: the length of the stored order.
std::uint64_t node_count(std::uint64_t size);

// The right edge of a growing tree: one node for each 1-bit of the size, the largest first. Not thread-safe.
class Frontier {
  public:
    Frontier() = default;
    // CHECK: as many nodes as `size` has 1-bits.
    Frontier(std::uint64_t size, std::vector<Digest> nodes);

    // Appends the nodes that this leaf completes (the leaf itself first) to `completed`, in the stored order.
    void append(const Digest& leaf, std::vector<Digest>& completed);
    std::uint64_t size() const { return size_; }
    Digest root() const;
    const std::vector<Digest>& nodes() const { return nodes_; }

  private:
    std::uint64_t size_ = 0;
    std::vector<Digest> nodes_;
};

// Reads a complete subtree. It is asked only for nodes that a tree of the size in question has.
using NodeAt = std::function<base::Result<Digest>(unsigned level, std::uint64_t index)>;

// All pass on the error of NodeAt; Kind::invalid when index >= size or old_size > new_size.
base::Result<Digest> root_of(std::uint64_t size, const NodeAt& at);
base::Result<std::vector<Digest>> inclusion_path(std::uint64_t index, std::uint64_t size, const NodeAt& at);  // RFC 9162 section 2.1.3.1
base::Result<std::vector<Digest>> consistency_path(std::uint64_t old_size, std::uint64_t new_size,
                                                   const NodeAt& at);  // RFC 9162 section 2.1.4.1
base::Result<Frontier> frontier_of(std::uint64_t size, const NodeAt& at);

}  // namespace proof
