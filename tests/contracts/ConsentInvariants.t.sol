// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsentLedger} from "../../anchoring/contract/IConsentLedger.sol";
import {ConsentKit} from "./support/ConsentKit.sol";

/// Sends the ledger random calls, most of them meant to do harm, and watches every word after each.
contract ConsentHandler is ConsentKit {
    uint256 internal constant PATIENTS = 3;
    uint256 internal constant CONSENTS = 4;

    struct Sent {
        bytes data;
        uint256 mayChange; // bit of each word for which this call carries the patient's own signature of just this
        uint256 touched; // bit of each word for which the patient signed something near it
    }

    struct Item {
        IConsentLedger.Grant grant;
        bytes signature;
        uint256 mayChange;
        uint256 touched;
    }

    uint256[PATIENTS * CONSENTS] public words;
    Sent[] internal sent;
    string public broken; // what went wrong first
    uint256 public changes;
    uint256 public tombstones;

    constructor() {
        begin();
    }

    /// It is public, so the fuzzer calls it too.
    function setUp() public override {}

    function place(uint256 who, uint256 what) private pure returns (uint256) {
        return who * CONSENTS + what;
    }

    /// Sends a call, and judges each word that changed.
    function send(bytes memory data, uint256 mayChange, address sender) private {
        vm.prank(sender == address(0) ? address(1) : sender);
        (bool taken,) = address(ledger).call(data);
        for (uint256 who = 0; who < PATIENTS; ++who) {
            for (uint256 what = 0; what < CONSENTS; ++what) {
                uint256 at = place(who, what);
                uint256 now_ = ledger.status(vm.addr(patientKey(who)), id(what));
                if (now_ != words[at]) judge(at, now_, taken && mayChange & (1 << at) != 0);
            }
        }
    }

    function judge(uint256 at, uint256 now_, bool allowed) private {
        uint256 before = words[at];
        (uint256 from, uint256 to) = (before & 0xff, now_ & 0xff);
        words[at] = now_;
        ++changes;
        if (!allowed) broken = "a word changed without its patient's signature";
        if (!(from == 0 && to == 1) && !(from == 1 && to == 2) && !(from == 0 && to == 2)) broken = "a state moved another way";
        uint256 changed = type(uint48).max * uint256(2) ** 104 + 0xff;
        if (from == 1 && (before | changed) != (now_ | changed)) broken = "a revocation changed period or terms";
        if (from == 0 && to == 2) {
            ++tombstones;
            if (now_ & ~changed != 0) broken = "a tombstone says more than its time";
        }
        if (uint48(now_ >> 104) != block.timestamp) broken = "changedAt is not the block's time";
    }

    /// `signer` below PATIENTS signs as that patient; others are strangers.
    function item(uint256 who, uint256 what, uint256 signer, uint256 wrong) private view returns (Item memory out) {
        IConsentLedger.Grant memory g = grantOf(vm.addr(patientKey(who)), what);
        g.deadline = uint64(block.timestamp) + 100;
        if (wrong % 8 == 0) g.deadline = uint64(block.timestamp) - 1;
        if (wrong % 8 == 1) g.notAfter = g.notBefore;
        out.signature = signed(patientKey(signer), g);
        if (wrong % 8 == 2) g.termsHash ^= bytes32(uint256(1));
        if (wrong % 8 == 3) g.notAfter += 1;
        out.touched = signer == who ? 1 << place(who, what) : 0;
        out.mayChange = wrong % 8 == 2 || wrong % 8 == 3 ? 0 : out.touched;
        out.grant = g;
    }

    function grant(uint256 who, uint256 what, uint256 signer, uint256 wrong, address sender) external {
        Item memory it = item(who % PATIENTS, what % CONSENTS, pick(signer, who), wrong);
        record(Sent(abi.encodeCall(IConsentLedger.grant, (it.grant, it.signature)), it.mayChange, it.touched), sender);
    }

    function revoke(uint256 who, uint256 what, uint256 signer, address sender) external {
        (who, what) = (who % PATIENTS, what % CONSENTS);
        address subject = vm.addr(patientKey(who));
        uint256 by = pick(signer, who);
        bytes memory signature = signedRevoke(patientKey(by), subject, id(what));
        uint256 may = by == who ? 1 << place(who, what) : 0;
        record(Sent(abi.encodeCall(IConsentLedger.revoke, (subject, id(what), signature)), may, may), sender);
    }

    function applyBatch(uint256 seed, uint256 revoked, uint256 granted, address sender) external {
        IConsentLedger.Revocation[] memory revocations = new IConsentLedger.Revocation[](revoked % 3);
        IConsentLedger.Grant[] memory grants = new IConsentLedger.Grant[](granted % 4);
        bytes[] memory signatures = new bytes[](revocations.length + grants.length);
        Sent memory call;
        for (uint256 i = 0; i < signatures.length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            Item memory it = item(seed % PATIENTS, (seed >> 8) % CONSENTS, pick(seed >> 16, seed), seed >> 64);
            signatures[i] = it.signature;
            if (i < revocations.length) {
                revocations[i] = IConsentLedger.Revocation(it.grant.subject, it.grant.consentId);
                uint256 signer = patientKey(pick(seed >> 16, seed));
                signatures[i] = signedRevoke(signer, it.grant.subject, it.grant.consentId);
                it.mayChange = it.touched;
            } else {
                grants[i - revocations.length] = it.grant;
            }
            call.mayChange |= it.mayChange;
            call.touched |= it.touched;
        }
        call.data = abi.encodeCall(IConsentLedger.applyBatch, (revocations, grants, signatures));
        record(call, sender);
    }

    /// Anything that was ever sent, sent again by anybody: what the patient signed once may count once.
    function replay(uint256 which, address sender) external {
        if (sent.length == 0) return;
        Sent storage again = sent[which % sent.length];
        send(again.data, again.mayChange, sender);
    }

    /// Calldata with one byte changed. It may undo what `item` broke, or move an item in a batch, so `touched` is what may change.
    function corrupt(uint256 which, uint256 at, uint8 flip, address sender) external {
        if (sent.length == 0 || flip == 0) return;
        bytes memory data = sent[which % sent.length].data;
        data[at % data.length] ^= bytes1(flip);
        send(data, sent[which % sent.length].touched, sender);
    }

    function anything(bytes4 selector, bytes calldata data, address sender) external {
        send(abi.encodePacked(selector, data), 0, sender);
    }

    function wait_(uint256 seconds_) external {
        vm.warp(block.timestamp + seconds_ % 1000);
    }

    /// Two times of three the patient's own key, else another's.
    function pick(uint256 signer, uint256 who) private pure returns (uint256) {
        return signer % 3 != 0 ? who % PATIENTS : signer % 7;
    }

    function record(Sent memory call, address sender) private {
        sent.push(call);
        send(call.data, call.mayChange, sender);
    }
}

contract ConsentInvariantsTest is ConsentKit {
    ConsentHandler internal handler;

    function setUp() public override {
        handler = new ConsentHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// None -> Active -> Revoked or None -> Revoked, by the patient's signature alone, and nothing else of the word ever changes.
    function invariant_only_the_patient_moves_a_state_and_only_forward() public view {
        check(bytes(handler.broken()).length == 0, handler.broken());
    }

    /// The run would prove nothing if the handler never got anything done.
    function test_the_handler_does_change_states() public {
        handler.grant(0, 0, 1, 7, address(7));
        handler.revoke(0, 0, 1, address(7));
        handler.revoke(1, 1, 1, address(7));
        handler.replay(0, address(8));
        same(handler.changes(), 3, "changes");
        same(handler.tombstones(), 1, "tombstones");
        check(bytes(handler.broken()).length == 0, handler.broken());
    }
}
