#include "anchoring/ledger/deploy.hpp"

#include "anchoring/ethereum/rpc_values.hpp"
#include "anchoring/ethereum/transaction.hpp"
#include "anchoring/ledger/evm_node.hpp"
#include "anchoring/ledger/evm_read.hpp"

#include <chrono>
#include <thread>

namespace ledger {

using base::Kind;
using ethereum::to_data;

namespace {

base::Result<base::Bytes> code_at(ethereum::RpcClient& client, const Address& address) {
    const auto answer = client.call("eth_getCode", {to_data(address.bytes), "latest"});
    if (!answer) return base::pass(answer);
    auto code = ethereum::as_data(*answer, "eth_getCode");
    if (code && code->empty()) {
        return base::fail(Kind::invalid,
                          "there is no contract at " + ethereum::to_text(address) + ": is it another chain, or not deployed yet?");
    }
    return code;
}

base::Status expect_chain(ethereum::RpcClient& client, std::uint64_t chain_id) {
    const auto answer = client.call("eth_chainId", {});
    if (!answer) return base::pass(answer);
    const auto id = ethereum::as_quantity(*answer, "eth_chainId");
    if (!id) return base::pass(id);
    if (*id == chain_id) return {};
    return base::fail(Kind::corrupt, "the node is on chain " + std::to_string(*id) + ", not on " + std::to_string(chain_id));
}

struct Creation {
    ethereum::RpcClient& client;
    EvmNode& node;
    const ethereum::Signer& deployer;
    const DeployOptions& options;

    // A fifth above the node's estimate, which is exact for code without loops over state.
    base::Result<std::uint64_t> gas_for(base::ByteView bytecode) {
        json::Object call;
        call.set("from", to_data(deployer.address().bytes));
        call.set("data", to_data(bytecode));
        const auto answer = client.call("eth_estimateGas", {std::move(call)});
        if (!answer) return base::pass(answer);
        const auto gas = ethereum::as_quantity(*answer, "eth_estimateGas");
        if (!gas) return gas;
        return *gas + *gas / 5;
    }

    base::Result<Hash> send(base::ByteView bytecode, std::uint64_t nonce) {
        const auto gas = gas_for(bytecode);
        if (!gas) return base::pass(gas);
        const auto fees = node.fees();
        if (!fees) return base::pass(fees);
        ethereum::Transaction txn;
        txn.chain_id = options.chain_id;
        txn.nonce = nonce;
        txn.max_priority_fee_per_gas = fees->max_priority_fee_per_gas;
        txn.max_fee_per_gas = fees->max_fee_per_gas;
        txn.gas_limit = *gas;
        txn.data = base::to_bytes(bytecode);
        const auto signed_txn = ethereum::sign(txn, deployer);
        if (!signed_txn) return base::pass(signed_txn);
        const auto reply = client.ask("eth_sendRawTransaction", {to_data(signed_txn->raw)});
        if (!reply) return base::pass(reply);
        if (reply->error && why_refused(*reply->error) != Refusal::already_known) {
            return base::fail(Kind::unavailable, "the node does not take the contract from " + ethereum::to_text(deployer.address()) +
                                                     ": " + reply->error->message);
        }
        return signed_txn->hash;
    }

    base::Result<Receipt> wait(const Hash& hash, std::chrono::steady_clock::time_point deadline) {
        for (;;) {
            const auto receipt = node.receipt(hash);
            if (receipt && *receipt) {
                if ((*receipt)->success) return **receipt;
                return base::fail(Kind::unprocessable, "the transaction " + ethereum::to_text(hash) + " that creates a contract failed");
            }
            if (!receipt && receipt.error().kind != Kind::unavailable) return base::pass(receipt);
            if (std::chrono::steady_clock::now() >= deadline) {
                return base::fail(Kind::unavailable, "no block took the transaction " + ethereum::to_text(hash) + " within " +
                                                         std::to_string(options.timeout_ms / 1000) + " s; it may still be mined");
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(options.poll_ms));
        }
    }
};

}  // namespace

base::Status check_contracts(ethereum::RpcClient& client, std::uint64_t chain_id, const Contracts& contracts) {
    if (contracts.consent_ledger == contracts.audit_anchor) return base::fail(Kind::invalid, "both contracts are given the same address");
    if (auto right = expect_chain(client, chain_id); !right) return right;
    const auto consent = code_at(client, contracts.consent_ledger);
    if (!consent) return base::pass(consent);
    const auto anchor = code_at(client, contracts.audit_anchor);
    if (!anchor) return base::pass(anchor);
    const auto other = [](const Address& at, const char* name) {
        return base::fail(Kind::invalid, "the contract at " + ethereum::to_text(at) + " is not this version's " + name);
    };
    if (!is_consent_ledger(*consent, chain_id, contracts.consent_ledger)) return other(contracts.consent_ledger, "ConsentLedger");
    if (!is_audit_anchor(*anchor)) return other(contracts.audit_anchor, "AuditAnchor");
    return {};
}

base::Result<Deployment> deploy(ethereum::RpcClient& client, const ethereum::Signer& deployer, const DeployOptions& options) {
    if (auto right = expect_chain(client, options.chain_id); !right) return base::pass(right);
    EvmNode node(client);
    const auto nonce = node.transaction_count(deployer.address());
    if (!nonce) return base::pass(nonce);
    Creation creation{client, node, deployer, options};
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(options.timeout_ms);
    const auto first = creation.send(consent_ledger_bytecode(), *nonce);
    if (!first) return base::pass(first);
    const auto second = creation.send(audit_anchor_bytecode(), *nonce + 1);
    if (!second) return base::pass(second);
    auto consent = creation.wait(*first, deadline);
    if (!consent) return base::pass(consent);
    auto anchor = creation.wait(*second, deadline);
    if (!anchor) return base::pass(anchor);
    Deployment out{{ethereum::contract_address(deployer.address(), *nonce), ethereum::contract_address(deployer.address(), *nonce + 1)},
                   std::move(*consent),
                   std::move(*anchor)};
    const auto there = check_contracts(client, options.chain_id, out.contracts);
    if (!there) return base::fail(there.error().kind == Kind::invalid ? Kind::corrupt : there.error().kind, there.error().diagnostics);
    return out;
}

}  // namespace ledger
