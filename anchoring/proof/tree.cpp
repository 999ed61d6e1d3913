#include "anchoring/proof/tree.hpp"

#include <algorithm>
#include <bit>

namespace proof {
namespace {

unsigned ones(std::uint64_t n) {
    return static_cast<unsigned>(std::popcount(n));
}

// The hash of the leaves [first, first + count). `first` is a multiple of the largest power of two in count, as every range
// that RFC 9162 splits off is, so the left part is always one stored node.
base::Result<Digest> range_hash(std::uint64_t first, std::uint64_t count, const NodeAt& at) {
    CHECK(count > 0);
    const std::uint64_t left = std::bit_floor(count);
    const auto level = static_cast<unsigned>(std::countr_zero(left));
    auto l = at(level, first >> level);
    if (!l || left == count) return l;
    const auto r = range_hash(first + left, count - left, at);
    if (!r) return base::pass(r);
    return node_hash(*l, *r);
}

// RFC 9162 splits n leaves at the largest power of two smaller than n.
std::uint64_t split(std::uint64_t n) {
    return std::bit_floor(n - 1);
}

}  // namespace

std::uint64_t node_count(std::uint64_t size) {
    return 2 * size - ones(size);
}

std::uint64_t node_position(unsigned level, std::uint64_t index) {
    // The node becomes complete with its last leaf, after that leaf and the smaller nodes that it closes.
    const std::uint64_t last_leaf = ((index + 1) << level) - 1;
    return node_count(last_leaf) + level;
}

Frontier::Frontier(std::uint64_t size, std::vector<Digest> nodes) : size_(size), nodes_(std::move(nodes)) {
    CHECK(nodes_.size() == ones(size_));
}

void Frontier::append(const Digest& leaf, std::vector<Digest>& completed) {
    completed.push_back(leaf);
    Digest node = leaf;
    for (std::uint64_t n = size_; (n & 1) != 0; n >>= 1) {
        node = node_hash(nodes_.back(), node);
        nodes_.pop_back();
        completed.push_back(node);
    }
    nodes_.push_back(node);
    ++size_;
}

Digest Frontier::root() const {
    if (nodes_.empty()) return empty_root();
    Digest out = nodes_.back();
    for (std::size_t i = nodes_.size() - 1; i-- > 0;) out = node_hash(nodes_[i], out);
    return out;
}

base::Result<Digest> root_of(std::uint64_t size, const NodeAt& at) {
    if (size == 0) return empty_root();
    return range_hash(0, size, at);
}

base::Result<std::vector<Digest>> inclusion_path(std::uint64_t index, std::uint64_t size, const NodeAt& at) {
    if (index >= size)
        return base::fail(base::Kind::invalid, "entry " + std::to_string(index) + " is not in a tree of " + std::to_string(size));
    std::vector<Digest> path;
    std::uint64_t first = 0, count = size;
    while (count > 1) {
        const std::uint64_t k = split(count);
        const bool in_left = index - first < k;
        const auto sibling = in_left ? range_hash(first + k, count - k, at) : range_hash(first, k, at);
        if (!sibling) return base::pass(sibling);
        path.push_back(*sibling);
        if (!in_left) first += k;
        count = in_left ? k : count - k;
    }
    std::reverse(path.begin(), path.end());
    return path;
}

base::Result<std::vector<Digest>> consistency_path(std::uint64_t old_size, std::uint64_t new_size, const NodeAt& at) {
    if (old_size > new_size) {
        return base::fail(base::Kind::invalid,
                          "no consistency from " + std::to_string(old_size) + " entries back to " + std::to_string(new_size));
    }
    std::vector<Digest> path;
    if (old_size == 0 || old_size == new_size) return path;
    // SUBPROOF(m, D_n, b) of the RFC as a loop; `known` is its b: the old tree is this very subtree.
    std::uint64_t first = 0, m = old_size, n = new_size;
    bool known = true;
    while (m != n) {
        const std::uint64_t k = split(n);
        const bool in_left = m <= k;
        const auto other = in_left ? range_hash(first + k, n - k, at) : range_hash(first, k, at);
        if (!other) return base::pass(other);
        path.push_back(*other);
        if (in_left) {
            n = k;
        } else {
            first += k;
            m -= k;
            n -= k;
            known = false;
        }
    }
    if (!known) {
        const auto own = range_hash(first, m, at);
        if (!own) return base::pass(own);
        path.push_back(*own);
    }
    std::reverse(path.begin(), path.end());
    return path;
}

base::Result<Frontier> frontier_of(std::uint64_t size, const NodeAt& at) {
    std::vector<Digest> nodes;
    std::uint64_t first = 0;
    for (int level = 63; level >= 0; --level) {
        const std::uint64_t count = std::uint64_t{1} << level;
        if ((size & count) == 0) continue;
        const auto node = at(static_cast<unsigned>(level), first >> level);
        if (!node) return base::pass(node);
        nodes.push_back(*node);
        first += count;
    }
    return Frontier(size, std::move(nodes));
}

}  // namespace proof
