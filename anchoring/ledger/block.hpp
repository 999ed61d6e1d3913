// A block of the embedded ledger: header, the ledger's signature over it, transactions, receipts. The header commits to all of them and
// to the block before.
//
//   header   = version u8 (1) | chain_id u64 | number u64 | parent_hash 32 | time_s u64 | txns_hash 32 | receipts_hash 32
//   hash     = keccak256(header)
//   block    = header | signature 65 over hash | u32 count | count x sized(raw transaction) | sized(receipts)
//   receipts = for each transaction: reverted u8 | sized(error) | u32 count | count x (address 20 | topics u8 | topic 32 ... | sized(data))
//
// txns_hash is keccak256 of the transactions' hashes in a row, receipts_hash that of the receipts. Numbers are big-endian.
#pragma once

#include "anchoring/ethereum/signer.hpp"
#include "anchoring/ethereum/transaction.hpp"
#include "anchoring/ledger/contracts_native.hpp"

#include <vector>

namespace ledger {

struct BlockHeader {
    std::uint64_t chain_id = 0;
    std::uint64_t number = 0;
    Hash parent_hash{};
    std::uint64_t time_s = 0;
    Hash txns_hash{};
    Hash receipts_hash{};
    bool operator==(const BlockHeader&) const = default;
};

struct Block {
    BlockHeader header;
    ethereum::Signature signature;
    std::vector<base::Bytes> transactions;  // raw
    std::vector<Outcome> receipts;          // one for each transaction
    Hash hash() const;
    BlockRef ref() const;
};

// Fills in the header's two hashes and signs.
void seal(Block& block, const ethereum::Signer& key);
base::Bytes encode(const Block& block);

// Reads a block and checks all that it says about itself: form, number, chain, that the header commits to the body, and that the
// ledger's key signed the header. Error: Kind::corrupt, naming the block and what is wrong.
base::Result<Block> open_block(base::ByteView bytes, std::uint64_t number, std::uint64_t chain_id, const Address& signer);

}  // namespace ledger
