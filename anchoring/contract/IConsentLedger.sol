// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What ConsentLedger takes and says
/// @notice A consent is a 32-byte random id and a 32-byte commitment to its terms, signed by the patient's own key. Nothing here names a
/// patient, a record or a purpose. All times are seconds since 1970.
/// @dev README.md in this folder fixes names, types and the order of checks; kedge's embedded ledger executes the same rules natively.
interface IConsentLedger {
    /// @notice What a patient signs to give a consent.
    /// @param subject whose key signs: an account, or a contract wallet (ERC-1271)
    /// @param consentId random and used once
    /// @param termsHash the salted commitment to the terms
    /// @param notBefore the first second covered
    /// @param notAfter the first second not covered, at most 2^48-1, which means open
    /// @param deadline the last block time at which the grant is taken
    struct Grant {
        address subject;
        bytes32 consentId;
        bytes32 termsHash;
        uint64 notBefore;
        uint64 notAfter;
        uint64 deadline;
    }

    /// @notice What a patient signs to take a consent back. It has no deadline: it can be signed beside the grant and kept by anybody.
    /// @param subject whose key signs
    /// @param consentId the consent, granted or not yet granted
    struct Revocation {
        address subject;
        bytes32 consentId;
    }

    /// @notice Why a grant or a revocation is not taken; the number in {Skipped}. Each but None has the error of the same name.
    enum Refusal {
        None,
        BadPeriod,
        DeadlinePassed,
        AlreadyActive,
        AlreadyRevoked,
        BadSignature
    }

    /// @notice Somebody asks for a consent. The ledger keeps nothing of it.
    /// @param requester who sent the transaction
    /// @param requestId the requester's own number
    /// @param requestHash the salted commitment to what is asked
    /// @param expires when the requester no longer waits
    event Requested(address indexed requester, bytes32 indexed requestId, bytes32 requestHash, uint64 expires);

    /// @notice A consent became active.
    /// @param subject who gave it
    /// @param consentId its id
    /// @param termsHash the whole commitment, of which {status} keeps the first 104 bits
    /// @param notBefore the first second covered
    /// @param notAfter the first second not covered
    event Granted(address indexed subject, bytes32 indexed consentId, bytes32 termsHash, uint64 notBefore, uint64 notAfter);

    /// @notice A consent is revoked for ever. Without a Granted before it, it is a tombstone that blocks the grant.
    /// @param subject who revoked it
    /// @param consentId its id
    event Revoked(address indexed subject, bytes32 indexed consentId);

    /// @notice An item of a batch was refused and changed nothing.
    /// @param subject the item's subject
    /// @param consentId the item's consent
    /// @param reason why
    event Skipped(address indexed subject, bytes32 indexed consentId, Refusal reason);

    /// @notice The period is empty, or ends above 2^48-1.
    error BadPeriod();
    /// @notice The block's time is past the grant's deadline.
    error DeadlinePassed();
    /// @notice The consent is active: an id is used once.
    error AlreadyActive();
    /// @notice The consent is revoked, and stays so.
    error AlreadyRevoked();
    /// @notice The subject did not sign this.
    error BadSignature();
    /// @notice A batch needs one signature for each of its items.
    error LengthMismatch();

    /// @notice Says {Requested}, and keeps nothing.
    /// @param requestId the requester's own number
    /// @param requestHash the salted commitment to what is asked
    /// @param expires when the requester no longer waits
    function request(bytes32 requestId, bytes32 requestHash, uint64 expires) external;

    /// @notice Makes a consent active. Anybody may send it: only the signature counts.
    /// @param g what was signed
    /// @param signature the subject's signature of it
    function grant(Grant calldata g, bytes calldata signature) external;

    /// @notice Each grant as {grant}; one that is refused is {Skipped} and does not stop the others.
    /// @param grants what was signed
    /// @param signatures one for each grant
    function grantBatch(Grant[] calldata grants, bytes[] calldata signatures) external;

    /// @notice Revokes a consent, granted or not. Repeated, it changes nothing and says nothing, but still needs the signature.
    /// @param subject whose consent it is
    /// @param consentId its id
    /// @param signature the subject's signature of the {Revocation}
    function revoke(address subject, bytes32 consentId, bytes calldata signature) external;

    /// @notice Each revocation as {revoke}, then each grant as {grant}; what is refused is {Skipped} and does not stop the others.
    /// @param revocations these first, so that the safe direction wins when a consent is in both lists
    /// @param grants then these
    /// @param signatures one for each revocation, then one for each grant
    function applyBatch(Revocation[] calldata revocations, Grant[] calldata grants, bytes[] calldata signatures) external;

    /// @notice What the ledger keeps for a consent; see ConsentWord for its layout. Zero when it knows nothing.
    /// @param subject whose consent it is
    /// @param consentId its id
    /// @return word state, period, time of the last change, first 104 bits of termsHash
    function status(address subject, bytes32 consentId) external view returns (uint256 word);
}
