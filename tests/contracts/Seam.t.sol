// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuditAnchor} from "../../anchoring/contract/IAuditAnchor.sol";
import {IConsentLedger} from "../../anchoring/contract/IConsentLedger.sol";
import {ConsentKit} from "./support/ConsentKit.sol";
import {Vm} from "./support/Vm.sol";

interface Domain {
    function eip712Domain() external view returns (bytes1, string memory, string memory, uint256, address, bytes32, uint256[] memory);
}

/// The seam to the C++ (anchoring/ledger): the numbers that its tests name, and that ethers computed for it, hold here too.
contract SeamTest is ConsentKit {
    function test_selectors() public pure {
        same(IConsentLedger.request.selector, bytes4(0xbb547347), "request");
        same(IConsentLedger.grant.selector, bytes4(0xa5bda726), "grant");
        same(IConsentLedger.grantBatch.selector, bytes4(0xdb19624d), "grantBatch");
        same(IConsentLedger.revoke.selector, bytes4(0x2f680ab8), "revoke");
        same(IConsentLedger.applyBatch.selector, bytes4(0xad692eb0), "applyBatch");
        same(IConsentLedger.status.selector, bytes4(0xd6d76ed5), "status");
        same(IAuditAnchor.open.selector, bytes4(0xd3b3f73a), "open");
        same(IAuditAnchor.rotateOwner.selector, bytes4(0x9f1d7011), "rotateOwner");
        same(IAuditAnchor.anchor.selector, bytes4(0xeed96158), "anchor");
        same(IAuditAnchor.included.selector, bytes4(0x7d4cb174), "included");
        same(IAuditAnchor.head.selector, bytes4(0xf339e3b2), "head");
    }

    function test_errors() public pure {
        same(IConsentLedger.AlreadyActive.selector, bytes4(0xf9be60a2), "AlreadyActive");
        same(IConsentLedger.AlreadyRevoked.selector, bytes4(0x905e7107), "AlreadyRevoked");
        same(IConsentLedger.BadPeriod.selector, bytes4(0x7bdc76e2), "BadPeriod");
        same(IConsentLedger.BadSignature.selector, bytes4(0x5cd5d233), "BadSignature");
        same(IConsentLedger.DeadlinePassed.selector, bytes4(0x70f65caa), "DeadlinePassed");
        same(IConsentLedger.LengthMismatch.selector, bytes4(0xff633a38), "LengthMismatch");
        same(IAuditAnchor.AlreadyOpen.selector, bytes4(0x965f8d94), "AlreadyOpen");
        same(IAuditAnchor.BadConsistencyProof.selector, bytes4(0xdb82cb5e), "BadConsistencyProof");
        same(IAuditAnchor.NotGrowing.selector, bytes4(0x80e1cc91), "NotGrowing");
        same(IAuditAnchor.NotOwner.selector, bytes4(0x30cd7471), "NotOwner");
        same(IAuditAnchor.UnknownLog.selector, bytes4(0x743573b1), "UnknownLog");
        same(IAuditAnchor.ZeroOwner.selector, bytes4(0x9905827b), "ZeroOwner");
    }

    function test_topics() public pure {
        same(IConsentLedger.Requested.selector, 0xa0f5d403169b2ee3fc9a51e3b66dbb6b216c9fa84b4a3bdc53d8fb79a4cc0c33, "Requested");
        same(IConsentLedger.Granted.selector, 0x590a165e8be6704f2c7f4e1ea2291d18d6b2ecbf5213137aba20fed9f04b7385, "Granted");
        same(IConsentLedger.Revoked.selector, 0x6e70be4be1a4aebd688b5523bd8b6278acac3963d71ebf2bd5ea50757047664b, "Revoked");
        same(IConsentLedger.Skipped.selector, 0x7b185704c2f6d1a92f48b9e0f65649a1701984124dc65d5a934e444d59f094b3, "Skipped");
        same(IAuditAnchor.Opened.selector, 0x07c741e8ba3753a663e0ae1705e8b4371f1c132ae1de784b4be66b38db729633, "Opened");
        same(IAuditAnchor.OwnerRotated.selector, 0x32efbab036a0d4f5c6450778c2c262dbe94dd466a290e7188104d844a9fa9dbd, "OwnerRotated");
        same(IAuditAnchor.Anchored.selector, 0xbea4d11b910aad40d2df2a90d97a3329219b6389f85777c99daad7eb5fafd439, "Anchored");
    }

    function filled(uint8 n) private pure returns (bytes32) {
        return bytes32(uint256(n) * (type(uint256).max / 255));
    }

    function ethersGrant(uint8 n) private pure returns (IConsentLedger.Grant memory) {
        return IConsentLedger.Grant(
            0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F, filled(n), filled(0x22), 1_700_000_000, 1_800_000_000, 1_750_000_000
        );
    }

    /// The contract takes the very signature that codec_test.cpp expects of the C++ signer.
    function test_the_signature_of_the_cpp_tests() public {
        address at = 0x3535353535353535353535353535353535353535;
        vm.etch(at, address(ledger).code);
        vm.chainId(1262830405);
        ledger = IConsentLedger(at);
        IConsentLedger.Grant memory g = ethersGrant(0x11);
        same(here(), 0x60d581c413118823e8a291016d529cde407c1cc121919adf7251ac8ab72cdd37, "domain");
        same(grantDigest(here(), g), 0x64e4514748bcf1d39dcf71544a4825d42c9bc7475b1c35571964ed54f2a4677d, "grant");
        same(revokeDigest(here(), g.subject, g.consentId), 0x6c91125fa6d370847733bb65dca332faf1178f3f4f3890b023d00df20a532874, "revoke");
        ledger.grant(
            g,
            hex"205f264236a34690608c7cf75477c0726b7335d1f78ca81dd0d06f792656b54b4eb5123f08d06918e3e870a5fc57fadedfb8a01235747c6a5b9bb6b0d8d5a69e1b"
        );
        same(ledger.status(g.subject, g.consentId), activeWord(g, NOW), "word");
    }

    /// What the contract tells of its domain (ERC-5267), hashed by forge's own EIP-712 from JSON: names of fields and all.
    function test_digest_as_a_wallet_computes_it() public view {
        (bytes1 fields, string memory name, string memory version, uint256 chain, address at, bytes32 salt,) =
            Domain(address(ledger)).eip712Domain();
        check(fields == 0x0f && salt == 0, "fields of the domain");
        string memory json = string.concat(
            '{"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},',
            '{"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"}],',
            '"Revoke":[{"name":"subject","type":"address"},{"name":"consentId","type":"bytes32"}]},"primaryType":"Revoke","domain":{"name":"',
            string.concat(name, '","version":"', version, '","chainId":', vm.toString(chain), ',"verifyingContract":"', vm.toString(at)),
            string.concat('"},"message":{"subject":"', vm.toString(patient), '","consentId":"', vm.toString(id(1)), '"}}')
        );
        same(vm.eip712HashTypedData(json), revokeDigest(here(), patient, id(1)), "digest");
    }

    /// The calldata that ethers made for the C++ tests is what solc encodes, and the contract decodes it.
    function test_calldata_of_the_cpp_tests() public {
        string memory path = vm.envOr("KEDGE_CONTRACT_FIXTURE", "");
        vm.skip(bytes(path).length == 0, "tests/contracts/run makes the fixture that this needs");
        string memory fixture = vm.readFile(path);
        bytes[] memory signatures = new bytes[](1);
        signatures[0] = bytes.concat(filled(0xaa), filled(0xaa), hex"aa");
        IConsentLedger.Revocation[] memory revocations = new IConsentLedger.Revocation[](1);
        revocations[0] = IConsentLedger.Revocation(ethersGrant(0x11).subject, filled(0x11));
        IConsentLedger.Grant[] memory grants = new IConsentLedger.Grant[](2);
        (grants[0], grants[1]) = (ethersGrant(0x11), ethersGrant(0x12));

        expectCall(fixture, "kGrant", abi.encodeCall(IConsentLedger.grant, (grants[0], signatures[0])), true);
        expectCall(fixture, "kRevoke", abi.encodeCall(IConsentLedger.revoke, (grants[0].subject, filled(0x11), signatures[0])), true);
        bytes[] memory two = new bytes[](2);
        (two[0], two[1]) = (signatures[0], bytes.concat(filled(0xbb), filled(0xbb), hex"bb"));
        expectCall(fixture, "kGrantBatch", abi.encodeCall(IConsentLedger.grantBatch, (grants, two)), false);
        bytes[] memory three = new bytes[](3);
        (three[0], three[1], three[2]) = (signatures[0], two[0], two[1]);
        expectCall(fixture, "kApplyBatch", abi.encodeCall(IConsentLedger.applyBatch, (revocations, grants, three)), false);

        bytes32[] memory proof = new bytes32[](2);
        (proof[0], proof[1]) = (filled(0x55), filled(0x66));
        bytes memory anchor = abi.encodeCall(IAuditAnchor.anchor, (filled(0x33), 5, filled(0x44), proof));
        same(vm.parseJsonBytes(fixture, ".calldata.kAnchor"), anchor, "kAnchor");
    }

    function expectCall(string memory fixture, string memory name, bytes memory encoded, bool reverts) private {
        bytes memory vector = vm.parseJsonBytes(fixture, string.concat(".calldata.", name));
        same(vector, encoded, name);
        vm.recordLogs();
        (bool taken, bytes memory why) = address(ledger).call(vector);
        check(taken != reverts, name);
        if (reverts) same(why, abi.encodePacked(IConsentLedger.BadSignature.selector), name);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            same(logs[i].data, abi.encode(5), name); // Skipped, BadSignature
        }
        if (!reverts) check(logs.length > 1, name);
    }
}
