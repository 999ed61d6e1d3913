// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The one storage word of a consent
/// @notice From the lowest bit: state 8 bits, notBefore 48, notAfter 48, changedAt 48, then the first 104 bits of termsHash.
/// @dev The layout of `struct { uint8; uint48; uint48; uint48; uint104; }`, built by hand: one store, and `status` returns the word as
/// it lies.
library ConsentWord {
    /// @notice None -> Active -> Revoked, or None -> Revoked; nothing else, ever.
    uint256 internal constant NONE = 0;
    uint256 internal constant ACTIVE = 1;
    uint256 internal constant REVOKED = 2;

    /// @notice The largest time; as an end of a period it means open.
    uint64 internal constant NO_END = type(uint48).max;

    uint256 private constant CHANGED_AT = 104;
    uint256 private constant TERMS_MASK = ~uint256(type(uint152).max);
    /// @dev What a change replaces: the state and its time.
    uint256 private constant CHANGED_MASK = uint256(type(uint8).max) | (uint256(type(uint48).max) << CHANGED_AT);

    /// @notice The state in a word.
    /// @param word what the ledger keeps
    /// @return one of the three
    function state(uint256 word) internal pure returns (uint256) {
        return word & type(uint8).max;
    }

    /// @notice The word of a consent that becomes active now.
    /// @dev The caller has checked that both times are at most NO_END.
    /// @param notBefore the first second covered
    /// @param notAfter the first second not covered
    /// @param termsHash the commitment
    /// @return the word
    function active(uint64 notBefore, uint64 notAfter, bytes32 termsHash) internal view returns (uint256) {
        return ACTIVE | (uint256(notBefore) << 8) | (uint256(notAfter) << 56) | _now() | (uint256(termsHash) & TERMS_MASK);
    }

    /// @notice The word of a consent that is revoked now; period and terms stay, and are zero for a tombstone.
    /// @param word the word before
    /// @return the word
    function revoked(uint256 word) internal view returns (uint256) {
        return (word & ~CHANGED_MASK) | REVOKED | _now();
    }

    function _now() private view returns (uint256) {
        return uint256(uint48(block.timestamp)) << CHANGED_AT;
    }
}
