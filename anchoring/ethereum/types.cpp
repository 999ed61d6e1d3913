#include "anchoring/ethereum/types.hpp"

#include "anchoring/ethereum/keccak.hpp"
#include "anchoring/ethereum/rlp.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>

namespace ethereum {

std::string to_text(const Hash& hash) {
    return "0x" + base::to_hex(hash);
}

base::Result<Hash> parse_hash(std::string_view text) {
    const auto bytes = base::from_hex(text);
    if (!bytes || bytes->size() != 32) return base::fail(base::Kind::invalid, "a hash is 0x and 64 hex digits");
    Hash out;
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return out;
}

std::string to_text(const Address& address) {
    // EIP-55: a hex letter is upper case when the matching nibble of keccak256(lower-case hex) is 8 or more.
    auto hex = base::to_hex(address.bytes);
    const auto sum = keccak256(base::as_bytes(hex));
    for (std::size_t i = 0; i < hex.size(); ++i) {
        const auto nibble = i % 2 == 0 ? sum[i / 2] >> 4 : sum[i / 2] & 15;
        if (nibble >= 8 && hex[i] >= 'a' && hex[i] <= 'f') hex[i] = static_cast<char>(hex[i] - 'a' + 'A');
    }
    return "0x" + hex;
}

base::Result<Address> parse_address(std::string_view text) {
    const auto refuse = [](const char* why) { return base::fail(base::Kind::invalid, std::string("an address ") + why); };
    if (!text.starts_with("0x") || text.size() != 42) return refuse("is 0x and 40 hex digits");
    const auto bytes = base::from_hex(text);
    if (!bytes) return refuse("is 0x and 40 hex digits");
    Address out;
    std::copy(bytes->begin(), bytes->end(), out.bytes.begin());
    const auto digits = text.substr(2);
    const bool upper = std::any_of(digits.begin(), digits.end(), [](char c) { return c >= 'A' && c <= 'F'; });
    const bool lower = std::any_of(digits.begin(), digits.end(), [](char c) { return c >= 'a' && c <= 'f'; });
    if (upper && lower && to_text(out) != text) return refuse("in mixed case needs a right EIP-55 checksum");
    return out;
}

Address contract_address(const Address& deployer, std::uint64_t nonce) {
    const auto hash = keccak256(RlpWriter().bytes(deployer.bytes).number(nonce).take_list());
    Address out;
    std::copy(hash.begin() + 12, hash.end(), out.bytes.begin());
    return out;
}

U256::U256(std::uint64_t v) {
    for (std::size_t i = 0; i < 8; ++i) bytes[31 - i] = static_cast<std::uint8_t>(v >> (8 * i));
}

std::optional<std::uint64_t> U256::to_u64() const {
    if (std::any_of(bytes.begin(), bytes.begin() + 24, [](std::uint8_t b) { return b != 0; })) return std::nullopt;
    std::uint64_t out = 0;
    for (std::size_t i = 24; i < 32; ++i) out = out << 8 | bytes[i];
    return out;
}

base::ByteView U256::minimal() const {
    const auto first = std::find_if(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b != 0; });
    return base::ByteView(bytes).subspan(static_cast<std::size_t>(first - bytes.begin()));
}

}  // namespace ethereum
