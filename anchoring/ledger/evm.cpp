#include "anchoring/ledger/evm.hpp"

#include "anchoring/ethereum/abi.hpp"
#include "anchoring/ethereum/rpc_values.hpp"
#include "anchoring/ethereum/transaction.hpp"
#include "anchoring/ledger/audit_anchor.hpp"
#include "anchoring/ledger/consent_ledger.hpp"
#include "anchoring/ledger/deploy.hpp"
#include "anchoring/ledger/evm_read.hpp"
#include "storage/base/log.hpp"

#include <algorithm>

namespace ledger {

using base::Kind;

namespace {

// Blocks this near to the head are asked for one by one, by their hashes: a node that lags behind the one that named the head would
// answer a range with the events that it has, and say nothing of the others.
constexpr std::uint64_t kOneByOne = 16;

base::Result<std::unique_ptr<ethereum::RpcClient>> connect(ethereum::RpcOptions options, std::uint64_t chain_id,
                                                           const Contracts& contracts) {
    options.chain_id = chain_id;
    auto client = ethereum::RpcClient::open(std::move(options));
    if (!client) return base::pass(client);
    if (auto there = check_contracts(**client, chain_id, contracts); !there) return base::pass(there);
    return client;
}

}  // namespace

base::Result<std::unique_ptr<Evm>> Evm::open(EvmOptions options) {
    if (options.chain_id == 0 || options.chain_id == kEmbeddedChainId)
        return base::fail(Kind::invalid, "the chain id is not that of an EVM chain");
    auto client = connect(options.rpc, options.chain_id, options.contracts);
    if (!client) return base::pass(client);
    std::unique_ptr<ethereum::RpcClient> witness;
    if (options.witness) {
        auto second = connect(*options.witness, options.chain_id, options.contracts);
        if (!second) return base::fail(second.error().kind, "the witness: " + second.error().diagnostics);
        witness = std::move(*second);
    }
    auto evm = std::unique_ptr<Evm>(new Evm(std::move(options)));
    evm->client_ = std::move(*client);
    evm->witness_client_ = std::move(witness);
    evm->node_ = std::make_unique<EvmNode>(*evm->client_, evm->options_.contracts);
    if (evm->witness_client_) evm->witness_ = std::make_unique<EvmNode>(*evm->witness_client_, evm->options_.contracts);
    return evm;
}

tl::unexpected<base::Error> Evm::disagree(std::uint64_t block, const std::string& about) {
    if (block > final_) return base::fail(Kind::unavailable, "node and witness differ about " + about + ": not final, to be asked again");
    base::log::error("ALARM: node and witness differ about " + about + ", which is final: one of them lies, or is on another chain");
    return base::fail(Kind::corrupt, "node and witness differ about " + about + ", which is final");
}

base::Result<std::uint64_t> Evm::finalized_by(EvmNode& node) {
    using Finality = EvmOptions::Finality;
    const auto tag = options_.finality == Finality::safe ? "safe" : options_.finality == Finality::finalized ? "finalized" : "latest";
    const auto block = node.tagged(tag);
    if (!block) return base::pass(block);
    if (!*block) return 0;  // only the genesis is sure
    const auto number = (*block)->ref.number;
    if (options_.finality != Finality::latest_minus) return number;
    return number > options_.confirmations ? number - options_.confirmations : 0;
}

base::Result<std::uint64_t> Evm::finalized() {
    auto lowest = finalized_by(*node_);
    if (!lowest) return lowest;
    if (witness_) {
        const auto theirs = finalized_by(*witness_);
        if (!theirs) return theirs;
        lowest = std::min(*lowest, *theirs);
    }
    auto before = final_.load();
    while (before < *lowest && !final_.compare_exchange_weak(before, *lowest)) {
    }
    return final_.load();
}

base::Result<BlockRef> Evm::head() {
    const auto latest = node_->tagged("latest");
    if (!latest) return base::pass(latest);
    if (!*latest) return base::fail(Kind::unavailable, "the node has no block yet");
    if (!witness_) return (*latest)->ref;
    const auto theirs = witness_->tagged("latest");
    if (!theirs) return base::pass(theirs);
    if (!*theirs) return base::fail(Kind::unavailable, "the witness has no block yet");
    const auto both = block(std::min((*latest)->ref.number, (*theirs)->ref.number));
    if (!both) return base::pass(both);
    if (!*both) return base::fail(Kind::unavailable, "the node's head went back while it was asked");
    return **both;
}

base::Result<std::optional<BlockRef>> Evm::block(std::uint64_t number) {
    const auto ours = node_->block(number);
    if (!ours) return base::pass(ours);
    if (!*ours) return std::optional<BlockRef>{};
    if (witness_) {
        const auto theirs = witness_->block(number);
        if (!theirs) return base::pass(theirs);
        if (!*theirs) return base::fail(Kind::unavailable, "the witness has no block " + std::to_string(number) + " yet");
        if ((*theirs)->ref != (*ours)->ref) return disagree(number, "block " + std::to_string(number));
    }
    return std::optional((*ours)->ref);
}

base::Result<std::optional<Receipt>> Evm::receipt(const Hash& txn_hash) {
    auto ours = node_->receipt(txn_hash);
    if (!ours || !*ours || !witness_) return ours;
    const auto theirs = witness_->receipt(txn_hash);
    if (!theirs) return base::pass(theirs);
    if (!*theirs) return base::fail(Kind::unavailable, "the witness has not seen the transaction in a block yet");
    const auto& a = **ours;
    const auto& b = **theirs;
    if (a.block_hash != b.block_hash || a.success != b.success || a.gas_used != b.gas_used || a.logs != b.logs) {
        return disagree(a.block_number, "the receipt of " + ethereum::to_text(txn_hash));
    }
    return ours;
}

base::Result<std::vector<Log>> Evm::logs_by(EvmNode& node, std::uint64_t from, std::uint64_t to) {
    const auto head = node.tagged("latest");
    if (!head) return base::pass(head);
    if (!*head) return std::vector<Log>{};
    to = std::min(to, (*head)->ref.number);
    const auto sure = std::min<std::uint64_t>(final_, (*head)->ref.number > kOneByOne ? (*head)->ref.number - kOneByOne : 0);
    std::vector<Log> out;
    if (from <= std::min(to, sure)) {
        auto old = node.logs_between(from, std::min(to, sure));
        if (!old) return old;
        out = std::move(*old);
    }
    for (auto number = std::max(from, sure + 1); number <= to; ++number) {
        const auto block = node.block(number);
        if (!block) return base::pass(block);
        if (!*block) return base::fail(Kind::unavailable, "the node's head went back while its events were read");
        auto logs = node.logs_of((*block)->ref);
        if (!logs) return logs;
        out.insert(out.end(), std::make_move_iterator(logs->begin()), std::make_move_iterator(logs->end()));
    }
    return out;
}

base::Result<std::vector<Log>> Evm::logs(std::uint64_t from_block, std::uint64_t to_block) {
    if (from_block > to_block) return base::fail(Kind::invalid, "the range of blocks ends before it begins");
    if (to_block - from_block >= kMaxLogBlocks) {
        return base::fail(Kind::too_large, "events of at most " + std::to_string(kMaxLogBlocks) + " blocks in one call");
    }
    if (to_block < options_.first_block) return std::vector<Log>{};
    from_block = std::max(from_block, options_.first_block);
    auto ours = logs_by(*node_, from_block, to_block);
    if (!ours || !witness_) return ours;
    const auto theirs = logs_by(*witness_, from_block, to_block);
    if (!theirs) return base::pass(theirs);
    if (*ours != *theirs) {
        const auto [a, b] = std::mismatch(ours->begin(), ours->end(), theirs->begin(), theirs->end());
        const auto at = std::min(a == ours->end() ? to_block : a->block_number, b == theirs->end() ? to_block : b->block_number);
        return disagree(at, "the events of block " + std::to_string(at));
    }
    return ours;
}

base::Result<std::uint64_t> Evm::transaction_count(const Address& sender) {
    return node_->transaction_count(sender);
}

base::Result<Fees> Evm::fees() {
    return node_->fees();
}

base::Result<Submitted> Evm::submit(base::ByteView raw_transaction) {
    const auto txn = ethereum::decode_transaction(raw_transaction);
    if (!txn) return base::pass(txn);
    if (txn->transaction.chain_id != options_.chain_id) {
        return base::fail(Kind::invalid, "the transaction is for chain " + std::to_string(txn->transaction.chain_id));
    }
    const auto reply = node_->client().ask("eth_sendRawTransaction", {ethereum::to_data(raw_transaction)});
    if (!reply) return base::pass(reply);
    if (!reply->error) {
        const auto hash = ethereum::as_data(reply->result, "eth_sendRawTransaction");
        if (!hash) return base::pass(hash);
        if (!std::equal(hash->begin(), hash->end(), txn->hash.begin(), txn->hash.end())) {
            return base::fail(Kind::corrupt, "the node gives the transaction another hash than its own");
        }
        return Submitted{txn->hash, false};
    }
    const auto& said = reply->error->message;
    switch (why_refused(*reply->error)) {
        case Refusal::already_known:
            return Submitted{txn->hash, true};
        case Refusal::nonce_used: {  // by this very transaction, when a block has it
            const auto mined = node_->receipt(txn->hash);
            if (!mined) return base::pass(mined);
            if (*mined) return Submitted{txn->hash, true};
            return base::fail(Kind::conflict, "nonce " + std::to_string(txn->transaction.nonce) + " is used: " + said);
        }
        case Refusal::underpriced:
            return Submitted{txn->hash, false, true};
        case Refusal::cannot_pay:
            return base::fail(Kind::unavailable, "the relayer " + ethereum::to_text(txn->sender) +
                                                     " cannot pay for its transactions on chain " + std::to_string(options_.chain_id) +
                                                     ": send it funds; what waits is sent then (" + said + ")");
        case Refusal::never:
            return base::fail(Kind::invalid, "the node refuses the transaction: " + said);
        case Refusal::later:
            break;
    }
    return base::fail(Kind::unavailable, "the node does not take the transaction now: " + said);
}

// A view of the present, at a block that both nodes have.
base::Result<base::Bytes> Evm::view(const Address& to, const base::Bytes& data) {
    const auto now = head();
    if (!now) return base::pass(now);
    auto ours = node_->call(to, data, now->hash);
    if (!ours || !witness_) return ours;
    const auto theirs = witness_->call(to, data, now->hash);
    if (!theirs) return base::pass(theirs);
    // The block is the same one for both, so there is no honest difference.
    if (*ours != *theirs) return disagree(0, "a contract's state in block " + std::to_string(now->number));
    return ours;
}

base::Result<ConsentStatus> Evm::consent_status(const Address& subject, const Hash& consent_id) {
    const auto word = view(options_.contracts.consent_ledger, status_call(subject, consent_id));
    if (!word) return base::pass(word);
    const auto values = ethereum::abi_decode("(bytes32)", *word);
    if (!values) return base::fail(Kind::corrupt, "the node's answer to status() is not one word");
    return unpack(values->front().word);
}

base::Result<std::optional<Anchor>> Evm::anchor_of(const Hash& log_id) {
    const auto data = view(options_.contracts.audit_anchor, head_call(log_id));
    if (!data) return base::pass(data);
    const auto values = ethereum::abi_decode("(address,uint64,bytes32,uint64)", *data);
    if (!values) return base::fail(Kind::corrupt, "the node's answer to head() is not its four words");
    Anchor anchor{(*values)[0].as_address(), (*values)[1].as_u64(), (*values)[2].word, (*values)[3].as_u64()};
    if (anchor.owner.is_zero()) return std::optional<Anchor>{};
    return std::optional(anchor);
}

base::Result<bool> Evm::included(const Hash& log_id, std::uint64_t index, const Hash& leaf_hash, std::span<const Hash> path) {
    const auto data = view(options_.contracts.audit_anchor, included_call(log_id, index, leaf_hash, path));
    if (!data) return base::pass(data);
    const auto values = ethereum::abi_decode("(bool)", *data);
    if (!values) return base::fail(Kind::corrupt, "the node's answer to included() is no bool");
    return values->front().as_bool();
}

Health Evm::health(const Address& relayer) {
    Health out;
    out.takes_fees = true;
    const auto balance = node_->balance(relayer);
    if (balance) out.relayer_balance_wei = *balance;
    auto wrong = balance ? base::Status{} : base::Status(base::pass(balance));
    if (wrong && witness_) {
        if (const auto seen = witness_->tagged("latest"); !seen)
            wrong = base::fail(seen.error().kind, "the witness: " + seen.error().diagnostics);
    }
    out.answers = wrong.has_value();
    if (!wrong) {
        out.problem = wrong.error().diagnostics;
        out.wrong_chain = wrong.error().kind == Kind::corrupt;
    }
    out.endpoint = node_->client().endpoint();
    out.last_answer_us = node_->client().last_answer_us();
    return out;
}

}  // namespace ledger
