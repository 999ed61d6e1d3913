#include "anchoring/kedge_verify/node.hpp"

#include "anchoring/ethereum/abi.hpp"
#include "anchoring/ethereum/rpc_values.hpp"
#include "anchoring/kedge_verify/chain_encoding.hpp"
#include "anchoring/kedge_verify/trie.hpp"

#include <algorithm>

namespace kedge_verify {
namespace {

using base::Kind;

tl::unexpected<base::Error> contradiction(std::string why) {
    return base::fail(Kind::corrupt, "the node contradicts itself: " + std::move(why));
}

// The one word of ConsentLedger.status (anchoring/contract/README.md): from the lowest bit state 8, notBefore 48, notAfter 48, changedAt
// 48, the first 104 bits of termsHash.
std::uint64_t u48(const base::Bytes& word, std::size_t at) {
    std::uint64_t out = 0;
    for (std::size_t i = at; i < at + 6; ++i) out = out << 8 | word[i];
    return out;
}

json::Value topic(std::string_view event) {
    return ethereum::to_text(ethereum::event_topic(event));
}

}  // namespace

base::Result<Node::Block> Node::block(json::Value which, bool whole) {
    auto answer = ask_("eth_getBlockByNumber", {std::move(which), whole});
    if (!answer) return base::pass(answer);
    if (answer->is_null()) return base::fail(Kind::not_found, "the node does not have this block");
    Block out;
    const auto number = ethereum::quantity_of(*answer, "number"), time = ethereum::quantity_of(*answer, "timestamp");
    const auto hash = ethereum::hash_of(*answer, "hash");
    if (!number) return base::pass(number);
    if (!time) return base::pass(time);
    if (!hash) return base::pass(hash);
    // The hash is not taken on trust: it must be that of the header as told.
    const auto rlp = header_rlp(*answer);
    if (!rlp) return base::pass(rlp);
    const auto header = decode_header(*rlp);
    if (!header) return base::pass(header);
    if (header->hash != *hash)
        return contradiction("the header of block " + std::to_string(*number) +
                             " has another hash than it says (or members that are not known here)");
    out = {*number, *time, *hash, std::move(*answer)};
    return out;
}

base::Status Node::begin() {
    const auto chain = ask_("eth_chainId", {});
    if (!chain) return base::pass(chain);
    const auto id = ethereum::as_quantity(*chain, "eth_chainId");
    if (!id) return base::pass(id);
    chain_id_ = *id;
    auto head = block("latest", false);
    if (!head) return base::pass(head);
    head_ = std::move(*head);
    // A chain without this tag has no finality that could be asked for: then nothing is FINAL.
    if (auto final = block("finalized", false)) finalized_ = std::move(*final);
    return {};
}

std::string Node::summary() const {
    return "the node's word for chain " + std::to_string(chain_id_) + " up to block " + std::to_string(head_.number) +
           (finalized_ ? ", finalized up to " + std::to_string(finalized_->number) + " (" + ethereum::to_text(finalized_->hash) + ")"
                       : ", which knows no finalized block");
}

// Nodes bound what one question may bring: halve until they answer.
base::Result<json::Value> Node::logs(const ethereum::Address& address, json::Array topics, std::uint64_t from, std::uint64_t to) {
    json::Object filter;
    filter.set("address", ethereum::to_text(address));
    filter.set("topics", topics);
    filter.set("fromBlock", ethereum::to_quantity(from));
    filter.set("toBlock", ethereum::to_quantity(to));
    auto answer = ask_("eth_getLogs", {std::move(filter)});
    if (answer && answer->if_array() == nullptr) return contradiction("eth_getLogs answers no list");
    const bool too_much = !answer && (answer.error().kind == Kind::unprocessable || answer.error().kind == Kind::too_large);
    if (!too_much || from >= to) return answer;
    const auto middle = from + (to - from) / 2;
    auto low = logs(address, topics, from, middle);
    if (!low) return low;
    auto high = logs(address, std::move(topics), middle + 1, to);
    if (!high) return high;
    auto& all = *low->if_array();
    for (auto& one : *high->if_array()) all.push_back(std::move(one));
    return low;
}

base::Status Node::take_log(const json::Value& log, Evidence& out) {
    const auto number = ethereum::quantity_of(log, "blockNumber"), index = ethereum::quantity_of(log, "transactionIndex");
    const auto address = ethereum::address_of(log, "address");
    const auto block_hash = ethereum::hash_of(log, "blockHash"), tx_hash = ethereum::hash_of(log, "transactionHash");
    const auto data = ethereum::data_of(log, "data");
    const auto* topics = log.find("topics");
    if (!number || !index || !address || !block_hash || !tx_hash || !data || topics == nullptr || !topics->if_array())
        return contradiction("a log that is none");
    auto known = blocks_.find(*number);
    if (known == blocks_.end()) {
        auto read = block(ethereum::to_quantity(*number), false);
        if (!read) return base::pass(read);
        known = blocks_.emplace(*number, std::move(*read)).first;
    }
    if (known->second.hash != *block_hash) return contradiction("a log stands in a block that is not on its chain");
    EventLog event{*address, {}, *data};
    for (const auto& one : *topics->if_array()) {
        const auto hash = one.if_string() == nullptr ? base::Result<ethereum::Hash>(contradiction("a topic that is no text"))
                                                     : ethereum::parse_hash(*one.if_string());
        if (!hash) return base::pass(hash);
        event.topics.push_back(*hash);
    }
    const auto transaction = ask_("eth_getTransactionByHash", {ethereum::to_text(*tx_hash)});
    if (!transaction) return base::pass(transaction);
    const auto input = ethereum::data_of(*transaction, "input");
    if (!input) return base::pass(input);
    const bool final = finalized_ && *number <= finalized_->number;
    take_events({event}, {chain_id_, *number, known->second.time_s, *block_hash, *tx_hash, final, *input}, pins_, out);
    auto& indexes = found_[*number];
    if (std::find(indexes.begin(), indexes.end(), *index) == indexes.end()) indexes.push_back(*index);
    return {};
}

base::Result<base::Bytes> Node::view(const ethereum::Address& contract, base::ByteView calldata, const Block& at) {
    json::Object call;
    call.set("to", ethereum::to_text(contract));
    call.set("data", ethereum::to_data(calldata));
    const auto answer = ask_("eth_call", {std::move(call), ethereum::to_quantity(at.number)});
    if (!answer) return base::pass(answer);
    return ethereum::as_data(*answer, "eth_call");
}

base::Status Node::anchors(Evidence& out) {
    const auto& contract = *pins_.audit_anchor;
    const auto found = logs(contract, {topic("Anchored(bytes32,uint64,bytes32)"), ethereum::to_text(*pins_.log_id)}, 0, head_.number);
    if (!found) return base::pass(found);
    const auto before = out.anchors.size();
    for (const auto& log : *found->if_array()) {
        if (auto taken = take_log(log, out); !taken) return taken;
    }
    const auto answer = view(contract, ethereum::abi_call("head(bytes32)", {ethereum::AbiValue::of(*pins_.log_id)}), head_);
    if (!answer) return base::pass(answer);
    const auto head = ethereum::abi_decode("(address,uint64,bytes32,uint64)", *answer);
    if (!head)
        return base::fail(Kind::corrupt,
                          "no AuditAnchor stands at " + ethereum::to_text(contract) + " on chain " + std::to_string(chain_id_));
    const auto size = (*head)[1].as_u64();
    std::uint64_t largest = 0;
    proof::Digest root{};
    for (std::size_t i = before; i < out.anchors.size(); ++i) {
        const auto& record = out.anchors[i].record;
        if (record.size > largest) {
            largest = record.size;
            root = record.root;
        }
    }
    if (size != largest || (size > 0 && (*head)[2].word != root))
        return contradiction("AuditAnchor's head is not the last anchor that it tells of");
    return {};
}

base::Status Node::state(const ethereum::Address& subject, const proof::Digest& consent_id, Evidence& out) {
    const auto call = ethereum::abi_call("status(address,bytes32)", {ethereum::AbiValue::of(subject), ethereum::AbiValue::of(consent_id)});
    const auto now = view(*pins_.consent_ledger, call, head_);
    if (!now) return base::pass(now);
    if (now->size() != 32) return base::fail(Kind::corrupt, "no ConsentLedger stands at " + ethereum::to_text(*pins_.consent_ledger));
    const auto final = finalized_ ? view(*pins_.consent_ledger, call, *finalized_) : base::Result<base::Bytes>(base::Bytes());
    // When nothing changed since, the state is told as of the finalized block: nobody can take that back.
    const bool settled =
        finalized_ && final && *final == *now && (!out.at || *out.at / 1'000'000 <= static_cast<base::TimeUs>(finalized_->time_s));
    const auto& at = settled ? *finalized_ : head_;
    ConsentRecord r;
    r.says = ConsentRecord::Says::state;
    r.state = (*now)[31] == 1 ? "active" : (*now)[31] == 2 ? "revoked" : "none";
    r.chain_id = chain_id_;
    r.contract = pins_.consent_ledger->bytes;
    r.subject = subject.bytes;
    r.consent_id = consent_id;
    r.not_before = u48(*now, 25);
    r.not_after = u48(*now, 19);
    r.changed_s = u48(*now, 13);
    r.time_s = at.time_s;
    r.block_number = at.number;
    r.block_hash = at.hash;
    r.final = settled;
    out.consents.push_back(r);
    return {};
}

base::Status Node::consent(const proof::Digest& consent_id, Evidence& out) {
    const json::Value either = json::Array{topic("Granted(address,bytes32,bytes32,uint64,uint64)"), topic("Revoked(address,bytes32)")};
    const auto found = logs(*pins_.consent_ledger, {either, json::Null{}, ethereum::to_text(consent_id)}, 0, head_.number);
    if (!found) return base::pass(found);
    const auto before = out.consents.size();
    for (const auto& log : *found->if_array()) {
        if (auto taken = take_log(log, out); !taken) return taken;
    }
    std::vector<ethereum::Address> subjects;
    for (std::size_t i = before; i < out.consents.size(); ++i) {
        const ethereum::Address subject{out.consents[i].subject};
        if (std::find(subjects.begin(), subjects.end(), subject) == subjects.end()) subjects.push_back(subject);
    }
    for (const auto& subject : subjects) {
        if (auto asked = state(subject, consent_id, out); !asked) return asked;
    }
    return {};
}

base::Result<std::vector<std::string>> Node::save_block(std::uint64_t number, const std::vector<std::uint64_t>& indexes) {
    const auto whole = block(ethereum::to_quantity(number), true);
    if (!whole) return base::pass(whole);
    const auto* list = whole->json.find("transactions");
    if (list == nullptr || !list->if_array()) return contradiction("a block without transactions");
    std::vector<base::Bytes> transactions, receipts;
    for (const auto& one : *list->if_array()) {
        auto bytes = transaction_bytes(one);
        if (!bytes) return base::pass(bytes);
        transactions.push_back(std::move(*bytes));
        const auto answer = ask_("eth_getTransactionReceipt", {std::string(one.text("hash"))});
        if (!answer) return base::pass(answer);
        bytes = receipt_bytes(*answer);
        if (!bytes) return base::pass(bytes);
        receipts.push_back(std::move(*bytes));
    }
    SavedReceipt saved;
    saved.header = *header_rlp(whole->json);
    const auto header = *decode_header(saved.header);
    saved.final = finalized_ && number <= finalized_->number;
    std::vector<std::string> out;
    for (const auto index : indexes) {
        if (index >= receipts.size()) return contradiction("a log of a transaction that its block does not have");
        auto of_transaction = trie_proof(transactions, index), of_receipt = trie_proof(receipts, index);
        if (of_transaction.root != header.transactions_root || of_receipt.root != header.receipts_root)
            return contradiction("the transactions or receipts of block " + std::to_string(number) + " do not hash to its header's roots");
        saved.index = index;
        saved.transaction_proof = std::move(of_transaction.nodes);
        saved.receipt_proof = std::move(of_receipt.nodes);
        out.push_back(saved.json());
    }
    return out;
}

base::Result<std::string> Node::save() {
    std::string out;
    for (const auto& [number, indexes] : found_) {
        const auto lines = save_block(number, indexes);
        if (!lines) return base::pass(lines);
        for (const auto& line : *lines) out += line + "\n";
    }
    return out;
}

}  // namespace kedge_verify
