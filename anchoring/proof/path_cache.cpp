#include "anchoring/proof/path_cache.hpp"

#include <algorithm>

namespace proof {
namespace {

// The climb of RFC 9162 section 2.1.3.2, one step at a time. `level` is the height of the node (level, fn).
struct Climb {
    std::uint64_t fn, sn;
    unsigned level = 0;

    bool sibling_is_left() const { return (fn & 1) != 0 || fn == sn; }
    void step() {
        if (sibling_is_left()) {
            while ((fn & 1) == 0 && fn != 0) up();
        }
        up();
    }
    void up() {
        fn >>= 1;
        sn >>= 1;
        ++level;
    }
};

}  // namespace

bool PathCache::verify(std::uint64_t index, std::uint64_t size, const Digest& leaf, std::span<const Digest> path, const Digest& root) {
    if (index >= size || path.size() > kLevels) return false;
    if (size != size_ || root != root_) {
        steps_.fill({});
        size_ = size;
        root_ = root;
    }
    Climb climb{index, size - 1};
    std::array<Step, kLevels> fresh;
    std::array<unsigned, kLevels> levels;
    Digest r = leaf;
    std::size_t hashed = 0;
    bool joined = false;  // r is a node that was proven before: from here on the path is compared
    for (std::size_t i = 0; i < path.size(); ++i) {
        const auto& p = path[i];
        if (climb.sn == 0) return false;  // more hashes than the tree has levels
        const auto& known = steps_[climb.level];
        if (known.known && known.index == climb.fn) {
            if ((!joined && r != known.node) || p != known.sibling) return false;
            joined = true;
        } else if (known.known && known.index == (climb.fn ^ 1)) {
            // The other child of a parent that was proven.
            if ((!joined && r != known.sibling) || p != known.node) return false;
            joined = true;
        } else {
            // The steps above were written over by another path at the tree's ragged edge: nothing to compare with.
            if (joined) return verify_inclusion(index, size, leaf, path, root);
            fresh[hashed] = {true, climb.fn, r, p};
            levels[hashed++] = climb.level;
            r = climb.sibling_is_left() ? node_hash(p, r) : node_hash(r, p);
        }
        climb.step();
    }
    if (climb.sn != 0 || (!joined && r != root)) return false;
    for (std::size_t i = 0; i < hashed; ++i) steps_[levels[i]] = fresh[i];
    return true;
}

}  // namespace proof
