// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Rfc9162} from "../../../anchoring/contract/Rfc9162.sol";

/// The library behind a door: its functions take calldata.
contract Rfc9162Harness {
    function included(uint64 index, uint64 size, bytes32 leaf, bytes32[] calldata path, bytes32 root) external view returns (bool) {
        return Rfc9162.included(index, size, leaf, path, root);
    }

    function consistent(uint64 size1, bytes32 root1, uint64 size2, bytes32 root2, bytes32[] calldata proof) external view returns (bool) {
        return Rfc9162.consistent(size1, root1, size2, root2, proof);
    }

    function nodeHash(bytes32 left, bytes32 right) external view returns (bytes32) {
        return Rfc9162.nodeHash(left, right);
    }
}
