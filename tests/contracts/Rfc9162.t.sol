// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Kit} from "./support/Kit.sol";
import {ReferenceTree, UniformTree} from "./support/ReferenceTree.sol";
import {Rfc9162Harness} from "./support/Rfc9162Harness.sol";

/// The verifiers of inclusion and consistency, against the public vectors and against a tree that is built as the RFC writes it.
contract Rfc9162Test is Kit {
    Rfc9162Harness internal proofs = new Rfc9162Harness();

    struct Consistency {
        uint64 size1;
        bytes32 root1;
        uint64 size2;
        bytes32 root2;
        bytes32[] proof;
        bool good;
    }

    struct Inclusion {
        uint64 index;
        uint64 size;
        bytes32 leaf;
        bytes32 root;
        bytes32[] path;
        bool good;
    }

    /// transparency-dev/merkle, testdata/consistency and testdata/inclusion: every vector whose hashes are 32 bytes.
    function test_public_vectors() public {
        string memory path = vm.envOr("KEDGE_CONTRACT_FIXTURE", "");
        vm.skip(bytes(path).length == 0, "tests/contracts/run makes the fixture that this needs");
        string memory fixture = vm.readFile(path);
        vm.skip(vm.parseJsonUint(fixture, ".vectors") == 0, "no public vectors: KEDGE_TEST_DATA names the folder that holds merkle/");
        bytes[] memory consistency = vm.parseJsonBytesArray(fixture, ".consistency");
        bytes[] memory inclusion = vm.parseJsonBytesArray(fixture, ".inclusion");
        uint256 good;
        for (uint256 i = 0; i < consistency.length; ++i) {
            Consistency memory v = abi.decode(consistency[i], (Consistency));
            check(proofs.consistent(v.size1, v.root1, v.size2, v.root2, v.proof) == v.good, string.concat("consistency ", vm.toString(i)));
            if (v.good) ++good;
        }
        for (uint256 i = 0; i < inclusion.length; ++i) {
            Inclusion memory v = abi.decode(inclusion[i], (Inclusion));
            check(proofs.included(v.index, v.size, v.leaf, v.path, v.root) == v.good, string.concat("inclusion ", vm.toString(i)));
            if (v.good) ++good;
        }
        check(consistency.length >= 71 && inclusion.length >= 72, "fewer vectors than there were");
        check(good >= 10, "fewer good vectors than there were");
    }

    function test_node_hash() public view {
        bytes32 expected = sha256(abi.encodePacked(uint8(1), bytes32(uint256(5)), bytes32(uint256(6))));
        same(proofs.nodeHash(bytes32(uint256(5)), bytes32(uint256(6))), expected, "node");
    }

    /// Every pair of sizes and every leaf of small trees: their true proofs, and no proof between trees of other content.
    function test_every_small_tree() public view {
        bytes32[] memory leaves = ReferenceTree.leaves(1, 20);
        bytes32[] memory others = ReferenceTree.leaves(2, 20);
        for (uint64 n = 1; n <= 20; ++n) {
            bytes32 root = ReferenceTree.root(leaves, 0, n);
            for (uint64 m = 0; m <= n; ++m) {
                bytes32[] memory proof = m == 0 ? new bytes32[](0) : ReferenceTree.consistency(leaves, m, n);
                check(proofs.consistent(m, ReferenceTree.root(leaves, 0, m), n, root, proof), "a true consistency");
                if (m == 0) continue;
                check(!proofs.consistent(m, ReferenceTree.root(others, 0, m), n, root, proof), "another old tree");
                proof = ReferenceTree.consistency(others, m, n);
                check(
                    !proofs.consistent(m, ReferenceTree.root(leaves, 0, m), n, ReferenceTree.root(others, 0, n), proof), "another history"
                );
                bytes32[] memory path = ReferenceTree.inclusion(leaves, m - 1, 0, n);
                check(proofs.included(m - 1, n, leaves[m - 1], path, root), "a true inclusion");
                check(!proofs.included(m - 1, n, others[m - 1], path, root), "another leaf");
            }
        }
    }

    function testFuzz_changed_consistency(uint256 a, uint256 b, uint8 what, uint256 at, uint8 bit) public view {
        uint64 n = uint64(within(a, 2, 64));
        uint64 m = uint64(within(b, 1, n - 1));
        bytes32[] memory leaves = ReferenceTree.leaves(1, n);
        bytes32[] memory proof = ReferenceTree.consistency(leaves, m, n);
        (bytes32 root1, bytes32 root2) = (ReferenceTree.root(leaves, 0, m), ReferenceTree.root(leaves, 0, n));
        check(proofs.consistent(m, root1, n, root2, proof), "a true consistency");
        bytes32 flip = bytes32(uint256(1) << bit);
        what %= 5;
        if (what == 0) root1 ^= flip;
        if (what == 1) root2 ^= flip;
        if (what == 2) proof[at % proof.length] ^= flip;
        if (what == 3) proof = ReferenceTree.append(proof, bytes32(at));
        if (what == 4) assembly { mstore(proof, sub(mload(proof), 1)) }
        check(!proofs.consistent(m, root1, n, root2, proof), "a changed proof was taken");
    }

    function testFuzz_changed_inclusion(uint256 a, uint256 b, uint8 what, uint256 at, uint8 bit) public view {
        uint64 n = uint64(within(a, 2, 64));
        uint64 m = uint64(within(b, 0, n - 1));
        bytes32[] memory leaves = ReferenceTree.leaves(1, n);
        bytes32[] memory path = ReferenceTree.inclusion(leaves, m, 0, n);
        (bytes32 leaf, bytes32 root) = (leaves[m], ReferenceTree.root(leaves, 0, n));
        check(proofs.included(m, n, leaf, path, root), "a true inclusion");
        bytes32 flip = bytes32(uint256(1) << bit);
        what %= 6;
        if (what == 0) leaf ^= flip;
        if (what == 1) root ^= flip;
        if (what == 2) path[at % path.length] ^= flip;
        if (what == 3) path = ReferenceTree.append(path, bytes32(at));
        if (what == 4) assembly { mstore(path, sub(mload(path), 1)) }
        if (what == 5) m = uint64(within(at, n, type(uint64).max));
        check(!proofs.included(m, n, leaf, path, root), "a changed path was taken");
    }

    /// Proofs with more hashes than the tree has levels, and roots made to fit them: only the count gives them away.
    function testFuzz_more_hashes_than_levels(bytes32 a, bytes32 b, bytes32 c, bytes32 extra) public view {
        bytes32 old = ReferenceTree.nodeOf(b, a);
        bytes32 grown = ReferenceTree.nodeOf(b, ReferenceTree.nodeOf(a, c));
        bytes32[] memory proof = new bytes32[](3);
        (proof[0], proof[1], proof[2]) = (a, c, b);
        check(proofs.consistent(3, old, 4, grown, proof), "a true consistency");
        bytes32[] memory longer = ReferenceTree.append(proof, extra);
        check(!proofs.consistent(3, ReferenceTree.nodeOf(extra, old), 4, ReferenceTree.nodeOf(extra, grown), longer), "one level too many");
    }

    function testFuzz_a_path_in_a_tree_of_one_leaf(bytes32 leaf, bytes32 extra) public view {
        bytes32[] memory path = new bytes32[](1);
        path[0] = extra;
        check(!proofs.included(0, 1, leaf, path, ReferenceTree.nodeOf(extra, leaf)), "a path in a tree of one leaf");
    }

    /// Trees that no test could build leaf by leaf, up to the largest size there is.
    function testFuzz_large_trees(uint64 a, uint64 b) public view {
        uint64 n = uint64(within(a, 2, type(uint64).max));
        uint64 m = uint64(within(b, 1, n - 1));
        bytes32[] memory full = UniformTree.make(ReferenceTree.leaf(1, 1));
        (bytes32 root1, bytes32 root2) = (UniformTree.root(full, m), UniformTree.root(full, n));
        bytes32[] memory proof = UniformTree.consistency(full, m, n, true);
        check(proofs.consistent(m, root1, n, root2, proof), "a true consistency");
        check(!proofs.consistent(m, root1 ^ bytes32(uint256(1)), n, root2, proof), "another old root");
        check(proofs.included(m, n, full[0], UniformTree.inclusion(full, m, n), root2), "a true inclusion");
    }

    function testFuzz_no_proof_from_nothing(uint64 size1, bytes32 root1, uint64 size2, bytes32 root2, bytes32[] calldata proof)
        public
        view
    {
        bool good = proofs.consistent(size1, root1, size2, root2, proof);
        bool trivial = proof.length == 0 && (size1 == size2 ? root1 == root2 : size1 == 0);
        check(good == trivial, "a made-up proof was taken");
    }
}
