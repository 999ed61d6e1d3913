// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsentLedger} from "../../anchoring/contract/IConsentLedger.sol";
import {ConsentKit} from "./support/ConsentKit.sol";

/// Whatever of a signed message is changed, on whatever chain and contract it is shown: it counts only as it was signed.
contract ConsentFuzzTest is ConsentKit {
    function refuses(IConsentLedger.Grant memory g, bytes memory signature) internal {
        vm.expectRevert(IConsentLedger.BadSignature.selector);
        ledger.grant(g, signature);
        same(ledger.status(g.subject, g.consentId), 0, "status");
    }

    function testFuzz_grant_keeps_what_was_signed(uint256 who, IConsentLedger.Grant memory g) public {
        uint256 signer = patientKey(who);
        g.subject = vm.addr(signer);
        g.notBefore = uint64(within(g.notBefore, 0, OPEN - 1));
        g.notAfter = uint64(within(g.notAfter, g.notBefore + 1, OPEN));
        g.deadline = uint64(within(g.deadline, 1, OPEN));
        vm.warp(g.deadline);
        ledger.grant(g, signed(signer, g));
        same(ledger.status(g.subject, g.consentId), activeWord(g, g.deadline), "word");
        ledger.revoke(g.subject, g.consentId, signedRevoke(signer, g.subject, g.consentId));
        same(ledger.status(g.subject, g.consentId), wordOf(2, g.notBefore, g.notAfter, g.deadline, g.termsHash), "revoked word");
    }

    /// Every field of a signed grant, each changed to anything else that would pass the other checks.
    function testFuzz_changed_grant(uint8 field, uint256 value) public {
        IConsentLedger.Grant memory g = grantOf(patient, 1);
        bytes memory signature = signed(key, g);
        bytes32 before = keccak256(abi.encode(g));
        field %= 6;
        if (field == 0) g.subject = address(uint160(within(value, 0x10000, type(uint160).max)));
        if (field == 1) g.consentId = bytes32(value);
        if (field == 2) g.termsHash = bytes32(value);
        if (field == 3) g.notBefore = uint64(within(value, 0, g.notAfter - 1));
        if (field == 4) g.notAfter = uint64(within(value, g.notBefore + 1, OPEN));
        if (field == 5) g.deadline = uint64(within(value, NOW, type(uint64).max));
        vm.assume(keccak256(abi.encode(g)) != before && g.subject.code.length == 0);
        refuses(g, signature);
    }

    /// One bit of one field, which a coarser change might step over.
    function testFuzz_one_bit_of_a_grant(uint8 field, uint8 bit) public {
        IConsentLedger.Grant memory g = grantOf(patient, 1);
        bytes memory signature = signed(key, g);
        field %= 6;
        uint256 flip = 1 << uint256(bit);
        if (field == 0) g.subject = address(uint160(g.subject) ^ uint160(1 << uint256(bit % 160)));
        if (field == 1) g.consentId ^= bytes32(flip);
        if (field == 2) g.termsHash ^= bytes32(flip);
        if (field == 3) g.notBefore ^= uint64(1 << uint256(bit % 10));
        if (field == 4) g.notAfter ^= uint64(1 << uint256(bit % 10));
        if (field == 5) g.deadline ^= uint64(1 << uint256(bit % 4)) << 40;
        refuses(g, signature);
    }

    function testFuzz_changed_revocation(bool other, uint256 value) public {
        bytes memory signature = signedRevoke(key, patient, id(1));
        address subject = other ? address(uint160(within(value, 0x10000, type(uint160).max))) : patient;
        bytes32 consentId = other ? id(1) : bytes32(value);
        vm.assume((subject != patient || consentId != id(1)) && subject.code.length == 0);
        vm.expectRevert(IConsentLedger.BadSignature.selector);
        ledger.revoke(subject, consentId, signature);
        same(ledger.status(subject, consentId), 0, "status");
    }

    function testFuzz_changed_signature(uint8 at, uint8 flip, bool revoking) public {
        vm.assume(flip != 0);
        IConsentLedger.Grant memory g = grantOf(patient, 1);
        bytes memory signature = revoking ? signedRevoke(key, patient, id(1)) : signed(key, g);
        signature[at % 65] ^= bytes1(flip);
        if (!revoking) return refuses(g, signature);
        vm.expectRevert(IConsentLedger.BadSignature.selector);
        ledger.revoke(patient, id(1), signature);
    }

    function testFuzz_any_bytes_are_no_signature(bytes calldata signature) public {
        refuses(grantOf(patient, 1), signature);
    }

    function testFuzz_a_stranger_signs(uint256 who) public {
        uint256 stranger = within(who, 1, ORDER - 1);
        vm.assume(stranger != key);
        IConsentLedger.Grant memory g = grantOf(patient, 1);
        refuses(g, signed(stranger, g));
        bytes memory signature = signedRevoke(stranger, patient, g.consentId);
        vm.expectRevert(IConsentLedger.BadSignature.selector);
        ledger.revoke(patient, g.consentId, signature);
    }

    function testFuzz_another_chain(uint64 chain) public {
        vm.assume(chain != block.chainid && chain != 0);
        IConsentLedger.Grant memory g = grantOf(patient, 1);
        uint256 home = block.chainid;
        (bytes memory signature, bytes memory revocation) = (signed(key, g), signedRevoke(key, patient, g.consentId));
        // A chain that split off keeps the contract's code and address: the domain must follow the chain's own number.
        vm.chainId(chain);
        refuses(g, signature);
        vm.expectRevert(IConsentLedger.BadSignature.selector);
        ledger.revoke(patient, g.consentId, revocation);
        bytes memory again = signed(key, g);
        vm.chainId(home);
        refuses(g, again);
        ledger.grant(g, signature);
        ledger.revoke(patient, g.consentId, revocation);
    }

    function testFuzz_another_contract(uint256 n) public {
        IConsentLedger.Grant memory g = grantOf(patient, n);
        (bytes memory signature, bytes memory revocation) = (signed(key, g), signedRevoke(key, patient, g.consentId));
        ledger = IConsentLedger(deploy("ConsentLedger"));
        refuses(g, signature);
        vm.expectRevert(IConsentLedger.BadSignature.selector);
        ledger.revoke(patient, g.consentId, revocation);
    }

    /// A grant's signature is no revocation's, nor the other way round, whatever the ids.
    function testFuzz_one_message_is_not_the_other(bytes32 consentId) public {
        IConsentLedger.Grant memory g = grantOf(patient, 1);
        g.consentId = consentId;
        refuses(g, signedRevoke(key, patient, consentId));
        bytes memory signature = signed(key, g);
        vm.expectRevert(IConsentLedger.BadSignature.selector);
        ledger.revoke(patient, consentId, signature);
    }

    function testFuzz_another_domain_name(string calldata name, string calldata version) public {
        vm.assume(keccak256(bytes(name)) != keccak256("FhirConsentLedger") || keccak256(bytes(version)) != keccak256("1"));
        IConsentLedger.Grant memory g = grantOf(patient, 1);
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256(bytes(version)),
                block.chainid,
                address(ledger)
            )
        );
        refuses(g, sign(key, grantDigest(domain, g)));
    }

    /// Whoever sends it, the outcome is the same: front-running gives nothing.
    function testFuzz_the_sender_does_not_matter(address sender) public {
        vm.assume(sender != address(0));
        IConsentLedger.Grant memory g = grantOf(patient, 1);
        bytes memory signature = signed(key, g);
        vm.prank(sender);
        ledger.grant(g, signature);
        same(ledger.status(patient, g.consentId), activeWord(g, NOW), "word");
    }
}
