// The nouns of Ethereum: a 32-byte hash, a 20-byte address, a 256-bit number. Plain values, ordered by their bytes.
#pragma once

#include "storage/base/bytes.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ethereum {

// A keccak-256 result, or any bytes32 of a contract. The same type as base::Digest, so that Merkle roots pass unconverted.
using Hash = base::Digest;

// "0x" and 64 lower-case hex digits.
std::string to_text(const Hash& hash);
// With or without 0x, any case. Error: Kind::invalid when it is not 32 bytes of hex.
base::Result<Hash> parse_hash(std::string_view text);

struct Address {
    std::array<std::uint8_t, 20> bytes{};
    auto operator<=>(const Address&) const = default;
    bool is_zero() const { return *this == Address{}; }
};

// EIP-55: "0x" and 40 hex digits whose case is a checksum.
std::string to_text(const Address& address);
// Takes 0x and 40 hex digits in one case, or in mixed case with a right EIP-55 checksum. Error: Kind::invalid.
base::Result<Address> parse_address(std::string_view text);
// Where a contract lands that `deployer` creates with this nonce: the last 20 bytes of keccak256(rlp([deployer, nonce])).
Address contract_address(const Address& deployer, std::uint64_t nonce);

// An unsigned 256-bit number, big-endian: kedge compares and carries such numbers, it never calculates with them.
struct U256 {
    std::array<std::uint8_t, 32> bytes{};
    U256() = default;
    U256(std::uint64_t v);
    explicit U256(const Hash& big_endian) : bytes(big_endian) {}
    auto operator<=>(const U256&) const = default;
    bool is_zero() const { return *this == U256{}; }
    std::optional<std::uint64_t> to_u64() const;  // nothing when it does not fit
    base::ByteView minimal() const;               // without leading zeros; empty for zero. Lives as long as this
};

}  // namespace ethereum
