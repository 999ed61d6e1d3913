#include "anchoring/ledger/consent_events.hpp"

#include "anchoring/ethereum/abi.hpp"
#include "anchoring/ledger/event_codec.hpp"

namespace ledger {
namespace {

using ethereum::AbiValue;

const Hash kRequested = ethereum::event_topic("Requested(address,bytes32,bytes32,uint64)");
const Hash kGranted = ethereum::event_topic("Granted(address,bytes32,bytes32,uint64,uint64)");
const Hash kRevoked = ethereum::event_topic("Revoked(address,bytes32)");
const Hash kSkipped = ethereum::event_topic("Skipped(address,bytes32,uint8)");

struct Encoder {
    const Address& contract;
    Event operator()(const Requested& e) const {
        return make_event(contract, kRequested, {AbiValue::of(e.requester), AbiValue::of(e.request_id)},
                          {AbiValue::of(e.request_hash), AbiValue::of(e.expires)});
    }
    Event operator()(const Granted& e) const {
        return make_event(contract, kGranted, {AbiValue::of(e.subject), AbiValue::of(e.consent_id)},
                          {AbiValue::of(e.terms_hash), AbiValue::of(e.not_before), AbiValue::of(e.not_after)});
    }
    Event operator()(const Revoked& e) const {
        return make_event(contract, kRevoked, {AbiValue::of(e.subject), AbiValue::of(e.consent_id)}, {});
    }
    Event operator()(const Skipped& e) const {
        return make_event(contract, kSkipped, {AbiValue::of(e.subject), AbiValue::of(e.consent_id)},
                          {AbiValue::of(static_cast<std::uint64_t>(e.reason))});
    }
};

}  // namespace

Event to_event(const Address& consent_ledger, const ConsentEvent& event) {
    return std::visit(Encoder{consent_ledger}, event);
}

base::Result<std::optional<ConsentEvent>> consent_event(const Event& event) {
    if (event.topics.empty()) return std::nullopt;
    const auto& topic = event.topics[0];
    const char* data = topic == kRequested ? "(bytes32,uint64)"
                       : topic == kGranted ? "(bytes32,uint64,uint64)"
                       : topic == kRevoked ? "()"
                       : topic == kSkipped ? "(uint8)"
                                           : nullptr;
    if (data == nullptr) return std::nullopt;
    const auto v = read_event(event, "(address,bytes32)", data);
    if (!v) return base::pass(v);
    const auto who = (*v)[0].as_address();
    const auto& id = (*v)[1].word;
    if (topic == kRequested) return Requested{who, id, (*v)[2].word, (*v)[3].as_u64()};
    if (topic == kGranted) return Granted{who, id, (*v)[2].word, (*v)[3].as_u64(), (*v)[4].as_u64()};
    if (topic == kRevoked) return Revoked{who, id};
    const auto reason = static_cast<SkipReason>((*v)[2].as_u64());
    if (to_string(reason).empty()) return base::fail(base::Kind::invalid, "ConsentLedger skipped an item for a reason that is not known");
    return Skipped{who, id, reason};
}

}  // namespace ledger
