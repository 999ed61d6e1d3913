#include "anchoring/ledger/audit_anchor.hpp"

#include "anchoring/ethereum/abi.hpp"
#include "anchoring/ledger/event_codec.hpp"

#include <algorithm>

namespace ledger {
namespace {

using ethereum::AbiValue;

constexpr std::string_view kOpen = "open(bytes32)";
constexpr std::string_view kRotateOwner = "rotateOwner(bytes32,address)";
constexpr std::string_view kAnchor = "anchor(bytes32,uint64,bytes32,bytes32[])";
constexpr std::string_view kHead = "head(bytes32)";
constexpr std::string_view kIncluded = "included(bytes32,uint64,bytes32,bytes32[])";

const Hash kOpened = ethereum::event_topic("Opened(bytes32,address)");
const Hash kOwnerRotated = ethereum::event_topic("OwnerRotated(bytes32,address,address)");
const Hash kAnchored = ethereum::event_topic("Anchored(bytes32,uint64,bytes32)");

AbiValue to_abi(std::span<const Hash> hashes) {
    std::vector<AbiValue> out;
    for (const auto& hash : hashes) out.push_back(AbiValue::of(hash));
    return AbiValue::array(std::move(out));
}

struct CallEncoder {
    base::Bytes operator()(const OpenCall& c) const { return ethereum::abi_call(kOpen, {AbiValue::of(c.log_id)}); }
    base::Bytes operator()(const RotateOwnerCall& c) const {
        return ethereum::abi_call(kRotateOwner, {AbiValue::of(c.log_id), AbiValue::of(c.new_owner)});
    }
    base::Bytes operator()(const AnchorCall& c) const {
        return ethereum::abi_call(kAnchor,
                                  {AbiValue::of(c.log_id), AbiValue::of(c.size), AbiValue::of(c.root), to_abi(c.consistency_proof)});
    }
};

struct EventEncoder {
    const Address& contract;
    Event operator()(const Opened& e) const { return make_event(contract, kOpened, {AbiValue::of(e.log_id), AbiValue::of(e.owner)}, {}); }
    Event operator()(const OwnerRotated& e) const {
        return make_event(contract, kOwnerRotated, {AbiValue::of(e.log_id), AbiValue::of(e.previous_owner), AbiValue::of(e.new_owner)}, {});
    }
    Event operator()(const Anchored& e) const {
        return make_event(contract, kAnchored, {AbiValue::of(e.log_id), AbiValue::of(e.size)}, {AbiValue::of(e.root)});
    }
};

AnchorCalls call_from(std::string_view signature, const std::vector<AbiValue>& v) {
    if (signature == kOpen) return OpenCall{v[0].word};
    if (signature == kRotateOwner) return RotateOwnerCall{v[0].word, v[1].as_address()};
    AnchorCall out{v[0].word, v[1].as_u64(), v[2].word, {}};
    for (const auto& item : v[3].items) out.consistency_proof.push_back(item.word);
    return out;
}

}  // namespace

base::Bytes encode_call(const AnchorCalls& call) {
    return std::visit(CallEncoder{}, call);
}

base::Result<AnchorCalls> decode_anchor_call(base::ByteView calldata) {
    for (const auto signature : {kOpen, kRotateOwner, kAnchor}) {
        const auto selector = ethereum::selector(signature);
        if (calldata.size() < 4 || !std::equal(selector.begin(), selector.end(), calldata.begin())) continue;
        const auto values = ethereum::abi_decode(signature.substr(signature.find('(')), calldata.subspan(4));
        if (!values) return base::pass(values);
        return call_from(signature, *values);
    }
    return base::fail(base::Kind::invalid, "AuditAnchor has no such function");
}

base::Bytes head_call(const Hash& log_id) {
    return ethereum::abi_call(kHead, {AbiValue::of(log_id)});
}

base::Bytes included_call(const Hash& log_id, std::uint64_t index, const Hash& leaf_hash, std::span<const Hash> path) {
    return ethereum::abi_call(kIncluded, {AbiValue::of(log_id), AbiValue::of(index), AbiValue::of(leaf_hash), to_abi(path)});
}

Event to_event(const Address& audit_anchor, const AnchorEvent& event) {
    return std::visit(EventEncoder{audit_anchor}, event);
}

base::Result<std::optional<AnchorEvent>> anchor_event(const Event& event) {
    if (event.topics.empty()) return std::nullopt;
    const auto& topic = event.topics[0];
    if (topic == kOpened) {
        const auto v = read_event(event, "(bytes32,address)", "()");
        if (!v) return base::pass(v);
        return Opened{(*v)[0].word, (*v)[1].as_address()};
    }
    if (topic == kOwnerRotated) {
        const auto v = read_event(event, "(bytes32,address,address)", "()");
        if (!v) return base::pass(v);
        return OwnerRotated{(*v)[0].word, (*v)[1].as_address(), (*v)[2].as_address()};
    }
    if (topic == kAnchored) {
        const auto v = read_event(event, "(bytes32,uint64)", "(bytes32)");
        if (!v) return base::pass(v);
        return Anchored{(*v)[0].word, (*v)[1].as_u64(), (*v)[2].word};
    }
    return std::nullopt;
}

}  // namespace ledger
