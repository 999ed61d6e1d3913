// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A contract wallet (ERC-1271) whose owner's key decides; it can be told to agree to nothing.
contract Wallet {
    address public owner;

    constructor(address owner_) {
        owner = owner_;
    }

    function setOwner(address owner_) external {
        owner = owner_;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        (bytes32 r, bytes32 s, uint8 v) = (bytes32(signature[:32]), bytes32(signature[32:64]), uint8(signature[64]));
        return ecrecover(digest, v, r, s) == owner ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// Burns all gas it is given.
contract GasBurner {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        for (uint256 i = 0;; ++i) {}
    }
}

/// Answers with as much memory as its gas allows.
contract ReturnBomb {
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        assembly {
            return(0, 400000)
        }
    }
}

/// Says yes in words that are no word: one byte short, wrong low bytes, or a revert that carries a yes.
contract OddAnswers {
    uint256 public manner;

    function setManner(uint256 manner_) external {
        manner = manner_;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        uint256 how = manner;
        assembly {
            mstore(0, shl(224, 0x1626ba7e))
            if eq(how, 0) { return(0, 31) }
            if eq(how, 1) {
                mstore8(31, 1)
                return(0, 32)
            }
            if eq(how, 2) { revert(0, 32) }
            return(0, 32)
        }
    }
}
