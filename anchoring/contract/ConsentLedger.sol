// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ConsentWord} from "./ConsentWord.sol";
import {IConsentLedger} from "./IConsentLedger.sol";
import {SubjectSignature} from "./SubjectSignature.sol";

/// @title Patients' consents
/// @notice The patient's signature is the only power here: there is no owner, no role, no proxy and no pause.
/// @dev No nonces. A consent's state only moves None -> Active -> Revoked and its id is used once, so replay, another order and front-running
/// change nothing. Nothing is called but the subject's wallet, and that by staticcall: there is no re-entry.
contract ConsentLedger is IConsentLedger, EIP712 {
    bytes32 private constant GRANT_TYPE =
        keccak256("Grant(address subject,bytes32 consentId,bytes32 termsHash,uint64 notBefore,uint64 notAfter,uint64 deadline)");
    bytes32 private constant REVOKE_TYPE = keccak256("Revoke(address subject,bytes32 consentId)");

    /// @dev By keccak256(abi.encode(subject, consentId)); the word is ConsentWord's.
    mapping(bytes32 key => uint256 word) private _words;

    /// @notice Signatures are made for this contract on this chain (EIP-712).
    constructor() EIP712("FhirConsentLedger", "1") {}

    /// @inheritdoc IConsentLedger
    function request(bytes32 requestId, bytes32 requestHash, uint64 expires) external {
        emit Requested(msg.sender, requestId, requestHash, expires);
    }

    /// @inheritdoc IConsentLedger
    function grant(Grant calldata g, bytes calldata signature) external {
        _require(_grant(g, signature));
    }

    /// @inheritdoc IConsentLedger
    function grantBatch(Grant[] calldata grants, bytes[] calldata signatures) external {
        if (signatures.length != grants.length) revert LengthMismatch();
        _grantEach(grants, signatures, 0);
    }

    /// @inheritdoc IConsentLedger
    function revoke(address subject, bytes32 consentId, bytes calldata signature) external {
        _require(_revoke(subject, consentId, signature));
    }

    /// @inheritdoc IConsentLedger
    function applyBatch(Revocation[] calldata revocations, Grant[] calldata grants, bytes[] calldata signatures) external {
        if (signatures.length != revocations.length + grants.length) revert LengthMismatch();
        for (uint256 i = 0; i < revocations.length; ++i) {
            Revocation calldata r = revocations[i];
            _skipIf(_revoke(r.subject, r.consentId, signatures[i]), r.subject, r.consentId);
        }
        _grantEach(grants, signatures, revocations.length);
    }

    /// @inheritdoc IConsentLedger
    function status(address subject, bytes32 consentId) external view returns (uint256 word) {
        return _words[_key(subject, consentId)];
    }

    /// @dev The cheap checks first, the signature last: the order decides which reason is told.
    function _grant(Grant calldata g, bytes calldata signature) private returns (Refusal) {
        if (g.notBefore >= g.notAfter || g.notAfter > ConsentWord.NO_END) return Refusal.BadPeriod;
        if (block.timestamp > g.deadline) return Refusal.DeadlinePassed;
        bytes32 key = _key(g.subject, g.consentId);
        uint256 state = ConsentWord.state(_words[key]);
        if (state == ConsentWord.ACTIVE) return Refusal.AlreadyActive;
        if (state == ConsentWord.REVOKED) return Refusal.AlreadyRevoked;
        bytes32 signed = keccak256(abi.encode(GRANT_TYPE, g.subject, g.consentId, g.termsHash, g.notBefore, g.notAfter, g.deadline));
        if (!SubjectSignature.isSignedBy(g.subject, _hashTypedDataV4(signed), signature)) return Refusal.BadSignature;
        _words[key] = ConsentWord.active(g.notBefore, g.notAfter, g.termsHash);
        emit Granted(g.subject, g.consentId, g.termsHash, g.notBefore, g.notAfter);
        return Refusal.None;
    }

    /// @dev The signature first: a success always means that the subject signed.
    function _revoke(address subject, bytes32 consentId, bytes calldata signature) private returns (Refusal) {
        bytes32 signed = keccak256(abi.encode(REVOKE_TYPE, subject, consentId));
        if (!SubjectSignature.isSignedBy(subject, _hashTypedDataV4(signed), signature)) return Refusal.BadSignature;
        bytes32 key = _key(subject, consentId);
        uint256 word = _words[key];
        if (ConsentWord.state(word) == ConsentWord.REVOKED) return Refusal.None;
        _words[key] = ConsentWord.revoked(word);
        emit Revoked(subject, consentId);
        return Refusal.None;
    }

    /// @dev The signature of the first grant stands at `first`; the caller has checked that there are enough.
    function _grantEach(Grant[] calldata grants, bytes[] calldata signatures, uint256 first) private {
        for (uint256 i = 0; i < grants.length; ++i) {
            Grant calldata g = grants[i];
            _skipIf(_grant(g, signatures[first + i]), g.subject, g.consentId);
        }
    }

    function _skipIf(Refusal refusal, address subject, bytes32 consentId) private {
        if (refusal != Refusal.None) emit Skipped(subject, consentId, refusal);
    }

    function _require(Refusal refusal) private pure {
        if (refusal == Refusal.None) return;
        if (refusal == Refusal.BadPeriod) revert BadPeriod();
        if (refusal == Refusal.DeadlinePassed) revert DeadlinePassed();
        if (refusal == Refusal.AlreadyActive) revert AlreadyActive();
        if (refusal == Refusal.AlreadyRevoked) revert AlreadyRevoked();
        revert BadSignature();
    }

    function _key(address subject, bytes32 consentId) private pure returns (bytes32) {
        return keccak256(abi.encode(subject, consentId));
    }
}
