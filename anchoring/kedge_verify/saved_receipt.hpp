// A transaction's receipt, saved with what ties it to a block: the header, and the ways from the header's roots to transaction and receipt.
// Whoever holds it can check everything but one thing: that the block with this hash is on the chain.
#pragma once

#include "anchoring/ethereum/transaction.hpp"
#include "anchoring/ethereum/types.hpp"
#include "anchoring/kedge_verify/evidence.hpp"
#include "storage/base/json.hpp"

namespace kedge_verify {

// Events count only from these contracts, and anchors only of this log: anybody can send the same event from another address.
struct Pins {
    std::optional<ethereum::Address> audit_anchor, consent_ledger;
    std::optional<ethereum::Hash> log_id;
    bool any() const { return audit_anchor || consent_ledger; }
};

struct BlockHeader {
    ethereum::Hash hash{};  // keccak256 of the RLP
    ethereum::Hash transactions_root{}, receipts_root{};
    std::uint64_t number = 0, time_s = 0;
};
// Error: Kind::invalid when it is not the RLP of a header.
base::Result<BlockHeader> decode_header(base::ByteView rlp);

struct EventLog {
    ethereum::Address address;
    std::vector<ethereum::Hash> topics;
    base::Bytes data;
};
struct ChainReceipt {
    bool success = false;
    std::vector<EventLog> logs;
};
// As it stands in a receipts trie (EIP-2718). Error: Kind::invalid.
base::Result<ChainReceipt> decode_receipt(base::ByteView bytes);

struct SavedReceipt {
    base::Bytes header;  // RLP
    std::uint64_t index = 0;
    std::vector<base::Bytes> receipt_proof, transaction_proof;
    bool final = false;  // the saver's word

    std::string json() const;  // one line
    static base::Result<SavedReceipt> parse(const json::Value& line);
};

// The events of one transaction that count, as evidence. Error: Kind::invalid says what does not hold.
base::Status take_receipt(const SavedReceipt& saved, const Pins& pins, Evidence& out);

// The events in `logs` that count. `place` gives chain, block, time, transaction and finality; `calldata` may hold a consistency proof.
struct EventPlace {
    std::uint64_t chain_id = 0, block_number = 0, time_s = 0;
    ethereum::Hash block_hash{}, tx_hash{};
    bool final = false;
    base::ByteView calldata;
};
void take_events(const std::vector<EventLog>& logs, const EventPlace& place, const Pins& pins, Evidence& out);

}  // namespace kedge_verify
