#include "anchoring/proof/merkle.hpp"

#include "storage/crypto/hash.hpp"

#include <bit>

namespace proof {
namespace {

constexpr std::array<std::uint8_t, 1> kLeaf{0}, kNode{1};

}  // namespace

Digest leaf_hash(base::ByteView entry) {
    return crypto::sha256({kLeaf, entry});
}

Digest node_hash(const Digest& left, const Digest& right) {
    return crypto::sha256({kNode, left, right});
}

Digest empty_root() {
    return crypto::sha256(base::ByteView{});
}

bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, std::span<const Digest> path, const Digest& root) {
    if (index >= size) return false;
    std::uint64_t fn = index, sn = size - 1;
    Digest r = leaf;
    for (const auto& p : path) {
        if (sn == 0) return false;  // more hashes than the tree has levels
        if ((fn & 1) != 0 || fn == sn) {
            r = node_hash(p, r);
            // A node without a right sibling rises until it is a right child itself.
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            r = node_hash(r, p);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && r == root;
}

bool verify_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t new_size, const Digest& new_root,
                        std::span<const Digest> path) {
    if (old_size > new_size) return false;
    if (old_size == new_size) return path.empty() && old_root == new_root;
    if (old_size == 0) return path.empty();
    // When the old tree is whole (a power of two), its root is the first hash of the path and is not sent.
    const bool whole = std::has_single_bit(old_size);
    if (path.empty()) return false;
    Digest fr = whole ? old_root : path.front();
    Digest sr = fr;
    if (!whole) path = path.subspan(1);
    std::uint64_t fn = old_size - 1, sn = new_size - 1;
    while ((fn & 1) != 0) {
        fn >>= 1;
        sn >>= 1;
    }
    for (const auto& c : path) {
        if (sn == 0) return false;
        if ((fn & 1) != 0 || fn == sn) {
            fr = node_hash(c, fr);
            sr = node_hash(c, sr);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            sr = node_hash(sr, c);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && fr == old_root && sr == new_root;
}

}  // namespace proof
