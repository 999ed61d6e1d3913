// A plain Merkle tree of RFC 9162 section 2.1, by its recursive definitions: it proves, anchoring/proof verifies.
#pragma once

#include "anchoring/ledger/contracts_native.hpp"
#include "anchoring/proof/merkle.hpp"
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

inline ledger::ProofChecks checks() {
    return {proof::verify_consistency, proof::verify_inclusion};
}

}  // namespace reference
