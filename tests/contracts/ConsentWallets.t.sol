// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsentLedger} from "../../anchoring/contract/IConsentLedger.sol";
import {ConsentKit} from "./support/ConsentKit.sol";
import {Vm} from "./support/Vm.sol";
import {GasBurner, OddAnswers, ReturnBomb, Wallet} from "./support/Wallets.sol";

/// Subjects with code: contract wallets (ERC-1271), delegated accounts (EIP-7702), and wallets that mean harm.
contract ConsentWalletsTest is ConsentKit {
    function test_a_wallet_grants_and_revokes() public {
        Wallet wallet = new Wallet(patient);
        IConsentLedger.Grant memory g = grantOf(address(wallet), 1);
        ledger.grant(g, signed(key, g));
        same(ledger.status(address(wallet), g.consentId), activeWord(g, NOW), "word");
        bytes memory revocation = signedRevoke(key, address(wallet), g.consentId);
        wallet.setOwner(address(0xBEEF));
        vm.expectRevert(IConsentLedger.BadSignature.selector);
        ledger.revoke(address(wallet), g.consentId, revocation);
        wallet.setOwner(patient);
        ledger.revoke(address(wallet), g.consentId, revocation);
        same(ledger.status(address(wallet), g.consentId) & 0xff, 2, "state");
    }

    function test_a_wallet_refuses_a_stranger() public {
        Wallet wallet = new Wallet(patient);
        IConsentLedger.Grant memory g = grantOf(address(wallet), 1);
        bytes memory signature = signed(patientKey(2), g);
        vm.expectRevert(IConsentLedger.BadSignature.selector);
        ledger.grant(g, signature);
        // Its code reverts at this one.
        vm.expectRevert(IConsentLedger.BadSignature.selector);
        ledger.grant(g, hex"01");
    }

    /// The key keeps its power over a delegated account, so what it signed before must stay good (and its wallet counts as well).
    function test_a_delegated_account_keeps_its_key() public {
        IConsentLedger.Grant memory g = give(1);
        bytes memory preSigned = signedRevoke(key, patient, g.consentId);
        vm.etch(patient, abi.encodePacked(hex"ef0100", address(new OddAnswers())));
        ledger.revoke(patient, g.consentId, preSigned);
        same(ledger.status(patient, g.consentId) & 0xff, 2, "state");
        give(2);
    }

    function test_a_wallet_must_say_the_whole_word() public {
        OddAnswers wallet = new OddAnswers();
        IConsentLedger.Grant memory g = grantOf(address(wallet), 1);
        for (uint256 manner = 0; manner < 3; ++manner) {
            wallet.setManner(manner);
            vm.expectRevert(IConsentLedger.BadSignature.selector);
            ledger.grant(g, "");
            // Here nothing was hashed into the scratch memory before, so a short answer would be filled up by zeros.
            vm.expectRevert(IConsentLedger.BadSignature.selector);
            ledger.revoke(address(wallet), g.consentId, "");
        }
        wallet.setManner(3);
        ledger.grant(g, "");
        ledger.revoke(address(wallet), g.consentId, "");
    }

    function test_precompiled_contracts_sign_nothing() public {
        for (uint160 at = 1; at < 0x14; ++at) {
            IConsentLedger.Grant memory g = grantOf(address(at), 1);
            vm.expectRevert(IConsentLedger.BadSignature.selector);
            ledger.grant(g, "");
        }
    }

    /// Hostile wallets cost a batch a bounded amount of gas, and stop nobody's revocation.
    function test_hostile_wallets_do_not_stop_a_batch() public {
        IConsentLedger.Grant memory g = give(1);
        address[4] memory hostile =
            [address(new GasBurner()), address(new ReturnBomb()), address(new GasBurner()), address(new ReturnBomb())];
        IConsentLedger.Revocation[] memory revocations = new IConsentLedger.Revocation[](5);
        bytes[] memory signatures = new bytes[](5);
        for (uint256 i = 0; i < 4; ++i) {
            revocations[i] = IConsentLedger.Revocation(hostile[i], id(1));
        }
        revocations[4] = IConsentLedger.Revocation(patient, g.consentId);
        signatures[4] = signedRevoke(key, patient, g.consentId);
        vm.recordLogs();
        ledger.applyBatch{gas: 2_500_000}(revocations, new IConsentLedger.Grant[](0), signatures);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        same(logs.length, 5, "events");
        for (uint256 i = 0; i < 4; ++i) {
            isSkipped(logs[i], hostile[i], id(1), 5);
        }
        isRevoked(logs[4], patient, g.consentId);
    }

    /// A relayer that gives too little gas gets a refusal or a failure, never a change, and the message stays good.
    function testFuzz_too_little_gas_changes_nothing(uint256 gasLimit) public {
        Wallet wallet = new Wallet(patient);
        IConsentLedger.Grant memory g = grantOf(address(wallet), 1);
        bytes memory signature = signed(key, g);
        (bool taken,) = address(ledger).call{gas: within(gasLimit, 1000, 80_000)}(abi.encodeCall(IConsentLedger.grant, (g, signature)));
        same(ledger.status(address(wallet), g.consentId), taken ? activeWord(g, NOW) : 0, "word");
        if (!taken) ledger.grant(g, signature);
    }
}
