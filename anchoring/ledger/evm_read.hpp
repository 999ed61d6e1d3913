// The JSON of blocks, receipts and events (execution-apis, schemas), read strictly; and what nodes mean by their error texts. Pure.
#pragma once

#include "anchoring/ledger/contract_errors.hpp"
#include "anchoring/ledger/evm_node.hpp"

namespace ledger {

// Errors: Kind::corrupt when a member is missing or malformed.
base::Result<EvmBlock> read_block(const json::Value& value);
base::Result<Log> read_log(const json::Value& value);
struct ReadReceipt {
    Receipt receipt;
    std::uint64_t index = 0;  // of the transaction in its block
};
base::Result<ReadReceipt> read_receipt(const json::Value& value);

// "safe block not found", "Unknown block" and the like.
bool says_no_such_block(const ethereum::RpcError& error);

// Why a node does not take a transaction, in the words of geth, Erigon, Nethermind, Besu, Reth and anvil.
enum class Refusal {
    already_known,  // it has this very transaction
    nonce_used,     // "nonce too low"
    underpriced,    // a replacement must offer more, or blocks do
    cannot_pay,     // the relayer's balance
    never,          // no node will ever take this transaction as it is
    later,          // a full pool, and whatever we do not know: nothing is given up for words that we do not understand
};
Refusal why_refused(const ethereum::RpcError& error);

}  // namespace ledger
