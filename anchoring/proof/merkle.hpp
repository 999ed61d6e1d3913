// The Merkle tree of RFC 9162 section 2.1 (the same as RFC 6962): leaf = SHA-256(0x00 || entry), node = SHA-256(0x01 || left || right).
// Pure functions; an auditor needs nothing else of kedge to check a proof.
#pragma once

#include "storage/base/bytes.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace proof {

using base::Digest;

Digest leaf_hash(base::ByteView entry);
Digest node_hash(const Digest& left, const Digest& right);
Digest empty_root();  // SHA-256 of nothing: the tree of size 0

// RFC 9162 section 2.1.3.2. false on any doubt (wrong length, index >= size).
bool verify_inclusion(std::uint64_t index, std::uint64_t size, const Digest& leaf, std::span<const Digest> path, const Digest& root);
// RFC 9162 section 2.1.4.2. old_size 0 is consistent with everything and takes an empty path; equal sizes take an empty path and equal
// roots.
bool verify_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t new_size, const Digest& new_root,
                        std::span<const Digest> path);

}  // namespace proof
