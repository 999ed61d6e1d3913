// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuditAnchor} from "../../anchoring/contract/IAuditAnchor.sol";
import {Kit} from "./support/Kit.sol";
import {ReferenceTree} from "./support/ReferenceTree.sol";

/// Two owners and a stranger, who anchor honestly, rewrite, roll back, fork, or send rubbish. It keeps the history that the accepted
/// heads stand for.
contract AnchorHandler is Kit {
    uint256 internal constant MOST = 24;
    bytes32 internal constant LOG = keccak256("log");

    IAuditAnchor public immutable anchors;
    address public owner = address(0xA11CE);
    bytes32[] public leaves; // of the last accepted head
    uint64[] public sizes;
    bytes32[] public roots;
    uint256 public refused;
    string public broken;

    constructor() {
        anchors = IAuditAnchor(deploy("AuditAnchor"));
        vm.prank(owner);
        anchors.open(LOG);
    }

    function accepted() external view returns (uint256) {
        return sizes.length;
    }

    /// A candidate history that shares its first `fork` entries with the accepted one, and goes on by `seed`.
    function candidate(uint256 fork, uint256 size, uint256 seed) private view returns (bytes32[] memory next) {
        next = ReferenceTree.leaves(seed, size);
        for (uint256 i = 0; i < fork; ++i) {
            next[i] = leaves[i];
        }
    }

    /// `fork` at or above the accepted size extends; below it rewrites.
    function propose(uint256 fork, uint256 size, uint256 seed, bool stranger) external {
        size = within(size, 0, MOST);
        uint256 least = size < leaves.length ? size : leaves.length;
        fork = fork % 2 == 0 ? least : within(fork, 0, least);
        bytes32[] memory next = candidate(fork, size, seed | 1 << 255);
        bool grows = size > leaves.length;
        bytes32[] memory proof = grows && leaves.length > 0 ? ReferenceTree.consistency(next, leaves.length, size) : new bytes32[](0);
        bool honest = !stranger && grows && fork == leaves.length;
        bool taken = send(stranger ? address(0xBAD) : owner, uint64(size), ReferenceTree.root(next, 0, size), proof);
        if (taken != honest) broken = honest ? "an honest head was refused" : "a dishonest head was taken";
        if (!taken) return;
        leaves = next;
        sizes.push(uint64(size));
        roots.push(ReferenceTree.root(next, 0, size));
    }

    function rubbish(uint64 size, bytes32 root, bytes32[] calldata proof) external {
        // The first head of a log is taken as it is; it has nothing to be consistent with.
        if (leaves.length == 0) return;
        if (send(owner, size, root, proof)) broken = "rubbish was taken";
    }

    function rotate(uint256 to) external {
        address next = address(uint160(within(to, 0xA000, 0xA002)));
        vm.prank(owner);
        anchors.rotateOwner(LOG, next);
        owner = next;
    }

    function reopen(address sender) external {
        vm.prank(sender == address(0) ? address(1) : sender);
        (bool taken,) = address(anchors).call(abi.encodeCall(IAuditAnchor.open, (LOG)));
        if (taken) broken = "a log was opened twice";
    }

    function send(address sender, uint64 size, bytes32 root, bytes32[] memory proof) private returns (bool taken) {
        vm.prank(sender);
        (taken,) = address(anchors).call(abi.encodeCall(IAuditAnchor.anchor, (LOG, size, root, proof)));
        if (!taken) ++refused;
    }
}

contract AnchorInvariantsTest is Kit {
    AnchorHandler internal handler;

    function setUp() public {
        handler = new AnchorHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// Sizes only grow, and every anchored root is the root of a beginning of one history: so every pair is consistent.
    function invariant_all_anchors_are_of_one_history() public view {
        check(bytes(handler.broken()).length == 0, handler.broken());
        uint256 count = handler.accepted();
        if (count == 0) return;
        bytes32[] memory history = new bytes32[](handler.sizes(count - 1));
        for (uint256 i = 0; i < history.length; ++i) {
            history[i] = handler.leaves(i);
        }
        for (uint256 i = 0; i < count; ++i) {
            uint64 size = handler.sizes(i);
            check(i == 0 || size > handler.sizes(i - 1), "a size did not grow");
            same(ReferenceTree.root(history, 0, size), handler.roots(i), "a root of another history");
        }
        (address owner, uint64 last, bytes32 root,) = handler.anchors().head(keccak256("log"));
        same(owner, handler.owner(), "owner");
        same(last, handler.sizes(count - 1), "last size");
        same(root, handler.roots(count - 1), "last root");
    }

    /// The run would prove nothing if the handler never got anything done.
    function test_the_handler_does_anchor_and_is_refused() public {
        handler.propose(0, 3, 1, false);
        handler.propose(0, 9, 2, false);
        handler.propose(5, 20, 3, false);
        handler.propose(0, 20, 3, true);
        same(handler.accepted(), 2, "accepted");
        same(handler.refused(), 2, "refused");
        invariant_all_anchors_are_of_one_history();
    }
}
