// Ethereum transactions: EIP-1559 (type 2), and legacy with EIP-155 for old consortium chains. A legacy transaction without a chain
// id is refused: it could be replayed on any chain.
#pragma once

#include "anchoring/ethereum/signer.hpp"
#include "anchoring/ethereum/types.hpp"

#include <optional>
#include <vector>

namespace ethereum {

// Nodes relay no larger ones (geth: 128 KiB). A batch of some 300 grants fits.
inline constexpr std::size_t kMaxTransactionBytes = 128 * 1024;

struct AccessListEntry {
    Address address;
    std::vector<Hash> storage_keys;
    bool operator==(const AccessListEntry&) const = default;
};

struct Transaction {
    enum class Type { legacy, eip1559 };
    Type type = Type::eip1559;
    std::uint64_t chain_id = 0;
    std::uint64_t nonce = 0;
    // Wei per gas. 2^64-1 wei is 18 ether for each unit of gas: wider fees do not decode. Legacy has one price, in max_fee_per_gas.
    std::uint64_t max_priority_fee_per_gas = 0;
    std::uint64_t max_fee_per_gas = 0;
    std::uint64_t gas_limit = 0;
    std::optional<Address> to;  // nothing: creates a contract
    U256 value;                 // wei
    base::Bytes data;
    std::vector<AccessListEntry> access_list;  // type 2 only
    bool operator==(const Transaction&) const = default;
};

struct SignedTransaction {
    Transaction transaction;
    Signature signature;
    Address sender;   // recovered from the signature
    Hash hash{};      // keccak256 of raw: the transaction's name
    base::Bytes raw;  // as it is broadcast
};

// What the rules say whatever the chain's state is. Error: Kind::invalid when the chain id or gas limit is zero, the priority fee is
// above the maximum fee, or a legacy transaction has an access list or a priority fee; Kind::too_large above kMaxTransactionBytes.
base::Status check_well_formed(const Transaction& transaction);
// The digest that the sender signs.
Hash signing_hash(const Transaction& transaction);
// Error: as check_well_formed.
base::Result<SignedTransaction> sign(const Transaction& transaction, const Signer& signer);
// Error: Kind::invalid on anything but one canonical, well-formed, signed transaction of the two types; Kind::too_large above
// kMaxTransactionBytes.
base::Result<SignedTransaction> decode_transaction(base::ByteView raw);

}  // namespace ethereum
