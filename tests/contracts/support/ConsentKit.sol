// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsentLedger} from "../../../anchoring/contract/IConsentLedger.sol";
import {Kit} from "./Kit.sol";
import {Vm} from "./Vm.sol";

/// A ledger, patients' keys, and messages made from the text of the specification, not by the contract's own code.
abstract contract ConsentKit is Kit {
    uint64 internal constant NOW = 1_750_000_000;
    uint64 internal constant OPEN = 2 ** 48 - 1;
    uint256 internal constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    IConsentLedger internal ledger;
    uint256 internal key = patientKey(1);
    address internal patient = vm.addr(key);

    function setUp() public virtual {
        begin();
    }

    function begin() internal {
        vm.warp(NOW);
        ledger = IConsentLedger(deploy("ConsentLedger"));
    }

    function patientKey(uint256 n) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("patient", n))) % (ORDER - 1) + 1;
    }

    function id(uint256 n) internal pure returns (bytes32) {
        return keccak256(abi.encode("consent", n));
    }

    function grantOf(address subject, uint256 n) internal pure returns (IConsentLedger.Grant memory) {
        return IConsentLedger.Grant(subject, id(n), keccak256(abi.encode("terms", n)), NOW - 100, NOW + 1_000_000, NOW + 100);
    }

    function separator(uint256 chain, address at) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("FhirConsentLedger"),
                keccak256("1"),
                chain,
                at
            )
        );
    }

    function grantDigest(bytes32 domain, IConsentLedger.Grant memory g) internal pure returns (bytes32) {
        bytes32 kind =
            keccak256("Grant(address subject,bytes32 consentId,bytes32 termsHash,uint64 notBefore,uint64 notAfter,uint64 deadline)");
        return keccak256(abi.encodePacked(hex"1901", domain, keccak256(abi.encode(kind, g))));
    }

    function revokeDigest(bytes32 domain, address subject, bytes32 consentId) internal pure returns (bytes32) {
        bytes32 kind = keccak256("Revoke(address subject,bytes32 consentId)");
        return keccak256(abi.encodePacked(hex"1901", domain, keccak256(abi.encode(kind, subject, consentId))));
    }

    function sign(uint256 signer, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signer, digest);
        return abi.encodePacked(r, s, v);
    }

    function here() internal view returns (bytes32) {
        return separator(block.chainid, address(ledger));
    }

    function signed(uint256 signer, IConsentLedger.Grant memory g) internal view returns (bytes memory) {
        return sign(signer, grantDigest(here(), g));
    }

    function signedRevoke(uint256 signer, address subject, bytes32 consentId) internal view returns (bytes memory) {
        return sign(signer, revokeDigest(here(), subject, consentId));
    }

    /// The word as the README lays it out, put together by addition.
    function wordOf(uint256 state, uint256 notBefore, uint256 notAfter, uint256 changedAt, bytes32 termsHash)
        internal
        pure
        returns (uint256)
    {
        return state + notBefore * 2 ** 8 + notAfter * 2 ** 56 + changedAt * 2 ** 104 + (uint256(termsHash) >> 152) * 2 ** 152;
    }

    function activeWord(IConsentLedger.Grant memory g, uint256 at) internal pure returns (uint256) {
        return wordOf(1, g.notBefore, g.notAfter, at, g.termsHash);
    }

    function give(uint256 n) internal returns (IConsentLedger.Grant memory g) {
        g = grantOf(patient, n);
        ledger.grant(g, signed(key, g));
    }

    function isSkipped(Vm.Log memory log, address subject, bytes32 consentId, uint256 reason) internal view {
        same(log.emitter, address(ledger), "emitter");
        same(log.topics.length, 3, "topics of Skipped");
        same(log.topics[0], keccak256("Skipped(address,bytes32,uint8)"), "topic of Skipped");
        same(log.topics[1], bytes32(uint256(uint160(subject))), "skipped subject");
        same(log.topics[2], consentId, "skipped consent");
        same(log.data, abi.encode(reason), "skip reason");
    }

    function isRevoked(Vm.Log memory log, address subject, bytes32 consentId) internal pure {
        same(log.topics[0], keccak256("Revoked(address,bytes32)"), "topic of Revoked");
        same(log.topics[1], bytes32(uint256(uint160(subject))), "revoked subject");
        same(log.topics[2], consentId, "revoked consent");
    }

    function isGranted(Vm.Log memory log, IConsentLedger.Grant memory g) internal pure {
        same(log.topics[0], keccak256("Granted(address,bytes32,bytes32,uint64,uint64)"), "topic of Granted");
        same(log.topics[1], bytes32(uint256(uint160(g.subject))), "granted subject");
        same(log.topics[2], g.consentId, "granted consent");
        same(log.data, abi.encode(g.termsHash, g.notBefore, g.notAfter), "what was granted");
    }
}
