#include "anchoring/kedge_verify/saved_receipt.hpp"

#include "anchoring/ethereum/abi.hpp"
#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ethereum/rlp.hpp"
#include "anchoring/kedge_verify/trie.hpp"
#include "anchoring/proof/checkpoint.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>

namespace kedge_verify {
namespace {

using base::Kind;
using ethereum::Hash;
using ethereum::RlpItem;

constexpr std::string_view kKind = "receipt";
// Where things stand in a header; later forks only append.
constexpr std::size_t kTransactionsRoot = 4, kReceiptsRoot = 5, kNumber = 8, kTime = 11, kFewest = 15;

tl::unexpected<base::Error> bad(std::string why) {
    return base::fail(Kind::invalid, std::move(why));
}

bool take(const RlpItem& item, std::span<std::uint8_t> out) {
    if (item.is_list || item.payload.size() != out.size()) return false;
    std::copy(item.payload.begin(), item.payload.end(), out.begin());
    return true;
}

std::string hex(base::ByteView bytes) {
    return "0x" + base::to_hex(bytes);
}
json::Array hex_list(const std::vector<base::Bytes>& all) {
    json::Array out;
    for (const auto& one : all) out.emplace_back(hex(one));
    return out;
}
base::Status hex_list(const json::Value& line, std::string_view key, std::vector<base::Bytes>& out) {
    const auto* member = line.find(key);
    const auto* list = member == nullptr ? nullptr : member->if_array();
    if (list == nullptr) return bad("a saved receipt without '" + std::string(key) + "'");
    for (const auto& one : *list) {
        const auto* text = one.if_string();
        auto bytes = text == nullptr ? base::Result<base::Bytes>(bad("")) : base::from_hex(*text);
        if (!bytes) return bad("a saved receipt whose '" + std::string(key) + "' is no list of hex");
        out.push_back(std::move(*bytes));
    }
    return {};
}

const Hash kAnchored = ethereum::event_topic("Anchored(bytes32,uint64,bytes32)");
const Hash kGranted = ethereum::event_topic("Granted(address,bytes32,bytes32,uint64,uint64)");
const Hash kRevoked = ethereum::event_topic("Revoked(address,bytes32)");
constexpr std::string_view kAnchorCall = "anchor(bytes32,uint64,bytes32,bytes32[])";

// The indexed parameters and the data of an event, taken apart; nothing when they do not have these types.
std::optional<std::vector<ethereum::AbiValue>> values_of(const EventLog& log, std::string_view indexed, std::string_view data) {
    base::Bytes topics;
    for (std::size_t i = 1; i < log.topics.size(); ++i) topics.insert(topics.end(), log.topics[i].begin(), log.topics[i].end());
    auto first = ethereum::abi_decode(indexed, topics), second = ethereum::abi_decode(data, log.data);
    if (!first || !second) return std::nullopt;
    first->insert(first->end(), second->begin(), second->end());
    return std::move(*first);
}

std::optional<std::vector<proof::Digest>> consistency_of(base::ByteView calldata, const proof::AnchorRecord& anchor) {
    const auto selector = ethereum::selector(kAnchorCall);
    if (calldata.size() < 4 || !std::equal(selector.begin(), selector.end(), calldata.begin())) return std::nullopt;
    const auto v = ethereum::abi_decode(kAnchorCall.substr(kAnchorCall.find('(')), calldata.subspan(4));
    if (!v || (*v)[0].word != anchor.log_id || (*v)[1].as_u64() != anchor.size || (*v)[2].word != anchor.root) return std::nullopt;
    std::vector<proof::Digest> out;
    for (const auto& item : (*v)[3].items) out.push_back(item.word);
    return out;
}

void take_anchored(const EventLog& log, const EventPlace& place, const Pins& pins, Evidence& out) {
    const auto v = values_of(log, "(bytes32,uint64)", "(bytes32)");
    if (!v || (pins.log_id && (*v)[0].word != *pins.log_id)) return;
    SavedAnchor anchor;
    auto& r = anchor.record;
    r = {place.chain_id, log.address.bytes,  (*v)[0].word,     (*v)[1].as_u64(), (*v)[2].word,
         place.tx_hash,  place.block_number, place.block_hash, place.final};
    anchor.consistency = consistency_of(place.calldata, r);
    out.anchors.push_back(std::move(anchor));
}

void take_consent(const EventLog& log, const EventPlace& place, Evidence& out) {
    const bool granted = log.topics[0] == kGranted;
    const auto v = values_of(log, "(address,bytes32)", granted ? "(bytes32,uint64,uint64)" : "()");
    if (!v) return;
    ConsentRecord r;
    r.says = granted ? ConsentRecord::Says::granted : ConsentRecord::Says::revoked;
    r.chain_id = place.chain_id;
    r.contract = log.address.bytes;
    r.subject = (*v)[0].as_address().bytes;
    r.consent_id = (*v)[1].word;
    if (granted) {
        r.terms_hash = (*v)[2].word;
        r.not_before = (*v)[3].as_u64();
        r.not_after = (*v)[4].as_u64();
    }
    r.time_s = place.time_s;
    r.block_number = place.block_number;
    r.block_hash = place.block_hash;
    r.tx_hash = place.tx_hash;
    r.final = place.final;
    out.consents.push_back(r);
}

}  // namespace

base::Result<BlockHeader> decode_header(base::ByteView rlp) {
    const auto list = ethereum::rlp_decode(rlp);
    const auto items = list ? ethereum::rlp_items(*list) : base::Result<std::vector<RlpItem>>(base::pass(list));
    if (!items || items->size() < kFewest) return bad("the header is not the RLP of a block's header");
    BlockHeader out;
    out.hash = ethereum::keccak256(rlp);
    const auto number = ethereum::rlp_u64((*items)[kNumber]), time = ethereum::rlp_u64((*items)[kTime]);
    if (!number || !time || !take((*items)[kTransactionsRoot], out.transactions_root) || !take((*items)[kReceiptsRoot], out.receipts_root))
        return bad("the header is not the RLP of a block's header");
    out.number = *number;
    out.time_s = *time;
    return out;
}

base::Result<ChainReceipt> decode_receipt(base::ByteView bytes) {
    const auto none = bad("a receipt that does not decode");
    if (!bytes.empty() && bytes[0] < 0x80) bytes = bytes.subspan(1);  // EIP-2718: the transaction's type stands before the list
    const auto list = ethereum::rlp_decode(bytes);
    const auto items = list ? ethereum::rlp_items(*list) : base::Result<std::vector<RlpItem>>(base::pass(list));
    if (!items || items->size() != 4 || (*items)[0].is_list) return none;
    const auto logs = ethereum::rlp_items((*items)[3]);
    if (!logs) return none;
    ChainReceipt out;
    out.success = (*items)[0].payload.size() == 1 && (*items)[0].payload[0] == 1;
    for (const auto& item : *logs) {
        const auto parts = ethereum::rlp_items(item);
        EventLog log;
        if (!parts || parts->size() != 3 || !take((*parts)[0], log.address.bytes) || (*parts)[2].is_list) return none;
        const auto topics = ethereum::rlp_items((*parts)[1]);
        if (!topics) return none;
        for (const auto& topic : *topics) {
            if (!take(topic, log.topics.emplace_back())) return none;
        }
        log.data.assign((*parts)[2].payload.begin(), (*parts)[2].payload.end());
        out.logs.push_back(std::move(log));
    }
    return out;
}

std::string SavedReceipt::json() const {
    json::Object out;
    out.set("kind", kKind);
    out.set("header", hex(header));
    out.set("transactionIndex", json::Number{std::to_string(index)});
    out.set("transactionProof", hex_list(transaction_proof));
    out.set("receiptProof", hex_list(receipt_proof));
    out.set("finality", final ? "final" : "mined");
    return json::write(out);
}

base::Result<SavedReceipt> SavedReceipt::parse(const json::Value& line) {
    SavedReceipt out;
    const auto header = base::from_hex(line.text("header"));
    const auto* index = line.find("transactionIndex");
    const auto number =
        index == nullptr || !index->if_number() ? base::Result<std::uint64_t>(bad("")) : proof::parse_decimal(index->if_number()->text);
    if (!header || header->empty()) return bad("a saved receipt without a good 'header'");
    if (!number) return bad("a saved receipt without a good 'transactionIndex'");
    out.header = *header;
    out.index = *number;
    if (auto read = hex_list(line, "transactionProof", out.transaction_proof); !read) return base::pass(read);
    if (auto read = hex_list(line, "receiptProof", out.receipt_proof); !read) return base::pass(read);
    const auto finality = line.text("finality");
    if (finality != "mined" && finality != "final") return bad("a saved receipt without a good 'finality'");
    out.final = finality == "final";
    return out;
}

void take_events(const std::vector<EventLog>& logs, const EventPlace& place, const Pins& pins, Evidence& out) {
    for (const auto& log : logs) {
        if (log.topics.empty()) continue;
        if (pins.audit_anchor == log.address && log.topics[0] == kAnchored) take_anchored(log, place, pins, out);
        if (pins.consent_ledger == log.address && (log.topics[0] == kGranted || log.topics[0] == kRevoked)) take_consent(log, place, out);
    }
}

base::Status take_receipt(const SavedReceipt& saved, const Pins& pins, Evidence& out) {
    const auto header = decode_header(saved.header);
    if (!header) return base::pass(header);
    const auto name =
        "block " + std::to_string(header->number) + " (" + hex(header->hash) + "), transaction " + std::to_string(saved.index) + ": ";
    const auto key = index_key(saved.index);
    const auto raw = trie_value(header->transactions_root, key, saved.transaction_proof);
    if (!raw) return bad(name + "of the transaction, " + raw.error().diagnostics);
    const auto transaction = ethereum::decode_transaction(*raw);
    if (!transaction) return bad(name + transaction.error().diagnostics);
    const auto bytes = trie_value(header->receipts_root, key, saved.receipt_proof);
    if (!bytes) return bad(name + "of the receipt, " + bytes.error().diagnostics);
    const auto receipt = decode_receipt(*bytes);
    if (!receipt) return bad(name + receipt.error().diagnostics);
    if (!receipt->success) return bad(name + "the transaction failed");
    const auto before = out.anchors.size() + out.consents.size();
    EventPlace place{transaction->transaction.chain_id, header->number, header->time_s, header->hash, transaction->hash, saved.final,
                     transaction->transaction.data};
    take_events(receipt->logs, place, pins, out);
    if (out.anchors.size() + out.consents.size() == before) return bad(name + "no event of the named contracts and log is in it");
    out.trusted.push_back("that block " + std::to_string(header->number) + " of chain " + std::to_string(place.chain_id) +
                          " has the hash " + hex(header->hash) + (saved.final ? " and is final" : "") + ": ask any node or block explorer");
    return {};
}

}  // namespace kedge_verify
