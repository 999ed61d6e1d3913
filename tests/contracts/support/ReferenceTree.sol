// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// RFC 9162 section 2.1 as it is written: recursive, over all leaves. It makes roots and proofs, and shares nothing with the verifier.
library ReferenceTree {
    function nodeOf(bytes32 left, bytes32 right) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(uint8(1), left, right));
    }

    /// The largest power of two below n.
    function split(uint256 n) internal pure returns (uint256 k) {
        k = 1;
        while (k * 2 < n) k *= 2;
    }

    /// MTH of leaves[from, to).
    function root(bytes32[] memory leaves, uint256 from, uint256 to) internal pure returns (bytes32) {
        if (to == from) return sha256("");
        if (to - from == 1) return leaves[from];
        uint256 k = split(to - from);
        return nodeOf(root(leaves, from, from + k), root(leaves, from + k, to));
    }

    function append(bytes32[] memory path, bytes32 last) internal pure returns (bytes32[] memory out) {
        out = new bytes32[](path.length + 1);
        for (uint256 i = 0; i < path.length; ++i) {
            out[i] = path[i];
        }
        out[path.length] = last;
    }

    /// PATH(m, leaves[from, to)), section 2.1.3.1.
    function inclusion(bytes32[] memory leaves, uint256 m, uint256 from, uint256 to) internal pure returns (bytes32[] memory) {
        if (to - from == 1) return new bytes32[](0);
        uint256 k = split(to - from);
        if (m < k) return append(inclusion(leaves, m, from, from + k), root(leaves, from + k, to));
        return append(inclusion(leaves, m - k, from + k, to), root(leaves, from, from + k));
    }

    /// PROOF(m, leaves[0, n)), section 2.1.4.1.
    function consistency(bytes32[] memory leaves, uint256 m, uint256 n) internal pure returns (bytes32[] memory) {
        return subproof(leaves, m, 0, n, true);
    }

    function subproof(bytes32[] memory leaves, uint256 m, uint256 from, uint256 to, bool whole) internal pure returns (bytes32[] memory) {
        uint256 n = to - from;
        if (m == n) return whole ? new bytes32[](0) : append(new bytes32[](0), root(leaves, from, to));
        uint256 k = split(n);
        if (m <= k) return append(subproof(leaves, m, from, from + k, whole), root(leaves, from + k, to));
        return append(subproof(leaves, m - k, from + k, to, false), root(leaves, from, from + k));
    }

    function leaf(uint256 seed, uint256 index) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(uint8(0), seed, index));
    }

    function leaves(uint256 seed, uint256 n) internal pure returns (bytes32[] memory out) {
        out = new bytes32[](n);
        for (uint256 i = 0; i < n; ++i) {
            out[i] = leaf(seed, i);
        }
    }
}

/// The same for a tree whose leaves are all one hash, so that a tree of a million leaves costs a few hundred hashes. `full[i]` is the
/// root of 2^i such leaves.
library UniformTree {
    function make(bytes32 leaf) internal pure returns (bytes32[] memory full) {
        full = new bytes32[](64);
        full[0] = leaf;
        for (uint256 i = 1; i < 64; ++i) {
            full[i] = ReferenceTree.nodeOf(full[i - 1], full[i - 1]);
        }
    }

    /// -> the largest i with 2^i below n.
    function level(uint256 n) private pure returns (uint256 i) {
        while (uint256(2) << i < n) ++i;
    }

    function root(bytes32[] memory full, uint256 n) internal pure returns (bytes32) {
        if (n == 1) return full[0];
        uint256 i = level(n);
        return ReferenceTree.nodeOf(full[i], root(full, n - (1 << i)));
    }

    function inclusion(bytes32[] memory full, uint256 m, uint256 n) internal pure returns (bytes32[] memory) {
        if (n == 1) return new bytes32[](0);
        uint256 i = level(n);
        uint256 k = 1 << i;
        if (m < k) return ReferenceTree.append(inclusion(full, m, k), root(full, n - k));
        return ReferenceTree.append(inclusion(full, m - k, n - k), full[i]);
    }

    function consistency(bytes32[] memory full, uint256 m, uint256 n, bool whole) internal pure returns (bytes32[] memory) {
        if (m == n) return whole ? new bytes32[](0) : ReferenceTree.append(new bytes32[](0), root(full, n));
        uint256 i = level(n);
        uint256 k = 1 << i;
        if (m <= k) return ReferenceTree.append(consistency(full, m, k, whole), root(full, n - k));
        return ReferenceTree.append(consistency(full, m - k, n - k, false), full[i]);
    }
}
