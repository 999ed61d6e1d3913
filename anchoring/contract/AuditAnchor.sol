// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuditAnchor} from "./IAuditAnchor.sol";
import {Rfc9162} from "./Rfc9162.sol";

/// @title Heads of audit logs
/// @notice The contract itself checks that each head extends the one before, so it is the witness: a history that was rewritten cannot be
/// anchored, not even by the log's owner.
contract AuditAnchor is IAuditAnchor {
    /// @dev Two slots. An unknown log has no owner.
    struct Log {
        address owner;
        uint64 size;
        uint32 blockNumber;
        bytes32 root;
    }

    mapping(bytes32 logId => Log) private _logs;

    /// @inheritdoc IAuditAnchor
    function open(bytes32 logId) external {
        Log storage log = _logs[logId];
        if (log.owner != address(0)) revert AlreadyOpen();
        log.owner = msg.sender;
        emit Opened(logId, msg.sender);
    }

    /// @inheritdoc IAuditAnchor
    function rotateOwner(bytes32 logId, address newOwner) external {
        Log storage log = _logs[logId];
        _requireOwner(log.owner);
        if (newOwner == address(0)) revert ZeroOwner();
        log.owner = newOwner;
        emit OwnerRotated(logId, msg.sender, newOwner);
    }

    /// @inheritdoc IAuditAnchor
    function anchor(bytes32 logId, uint64 size, bytes32 root, bytes32[] calldata consistencyProof) external {
        Log storage log = _logs[logId];
        _requireOwner(log.owner);
        uint64 lastSize = log.size;
        if (size <= lastSize) revert NotGrowing();
        // The first anchor extends nothing (lastSize 0): then only an empty proof is good.
        if (!Rfc9162.consistent(lastSize, log.root, size, root, consistencyProof)) revert BadConsistencyProof();
        log.size = size;
        log.blockNumber = _blockNumber();
        log.root = root;
        emit Anchored(logId, size, root);
    }

    /// @inheritdoc IAuditAnchor
    function included(bytes32 logId, uint64 index, bytes32 leafHash, bytes32[] calldata path) external view returns (bool) {
        Log storage log = _logs[logId];
        return Rfc9162.included(index, log.size, leafHash, path, log.root);
    }

    /// @inheritdoc IAuditAnchor
    function head(bytes32 logId) external view returns (address owner, uint64 size, bytes32 root, uint64 blockNumber) {
        Log storage log = _logs[logId];
        return (log.owner, log.size, log.root, log.blockNumber);
    }

    function _requireOwner(address owner) private view {
        if (owner == address(0)) revert UnknownLog();
        if (owner != msg.sender) revert NotOwner();
    }

    /// @dev Above 2^32-1 it stays there: a number that only helps to find the event must not stop a log, nor point at an early block.
    function _blockNumber() private view returns (uint32) {
        return block.number < type(uint32).max ? uint32(block.number) : type(uint32).max;
    }
}
