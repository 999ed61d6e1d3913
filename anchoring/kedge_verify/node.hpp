// Asks an Ethereum node: which anchors of a log and which events of a consent it has, what is finalized, and, for --save, everything that
// ties them to their blocks.
#pragma once

#include "anchoring/kedge_verify/consent_claim.hpp"
#include "anchoring/kedge_verify/saved_receipt.hpp"

#include <functional>
#include <map>

namespace kedge_verify {

// One JSON-RPC call; an error object of the node is an error here.
using Ask = std::function<base::Result<json::Value>(std::string_view method, json::Array params)>;

// One thread at a time. All errors: those of Ask; Kind::corrupt when the node contradicts itself.
class Node {
  public:
    Node(Ask ask, Pins pins) : ask_(std::move(ask)), pins_(std::move(pins)) {}

    // Chain id, head and the finalized block, from which FINAL follows. Call it first.
    base::Status begin();
    // Every anchor of the pinned log, and the contract's own head, which must be the last of them.
    base::Status anchors(Evidence& out);
    // Every Granted and Revoked of this consent, and its state now.
    base::Status consent(const proof::Digest& consent_id, Evidence& out);
    // The receipts of all events that were found, as lines for --ledger.
    base::Result<std::string> save();

    std::string summary() const;  // for people: which chain, head and finalized block

  private:
    struct Block {
        std::uint64_t number = 0, time_s = 0;
        ethereum::Hash hash{};
        json::Value json;
    };
    base::Result<Block> block(json::Value which, bool whole);
    base::Result<json::Value> logs(const ethereum::Address& address, json::Array topics, std::uint64_t from, std::uint64_t to);
    base::Status take_log(const json::Value& log, Evidence& out);
    base::Result<std::vector<std::string>> save_block(std::uint64_t number, const std::vector<std::uint64_t>& indexes);
    base::Status state(const ethereum::Address& subject, const proof::Digest& consent_id, Evidence& out);
    base::Result<base::Bytes> view(const ethereum::Address& contract, base::ByteView calldata, const Block& at);

    Ask ask_;
    Pins pins_;
    std::uint64_t chain_id_ = 0;
    Block head_;
    std::optional<Block> finalized_;
    std::map<std::uint64_t, Block> blocks_;
    std::map<std::uint64_t, std::vector<std::uint64_t>> found_;  // block number -> indexes of transactions
};

}  // namespace kedge_verify
