// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsentLedger} from "../../anchoring/contract/IConsentLedger.sol";
import {ConsentKit} from "./support/ConsentKit.sol";
import {Vm} from "./support/Vm.sol";

/// Each function, each error, the order of the checks, and the word that is kept.
contract ConsentLedgerTest is ConsentKit {
    function test_request_says_and_keeps_nothing() public {
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IConsentLedger.Requested(patient, id(1), id(2), 77);
        vm.prank(patient);
        ledger.request(id(1), id(2), 77);
        same(ledger.status(patient, id(1)), 0, "status");
    }

    function test_grant_makes_active() public {
        IConsentLedger.Grant memory g = grantOf(patient, 1);
        bytes memory signature = signed(key, g);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IConsentLedger.Granted(patient, g.consentId, g.termsHash, g.notBefore, g.notAfter);
        ledger.grant(g, signature);
        same(ledger.status(patient, g.consentId), activeWord(g, NOW), "word");
    }

    function test_the_word_lies_where_the_layout_says() public {
        IConsentLedger.Grant memory g = give(1);
        // _words follows the two deprecated slots of OpenZeppelin's EIP712.
        bytes32 slot = keccak256(abi.encode(keccak256(abi.encode(patient, g.consentId)), uint256(2)));
        same(uint256(vm.load(address(ledger), slot)), activeWord(g, NOW), "stored word");
    }

    function test_grant_refuses_a_period_that_is_none() public {
        IConsentLedger.Grant memory g = grantOf(patient, 1);
        uint64[2][4] memory bad = [[NOW, NOW], [NOW + 1, NOW], [0, OPEN + 1], [OPEN, OPEN]];
        for (uint256 i = 0; i < bad.length; ++i) {
            (g.notBefore, g.notAfter) = (bad[i][0], bad[i][1]);
            bytes memory signature = signed(key, g);
            vm.expectRevert(IConsentLedger.BadPeriod.selector);
            ledger.grant(g, signature);
        }
        (g.notBefore, g.notAfter) = (OPEN - 1, OPEN);
        ledger.grant(g, signed(key, g));
        same(ledger.status(patient, g.consentId), activeWord(g, NOW), "the widest times");
    }

    function test_grant_is_taken_until_its_deadline() public {
        IConsentLedger.Grant memory g = grantOf(patient, 1);
        bytes memory signature = signed(key, g);
        vm.warp(g.deadline + 1);
        vm.expectRevert(IConsentLedger.DeadlinePassed.selector);
        ledger.grant(g, signature);
        vm.warp(g.deadline);
        ledger.grant(g, signature);
        same(ledger.status(patient, g.consentId), activeWord(g, g.deadline), "word");
    }

    function test_an_id_is_used_once() public {
        IConsentLedger.Grant memory g = give(1);
        bytes memory signature = signed(key, g);
        vm.expectRevert(IConsentLedger.AlreadyActive.selector);
        ledger.grant(g, signature);
        ledger.revoke(patient, g.consentId, signedRevoke(key, patient, g.consentId));
        vm.expectRevert(IConsentLedger.AlreadyRevoked.selector);
        ledger.grant(g, signature);
    }

    function test_grant_needs_the_subjects_signature() public {
        IConsentLedger.Grant memory g = grantOf(patient, 1);
        bytes memory strangers = signed(patientKey(2), g);
        vm.expectRevert(IConsentLedger.BadSignature.selector);
        ledger.grant(g, strangers);
        // The sender being the patient replaces no signature.
        vm.expectRevert(IConsentLedger.BadSignature.selector);
        vm.prank(patient);
        ledger.grant(g, "");
        g.subject = address(0);
        bytes memory nobodys = new bytes(65);
        vm.expectRevert(IConsentLedger.BadSignature.selector);
        ledger.grant(g, nobodys);
    }

    /// Period, deadline, state, signature: each case is wrong in all later ways too.
    function test_the_order_of_the_checks_of_grant() public {
        IConsentLedger.Grant memory g = give(1);
        g.notAfter = g.notBefore;
        g.deadline = NOW - 1;
        vm.expectRevert(IConsentLedger.BadPeriod.selector);
        ledger.grant(g, "");
        g.notAfter = OPEN;
        vm.expectRevert(IConsentLedger.DeadlinePassed.selector);
        ledger.grant(g, "");
        g.deadline = NOW;
        vm.expectRevert(IConsentLedger.AlreadyActive.selector);
        ledger.grant(g, "");
        ledger.revoke(patient, g.consentId, signedRevoke(key, patient, g.consentId));
        vm.expectRevert(IConsentLedger.AlreadyRevoked.selector);
        ledger.grant(g, "");
        g.consentId = id(2);
        vm.expectRevert(IConsentLedger.BadSignature.selector);
        ledger.grant(g, "");
    }

    function test_revoke_keeps_period_and_terms() public {
        IConsentLedger.Grant memory g = give(1);
        bytes memory signature = signedRevoke(key, patient, g.consentId);
        vm.warp(NOW + 50);
        vm.expectEmit(true, true, true, true, address(ledger));
        emit IConsentLedger.Revoked(patient, g.consentId);
        ledger.revoke(patient, g.consentId, signature);
        same(ledger.status(patient, g.consentId), wordOf(2, g.notBefore, g.notAfter, NOW + 50, g.termsHash), "word");
    }

    function test_revoke_again_changes_and_says_nothing() public {
        IConsentLedger.Grant memory g = give(1);
        bytes memory signature = signedRevoke(key, patient, g.consentId);
        ledger.revoke(patient, g.consentId, signature);
        uint256 before = ledger.status(patient, g.consentId);
        vm.warp(NOW + 50);
        vm.recordLogs();
        ledger.revoke(patient, g.consentId, signature);
        same(vm.getRecordedLogs().length, 0, "events");
        same(ledger.status(patient, g.consentId), before, "word");
        // A success always means that the subject signed, also when there is nothing to do.
        vm.expectRevert(IConsentLedger.BadSignature.selector);
        ledger.revoke(patient, g.consentId, "");
    }

    function test_revoke_before_the_grant_leaves_a_tombstone() public {
        IConsentLedger.Grant memory g = grantOf(patient, 1);
        ledger.revoke(patient, g.consentId, signedRevoke(key, patient, g.consentId));
        same(ledger.status(patient, g.consentId), wordOf(2, 0, 0, NOW, 0), "tombstone");
        bytes memory signature = signed(key, g);
        vm.expectRevert(IConsentLedger.AlreadyRevoked.selector);
        ledger.grant(g, signature);
    }

    function test_a_pre_signed_revocation_never_expires() public {
        IConsentLedger.Grant memory g = give(1);
        bytes memory signature = signedRevoke(key, patient, g.consentId);
        vm.warp(NOW + 100 * 365 days);
        vm.prank(address(0xBEEF));
        ledger.revoke(patient, g.consentId, signature);
        same(ledger.status(patient, g.consentId) & 0xff, 2, "state");
    }

    function test_patients_do_not_share_an_id() public {
        IConsentLedger.Grant memory g = give(1);
        address other = vm.addr(patientKey(2));
        ledger.revoke(other, g.consentId, signedRevoke(patientKey(2), other, g.consentId));
        same(ledger.status(patient, g.consentId), activeWord(g, NOW), "the first patient's word");
        same(ledger.status(other, g.consentId) & 0xff, 2, "the other's state");
    }

    function test_signature_forms_that_are_refused() public {
        IConsentLedger.Grant memory g = grantOf(patient, 1);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, grantDigest(here(), g));
        bytes32 high = bytes32(ORDER - uint256(s));
        bytes[6] memory bad = [
            abi.encodePacked(r, high, v == 27 ? uint8(28) : uint8(27)), // the same signature with the upper s (EIP-2)
            abi.encodePacked(r, s, v - 27), // y parity in place of v
            abi.encodePacked(r, s, v, uint8(0)), // trailing byte
            abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255))), // ERC-2098
            abi.encodePacked(bytes32(0), bytes32(0), v),
            abi.encodePacked(r, s, v == 27 ? uint8(28) : uint8(27))
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(IConsentLedger.BadSignature.selector);
            ledger.grant(g, bad[i]);
        }
        ledger.grant(g, abi.encodePacked(r, s, v));
    }

    function test_batch_skips_each_reason_and_goes_on() public {
        give(9);
        ledger.revoke(patient, id(8), signedRevoke(key, patient, id(8)));
        IConsentLedger.Grant[] memory grants = new IConsentLedger.Grant[](7);
        uint8[7] memory numbers = [1, 2, 3, 9, 8, 4, 5];
        bytes[] memory signatures = new bytes[](7);
        for (uint256 i = 0; i < 7; ++i) {
            grants[i] = grantOf(patient, numbers[i]);
            if (i == 1) grants[i].notAfter = 0;
            if (i == 2) grants[i].deadline = NOW - 1;
            signatures[i] = signed(i == 5 ? patientKey(2) : key, grants[i]);
        }
        vm.recordLogs();
        ledger.grantBatch(grants, signatures);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        same(logs.length, 7, "events");
        isGranted(logs[0], grants[0]);
        for (uint256 i = 1; i < 6; ++i) {
            isSkipped(logs[i], patient, grants[i].consentId, i);
        }
        isGranted(logs[6], grants[6]);
        same(ledger.status(patient, id(1)), activeWord(grants[0], NOW), "first");
        same(ledger.status(patient, id(2)) | ledger.status(patient, id(3)) | ledger.status(patient, id(4)), 0, "skipped ones");
        same(ledger.status(patient, id(5)), activeWord(grants[6], NOW), "last");
    }

    function test_a_batch_that_holds_a_grant_twice_takes_it_once() public {
        IConsentLedger.Grant[] memory grants = new IConsentLedger.Grant[](2);
        bytes[] memory signatures = new bytes[](2);
        for (uint256 i = 0; i < 2; ++i) {
            grants[i] = grantOf(patient, 1);
            signatures[i] = signed(key, grants[i]);
        }
        vm.recordLogs();
        ledger.grantBatch(grants, signatures);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        isGranted(logs[0], grants[0]);
        isSkipped(logs[1], patient, id(1), 3);
    }

    function test_apply_batch_revokes_first() public {
        IConsentLedger.Grant memory old = give(1);
        IConsentLedger.Revocation[] memory revocations = new IConsentLedger.Revocation[](4);
        IConsentLedger.Grant[] memory grants = new IConsentLedger.Grant[](2);
        bytes[] memory signatures = new bytes[](6);
        uint8[4] memory revoked = [1, 3, 1, 4]; // granted; not yet granted; once more; not signed
        for (uint256 i = 0; i < 4; ++i) {
            revocations[i] = IConsentLedger.Revocation(patient, id(revoked[i]));
            signatures[i] = i == 3 ? bytes("") : signedRevoke(key, patient, id(revoked[i]));
        }
        for (uint256 i = 0; i < 2; ++i) {
            grants[i] = grantOf(patient, i + 2);
            signatures[4 + i] = signed(key, grants[i]);
        }
        vm.recordLogs();
        ledger.applyBatch(revocations, grants, signatures);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        same(logs.length, 5, "events: the repeated revocation says nothing");
        isRevoked(logs[0], patient, id(1));
        isRevoked(logs[1], patient, id(3));
        isSkipped(logs[2], patient, id(4), 5);
        isGranted(logs[3], grants[0]);
        isSkipped(logs[4], patient, id(3), 4);
        same(ledger.status(patient, id(1)), wordOf(2, old.notBefore, old.notAfter, NOW, old.termsHash), "revoked");
        same(ledger.status(patient, id(2)), activeWord(grants[0], NOW), "granted");
        same(ledger.status(patient, id(3)), wordOf(2, 0, 0, NOW, 0), "tombstone");
    }

    function test_batches_need_as_many_signatures_as_items() public {
        IConsentLedger.Revocation[] memory revocations = new IConsentLedger.Revocation[](1);
        IConsentLedger.Grant[] memory grants = new IConsentLedger.Grant[](1);
        for (uint256 count = 0; count < 4; ++count) {
            bytes[] memory signatures = new bytes[](count);
            if (count != 1) {
                vm.expectRevert(IConsentLedger.LengthMismatch.selector);
                ledger.grantBatch(grants, signatures);
            }
            if (count != 2) {
                vm.expectRevert(IConsentLedger.LengthMismatch.selector);
                ledger.applyBatch(revocations, grants, signatures);
            }
        }
        vm.recordLogs();
        ledger.applyBatch(new IConsentLedger.Revocation[](0), new IConsentLedger.Grant[](0), new bytes[](0));
        ledger.grantBatch(new IConsentLedger.Grant[](0), new bytes[](0));
        same(vm.getRecordedLogs().length, 0, "empty batches say nothing");
    }

    function test_takes_no_money_and_no_unknown_call() public {
        (bool taken,) = address(ledger).call{value: 1}("");
        check(!taken, "took money");
        (taken,) = address(ledger).call{value: 1}(abi.encodeCall(IConsentLedger.request, (id(1), id(2), 3)));
        check(!taken, "took money with a call");
        (taken,) = address(ledger).call(hex"12345678");
        check(!taken, "took an unknown call");
    }

    function test_times_above_64_bits_do_not_decode() public {
        IConsentLedger.Grant memory g = grantOf(patient, 1);
        bytes memory data = abi.encodeCall(IConsentLedger.grant, (g, signed(key, g)));
        for (uint256 word = 3; word < 6; ++word) {
            data[4 + word * 32 + 23] = 0x01;
            (bool taken, bytes memory why) = address(ledger).call(data);
            check(!taken && why.length == 0, "a dirty word was read");
            data[4 + word * 32 + 23] = 0x00;
        }
    }
}
