// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Proofs in the Merkle tree of RFC 9162 section 2.1 (the same as RFC 6962), SHA-256
/// @notice leaf = SHA-256(0x00 || entry), node = SHA-256(0x01 || left || right).
library Rfc9162 {
    /// @notice RFC 9162 section 2.1.3.2: whether the leaf stands at `index` in the tree of `size` leaves with this root.
    /// @param index the leaf's place, from 0
    /// @param size how many leaves the tree has
    /// @param leafHash the leaf's hash
    /// @param path the inclusion path, from the leaf up
    /// @param root the tree's root
    /// @return whether it does; false on any doubt
    function included(uint64 index, uint64 size, bytes32 leafHash, bytes32[] calldata path, bytes32 root) internal view returns (bool) {
        if (index >= size) return false;
        uint64 fn = index;
        uint64 sn = size - 1;
        bytes32 r = leafHash;
        for (uint256 i = 0; i < path.length; ++i) {
            if (sn == 0) return false; // more hashes than the tree has levels
            if (fn & 1 != 0 || fn == sn) {
                r = nodeHash(path[i], r);
                (fn, sn) = _rise(fn, sn);
            } else {
                r = nodeHash(r, path[i]);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && r == root;
    }

    /// @notice RFC 9162 section 2.1.4.2: whether the tree of `newSize` leaves begins with the tree of `oldSize` leaves.
    /// @dev Size 0 is the beginning of every tree and takes an empty proof; equal sizes take an empty proof and equal roots.
    /// @param oldSize how many leaves the old tree has
    /// @param oldRoot its root; not looked at when oldSize is 0
    /// @param newSize how many leaves the new tree has
    /// @param newRoot its root
    /// @param proof the consistency proof
    /// @return whether it does; false on any doubt
    function consistent(uint64 oldSize, bytes32 oldRoot, uint64 newSize, bytes32 newRoot, bytes32[] calldata proof)
        internal
        view
        returns (bool)
    {
        if (oldSize > newSize) return false;
        if (oldSize == newSize) return proof.length == 0 && oldRoot == newRoot;
        if (oldSize == 0) return proof.length == 0;
        if (proof.length == 0) return false;

        // When the old tree is whole (a power of two), its root is the first hash of the proof and is not sent.
        bool whole = oldSize & (oldSize - 1) == 0;
        bytes32 fr = whole ? oldRoot : proof[0];
        bytes32 sr = fr;
        (uint64 fn, uint64 sn) = _dropRight(oldSize - 1, newSize - 1);
        for (uint256 i = whole ? 0 : 1; i < proof.length; ++i) {
            if (sn == 0) return false;
            bytes32 c = proof[i];
            if (fn & 1 != 0 || fn == sn) {
                fr = nodeHash(c, fr);
                sr = nodeHash(c, sr);
                (fn, sn) = _rise(fn, sn);
            } else {
                sr = nodeHash(sr, c);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && fr == oldRoot && sr == newRoot;
    }

    /// @notice SHA-256(0x01 || left || right).
    /// @dev By hand: `sha256(abi.encodePacked(...))` takes new memory each time, and an anchor hashes about 40 times.
    /// @param left the left child
    /// @param right the right child
    /// @return hash the node's hash
    function nodeHash(bytes32 left, bytes32 right) internal view returns (bytes32 hash) {
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore8(at, 1)
            mstore(add(at, 0x01), left)
            mstore(add(at, 0x21), right)
            // Without the precompiled contract at 2, or without gas for it, the word at 0 would be anything.
            let hashed := staticcall(gas(), 0x02, at, 0x41, 0x00, 0x20)
            if iszero(and(hashed, eq(returndatasize(), 0x20))) { revert(0x00, 0x00) }
            hash := mload(0x00)
        }
    }

    /// @dev A node without a right sibling rises until it is a right child itself.
    function _rise(uint64 fn, uint64 sn) private pure returns (uint64, uint64) {
        while (fn & 1 == 0 && fn != 0) {
            fn >>= 1;
            sn >>= 1;
        }
        return (fn, sn);
    }

    /// @dev The levels at which the old tree's last node is a right child have nothing to prove.
    function _dropRight(uint64 fn, uint64 sn) private pure returns (uint64, uint64) {
        while (fn & 1 != 0) {
            fn >>= 1;
            sn >>= 1;
        }
        return (fn, sn);
    }
}
