// Proofs in Ethereum's Merkle-Patricia tries (Yellow Paper, appendix D): what a block's header commits to, its receipts for example.
#pragma once

#include "anchoring/ethereum/types.hpp"

#include <vector>

namespace kedge_verify {

// The value under `key` in the trie with this root, given the nodes from the root to it, each in RLP. Error: Kind::invalid when the nodes
// do not lead there from this root, or some are left over.
base::Result<base::Bytes> trie_value(const ethereum::Hash& root, base::ByteView key, const std::vector<base::Bytes>& nodes);
// The key of a block's receipts and transactions: the index in RLP.
base::Bytes index_key(std::uint64_t index);

// All nodes from the root to `index`, of the trie of these values (index 0, 1, 2 ...), and its root. CHECK: index < values.size().
struct TrieProof {
    ethereum::Hash root{};
    std::vector<base::Bytes> nodes;
};
TrieProof trie_proof(const std::vector<base::Bytes>& values, std::uint64_t index);

}  // namespace kedge_verify
