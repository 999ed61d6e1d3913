// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuditAnchor} from "../../anchoring/contract/IAuditAnchor.sol";
import {IConsentLedger} from "../../anchoring/contract/IConsentLedger.sol";
import {ConsentKit} from "./support/ConsentKit.sol";
import {ReferenceTree, UniformTree} from "./support/ReferenceTree.sol";

/// What a whole transaction costs (forge runs each call as one: --isolate), below its ceiling, and (report.mjs) as gas.json remembers it.
contract GasTest is ConsentKit {
    bytes32 internal constant LOG = keccak256("log");

    function costs(string memory name, uint256 items, uint256 ceiling) internal {
        uint256 each = uint256(vm.lastCallGas().gasTotalUsed) / items;
        check(each > 21_000 / items, "this is no whole transaction: forge needs --isolate");
        vm.snapshotValue("contracts", name, each);
        check(each <= ceiling, string.concat(name, " costs ", vm.toString(each), ", its ceiling is ", vm.toString(ceiling)));
    }

    function test_request() public {
        ledger.request(id(1), id(2), 77);
        costs("request", 1, 30_000);
    }

    function test_grant() public {
        give(1);
        costs("grant", 1, 60_000);
    }

    function test_revoke() public {
        IConsentLedger.Grant memory g = give(1);
        bytes memory signature = signedRevoke(key, patient, g.consentId);
        ledger.revoke(patient, g.consentId, signature);
        costs("revoke", 1, 40_000);
        ledger.revoke(patient, g.consentId, signature);
        costs("revoke again", 1, 40_000);
    }

    function grants(uint256 count) internal returns (IConsentLedger.Grant[] memory list, bytes[] memory signatures) {
        list = new IConsentLedger.Grant[](count);
        signatures = new bytes[](count);
        for (uint256 i = 0; i < count; ++i) {
            // Each of another patient, as a relayer would gather them.
            uint256 signer = patientKey(100 + i);
            list[i] = grantOf(vm.addr(signer), i);
            signatures[i] = signed(signer, list[i]);
        }
    }

    function test_grant_in_a_batch_of_10() public {
        (IConsentLedger.Grant[] memory list, bytes[] memory signatures) = grants(10);
        ledger.grantBatch(list, signatures);
        costs("grant, each of 10", 10, 42_000);
    }

    function test_grant_in_a_batch_of_100() public {
        (IConsentLedger.Grant[] memory list, bytes[] memory signatures) = grants(100);
        ledger.grantBatch(list, signatures);
        costs("grant, each of 100", 100, 40_000);
        IConsentLedger.Revocation[] memory revocations = new IConsentLedger.Revocation[](100);
        for (uint256 i = 0; i < 100; ++i) {
            revocations[i] = IConsentLedger.Revocation(list[i].subject, list[i].consentId);
            signatures[i] = signedRevoke(patientKey(100 + i), list[i].subject, list[i].consentId);
        }
        ledger.applyBatch(revocations, new IConsentLedger.Grant[](0), signatures);
        costs("revoke, each of 100", 100, 20_000);
    }

    /// A changed consent: the old one revoked and the new one granted.
    function test_renewal() public {
        give(1);
        IConsentLedger.Revocation[] memory revocations = new IConsentLedger.Revocation[](1);
        IConsentLedger.Grant[] memory list = new IConsentLedger.Grant[](1);
        bytes[] memory signatures = new bytes[](2);
        revocations[0] = IConsentLedger.Revocation(patient, id(1));
        list[0] = grantOf(patient, 2);
        signatures[0] = signedRevoke(key, patient, id(1));
        signatures[1] = signed(key, list[0]);
        ledger.applyBatch(revocations, list, signatures);
        costs("revoke and grant", 1, 80_000);
    }

    /// 22 hashes, the most that a log of 1.1 million leaves can need: from an odd size in its larger half.
    function test_anchor_at_1_1_million() public {
        IAuditAnchor anchors = IAuditAnchor(deploy("AuditAnchor"));
        bytes32[] memory full = UniformTree.make(ReferenceTree.leaf(1, 1));
        uint64[3] memory sizes = [uint64(1_040_001), 1_100_000, 1_105_000];
        anchors.open(LOG);
        costs("open", 1, 50_000);
        for (uint256 i = 0; i < 3; ++i) {
            bytes32 root = UniformTree.root(full, sizes[i]);
            bytes32[] memory proof = i == 0 ? new bytes32[](0) : UniformTree.consistency(full, sizes[i - 1], sizes[i], true);
            anchors.anchor(LOG, sizes[i], root, proof);
            if (i == 0) costs("first anchor", 1, 70_000);
            if (i == 1) {
                costs("anchor at 1.1 million, 22 hashes", 1, 80_000);
                same(proof.length, 22, "hashes");
            }
            if (i == 2) costs("anchor of 5,000 more", 1, 80_000);
        }
        check(anchors.included(LOG, 123_456, full[0], UniformTree.inclusion(full, 123_456, sizes[2])), "inclusion at 1.1 million");
    }

    function test_deployment() public {
        uint256 before = gasleft();
        deploy("ConsentLedger");
        uint256 consent = before - gasleft();
        before = gasleft();
        deploy("AuditAnchor");
        check(consent < 1_500_000 && before - gasleft() < 800_000, "a deployment costs more than it did");
    }
}
