// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuditAnchor} from "../../anchoring/contract/IAuditAnchor.sol";
import {Kit} from "./support/Kit.sol";
import {ReferenceTree} from "./support/ReferenceTree.sol";

/// Each function, each error, the order of the checks.
contract AuditAnchorTest is Kit {
    IAuditAnchor internal anchors;
    bytes32 internal constant LOG = keccak256("log");
    address internal constant OWNER = address(0xA11CE);
    bytes32[] internal none;
    bytes32[] internal leaves = ReferenceTree.leaves(1, 40);

    function setUp() public {
        anchors = IAuditAnchor(deploy("AuditAnchor"));
        vm.roll(100);
        vm.prank(OWNER);
        anchors.open(LOG);
    }

    function root(uint256 n) internal view returns (bytes32) {
        return ReferenceTree.root(leaves, 0, n);
    }

    function anchor(uint64 from, uint64 to) internal {
        bytes32[] memory proof = from == 0 ? none : ReferenceTree.consistency(leaves, from, to);
        bytes32 head = root(to);
        vm.prank(OWNER);
        anchors.anchor(LOG, to, head, proof);
    }

    function refuses(bytes4 error, address sender, uint64 size, bytes32 head, bytes32[] memory proof) internal {
        vm.expectRevert(error);
        vm.prank(sender);
        anchors.anchor(LOG, size, head, proof);
    }

    function isHead(bytes32 logId, address owner, uint64 size, bytes32 head, uint64 number) internal view {
        (address owner_, uint64 size_, bytes32 root_, uint64 number_) = anchors.head(logId);
        same(owner_, owner, "owner");
        same(size_, size, "size");
        same(root_, head, "root");
        same(number_, number, "block");
    }

    function test_open() public {
        bytes32 other = keccak256("other");
        isHead(other, address(0), 0, 0, 0);
        vm.expectEmit(true, true, true, true, address(anchors));
        emit IAuditAnchor.Opened(other, OWNER);
        vm.prank(OWNER);
        anchors.open(other);
        isHead(other, OWNER, 0, 0, 0);
        vm.expectRevert(IAuditAnchor.AlreadyOpen.selector);
        anchors.open(other);
    }

    function test_rotate_owner() public {
        vm.expectRevert(IAuditAnchor.UnknownLog.selector);
        anchors.rotateOwner(keccak256("unknown"), address(0));
        vm.expectRevert(IAuditAnchor.NotOwner.selector);
        anchors.rotateOwner(LOG, address(0));
        vm.expectRevert(IAuditAnchor.ZeroOwner.selector);
        vm.prank(OWNER);
        anchors.rotateOwner(LOG, address(0));
        anchor(0, 3);
        vm.expectEmit(true, true, true, true, address(anchors));
        emit IAuditAnchor.OwnerRotated(LOG, OWNER, address(0xB0B));
        vm.prank(OWNER);
        anchors.rotateOwner(LOG, address(0xB0B));
        isHead(LOG, address(0xB0B), 3, root(3), 100);
        bytes32[] memory proof = ReferenceTree.consistency(leaves, 3, 5);
        bytes32 head = root(5);
        refuses(IAuditAnchor.NotOwner.selector, OWNER, 5, head, proof);
        vm.expectRevert(IAuditAnchor.AlreadyOpen.selector);
        vm.prank(OWNER);
        anchors.open(LOG);
        vm.prank(address(0xB0B));
        anchors.anchor(LOG, 5, head, proof);
        isHead(LOG, address(0xB0B), 5, head, 100);
    }

    function test_anchor_grows_with_its_proof() public {
        vm.expectEmit(true, true, true, true, address(anchors));
        emit IAuditAnchor.Anchored(LOG, 7, root(7));
        anchor(0, 7);
        isHead(LOG, OWNER, 7, root(7), 100);
        vm.roll(101);
        vm.expectEmit(true, true, true, true, address(anchors));
        emit IAuditAnchor.Anchored(LOG, 40, root(40));
        anchor(7, 40);
        isHead(LOG, OWNER, 40, root(40), 101);
    }

    /// Unknown, owner, growth, proof: each case is wrong in all later ways too.
    function test_the_order_of_the_checks_of_anchor() public {
        anchor(0, 7);
        vm.expectRevert(IAuditAnchor.UnknownLog.selector);
        anchors.anchor(keccak256("unknown"), 0, 0, none);
        refuses(IAuditAnchor.NotOwner.selector, address(0xB0B), 0, 0, none);
        refuses(IAuditAnchor.NotGrowing.selector, OWNER, 7, root(7), none);
        refuses(IAuditAnchor.NotGrowing.selector, OWNER, 6, root(6), none);
        refuses(IAuditAnchor.NotGrowing.selector, OWNER, 0, 0, none);
        refuses(IAuditAnchor.BadConsistencyProof.selector, OWNER, 8, root(8), none);
        isHead(LOG, OWNER, 7, root(7), 100);
    }

    function test_the_first_anchor_takes_no_proof() public {
        bytes32[] memory one = new bytes32[](1);
        refuses(IAuditAnchor.BadConsistencyProof.selector, OWNER, 7, root(7), one);
        refuses(IAuditAnchor.NotGrowing.selector, OWNER, 0, sha256(""), none);
        anchor(0, 7);
    }

    /// A history with one old entry changed, with its own honest proof.
    function testFuzz_a_rewritten_history_is_refused(uint256 a, uint256 b, uint256 c) public {
        uint64 from = uint64(within(a, 1, 39));
        uint64 to = uint64(within(b, from + 1, 40));
        anchor(0, from);
        leaves[within(c, 0, from - 1)] ^= bytes32(uint256(1));
        refuses(IAuditAnchor.BadConsistencyProof.selector, OWNER, to, root(to), ReferenceTree.consistency(leaves, from, to));
    }

    function test_included() public {
        check(!anchors.included(LOG, 0, leaves[0], none), "nothing is anchored yet");
        anchor(0, 20);
        for (uint64 i = 0; i < 20; ++i) {
            bytes32[] memory path = ReferenceTree.inclusion(leaves, i, 0, 20);
            check(anchors.included(LOG, i, leaves[i], path), "a leaf");
            check(!anchors.included(LOG, i, leaves[i + 1], path), "another leaf");
            check(!anchors.included(LOG, i + 20, leaves[i], path), "an index beyond the size");
            check(!anchors.included(keccak256("unknown"), i, leaves[i], path), "an unknown log");
        }
        check(!anchors.included(keccak256("unknown"), 0, 0, none), "zero in an unknown log");
    }

    function test_logs_are_apart() public {
        bytes32 other = keccak256("other");
        anchor(0, 7);
        anchors.open(other);
        anchors.anchor(other, 3, root(3), none);
        isHead(LOG, OWNER, 7, root(7), 100);
        isHead(other, address(this), 3, root(3), 100);
    }

    function test_the_largest_numbers() public {
        vm.roll(uint256(type(uint32).max) + 5);
        // SHA-256 is a call too, and would use up the prank.
        bytes32 head = root(9);
        vm.prank(OWNER);
        anchors.anchor(LOG, type(uint64).max, head, none);
        isHead(LOG, OWNER, type(uint64).max, head, type(uint32).max);
        refuses(IAuditAnchor.NotGrowing.selector, OWNER, type(uint64).max, root(9), none);
    }

    function test_takes_no_money() public {
        (bool taken,) = address(anchors).call{value: 1}(abi.encodeCall(IAuditAnchor.open, (keccak256("other"))));
        check(!taken, "took money");
    }
}
