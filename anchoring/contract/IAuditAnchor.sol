// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What AuditAnchor takes and says
/// @notice Keeps the last head (size and Merkle root) of each audit log, and takes a new head only with the proof that it extends the last.
/// @dev README.md in this folder fixes names, types and the order of checks; kedge's embedded ledger executes the same rules natively.
interface IAuditAnchor {
    /// @notice A log began.
    /// @param logId its random id
    /// @param owner who may anchor it
    event Opened(bytes32 indexed logId, address indexed owner);

    /// @notice A log has another owner.
    /// @param logId its id
    /// @param previousOwner who could anchor it
    /// @param newOwner who can now
    event OwnerRotated(bytes32 indexed logId, address indexed previousOwner, address indexed newOwner);

    /// @notice A head was taken: it extends every earlier head of this log.
    /// @param logId its id
    /// @param size how many entries it holds
    /// @param root their Merkle root (RFC 9162, SHA-256)
    event Anchored(bytes32 indexed logId, uint64 indexed size, bytes32 root);

    /// @notice Somebody opened this log before.
    error AlreadyOpen();
    /// @notice Nobody opened this log.
    error UnknownLog();
    /// @notice Only the log's owner may do this.
    error NotOwner();
    /// @notice A log without an owner could never be anchored again.
    error ZeroOwner();
    /// @notice A head must hold more entries than the last.
    error NotGrowing();
    /// @notice The proof does not show that this head extends the last: a rewritten, rolled back or forked history.
    error BadConsistencyProof();

    /// @notice Begins a log; the sender owns it.
    /// @param logId random: whoever opens it first owns it
    function open(bytes32 logId) external;

    /// @notice Hands a log to another key. Only its owner may.
    /// @param logId the log
    /// @param newOwner who anchors it from now on
    function rotateOwner(bytes32 logId, address newOwner) external;

    /// @notice Anchors a larger head. Only the log's owner may.
    /// @param logId the log
    /// @param size how many entries the log holds now
    /// @param root their Merkle root
    /// @param consistencyProof RFC 9162 section 2.1.4.1, from the last anchored size to this one; empty for the first anchor
    function anchor(bytes32 logId, uint64 size, bytes32 root, bytes32[] calldata consistencyProof) external;

    /// @notice Whether a leaf stands in the last anchored head.
    /// @param logId the log
    /// @param index the leaf's place, from 0
    /// @param leafHash SHA-256(0x00 || entry)
    /// @param path RFC 9162 section 2.1.3.1
    /// @return whether it does; false for an unknown log, or an index beyond its size
    function included(bytes32 logId, uint64 index, bytes32 leafHash, bytes32[] calldata path) external view returns (bool);

    /// @notice The last anchored head. All zero for an unknown log.
    /// @param logId the log
    /// @return owner who may anchor it
    /// @return size how many entries it holds; 0 when nothing is anchored yet
    /// @return root their Merkle root
    /// @return blockNumber the block that anchored it
    function head(bytes32 logId) external view returns (address owner, uint64 size, bytes32 root, uint64 blockNumber);
}
