// A plain Merkle tree of RFC 9162 section 2.1, by its recursive definitions, and verifiers in its words: what the tests hand to the
// ledger in place of anchoring/proof.
#pragma once

#include "anchoring/ledger/contracts_native.hpp"
#include "storage/crypto/hash.hpp"

#include <bit>
#include <vector>

namespace reference {

using ethereum::Hash;
using Leaves = std::span<const Hash>;

inline Hash node(const Hash& left, const Hash& right) {
    static constexpr std::uint8_t kNode[] = {1};
    return crypto::sha256({kNode, left, right});
}
// The largest power of two below n.
inline std::size_t split(std::size_t n) {
    return std::bit_floor(n - 1);
}
inline Hash root(Leaves d) {
    if (d.empty()) return crypto::sha256(base::ByteView{});
    if (d.size() == 1) return d[0];
    return node(root(d.first(split(d.size()))), root(d.subspan(split(d.size()))));
}
// PATH(m, D[n])
inline std::vector<Hash> path(std::size_t m, Leaves d) {
    if (d.size() <= 1) return {};
    const auto k = split(d.size());
    auto out = m < k ? path(m, d.first(k)) : path(m - k, d.subspan(k));
    out.push_back(m < k ? root(d.subspan(k)) : root(d.first(k)));
    return out;
}
// SUBPROOF(m, D[n], b)
inline std::vector<Hash> subproof(std::size_t m, Leaves d, bool whole) {
    if (m == d.size()) return whole ? std::vector<Hash>{} : std::vector<Hash>{root(d)};
    const auto k = split(d.size());
    auto out = m <= k ? subproof(m, d.first(k), whole) : subproof(m - k, d.subspan(k), false);
    out.push_back(m <= k ? root(d.subspan(k)) : root(d.first(k)));
    return out;
}
inline std::vector<Hash> consistency(std::size_t m, Leaves d) {
    return subproof(m, d, true);
}

// Section 2.1.4.2.
inline bool verify_consistency(std::uint64_t first, const Hash& first_root, std::uint64_t second, const Hash& second_root,
                               std::span<const Hash> proof) {
    if (first == 0 || first >= second || proof.empty()) return first == second && first_root == second_root && proof.empty();
    std::vector<Hash> p(proof.begin(), proof.end());
    if (std::has_single_bit(first)) p.insert(p.begin(), first_root);
    auto fn = first - 1, sn = second - 1;
    while (fn & 1) {
        fn >>= 1;
        sn >>= 1;
    }
    Hash fr = p[0], sr = p[0];
    for (std::size_t i = 1; i < p.size(); ++i) {
        if (sn == 0) return false;
        if ((fn & 1) || fn == sn) {
            fr = node(p[i], fr);
            sr = node(p[i], sr);
            while (!(fn & 1) && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            sr = node(sr, p[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && fr == first_root && sr == second_root;
}

// Section 2.1.3.2.
inline bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Hash& leaf, std::span<const Hash> proof, const Hash& expected) {
    if (index >= size) return false;
    auto fn = index, sn = size - 1;
    Hash r = leaf;
    for (const auto& p : proof) {
        if (sn == 0) return false;
        if ((fn & 1) || fn == sn) {
            r = node(p, r);
            while (!(fn & 1) && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            r = node(r, p);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && r == expected;
}

inline ledger::ProofChecks checks() {
    return {verify_consistency, verify_inclusion};
}

}  // namespace reference
