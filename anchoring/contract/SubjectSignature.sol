// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Whether a subject signed a digest
/// @notice Takes what OpenZeppelin's SignatureChecker takes, with two differences, both for the subject's sake.
/// @dev 1. The key of the address comes first, whether or not there is code at it. An account that delegated itself to code (EIP-7702)
/// keeps its key's power, so a revocation that it signed before must stay good; SignatureChecker would ask only the code. It also
/// spares every ordinary account a look at its code (2,600 gas).
/// 2. A wallet gets a bounded amount of gas, and of its answer only one word is read. SignatureChecker hands over all gas, so in a batch
/// one hostile wallet could burn it and stop the revocations of others.
library SubjectSignature {
    /// @notice The gas a wallet may use for its answer: enough for a passkey whose curve is computed in Solidity (about 330,000).
    uint256 internal constant WALLET_GAS = 500_000;

    /// @notice Whether `subject` signed `digest`: its own key (65 bytes r, s, v; v 27 or 28; low s), or its wallet's word (ERC-1271).
    /// @dev With too little gas left for the wallet the answer is false, which refuses and changes nothing: it can be sent again.
    /// @param subject who is said to have signed
    /// @param digest the EIP-712 digest
    /// @param signature what is said to be the signature
    /// @return whether it holds
    function isSignedBy(address subject, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        (address signer, ECDSA.RecoverError problem,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (problem == ECDSA.RecoverError.NoError && signer == subject) return true;
        // Without code there is no wallet; a precompiled contract is none either.
        return subject.code.length != 0 && _walletTakes(subject, digest, signature);
    }

    function _walletTakes(address wallet, bytes32 digest, bytes calldata signature) private view returns (bool taken) {
        bytes memory question = abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
        bytes32 yes = bytes32(IERC1271.isValidSignature.selector);
        // By hand because Solidity's own call would copy the whole answer, however long, into our memory at our cost.
        assembly ("memory-safe") {
            let answered := staticcall(WALLET_GAS, wallet, add(question, 0x20), mload(question), 0x00, 0x20)
            taken := and(and(answered, gt(returndatasize(), 0x1f)), eq(mload(0x00), yes))
        }
    }
}
