// The hex of Ethereum's JSON-RPC (execution-apis, "Hex value encoding"): QUANTITY is a number without leading zeros, DATA is bytes with
// two digits each. Strict: an answer that bends the rules comes from something that is no Ethereum node. All errors: Kind::corrupt.
#pragma once

#include "anchoring/ethereum/types.hpp"
#include "storage/base/json.hpp"

namespace ethereum {

std::string to_quantity(std::uint64_t number);  // 0x0, 0x1f
std::string to_data(base::ByteView bytes);      // 0x, 0x00ff

base::Result<std::uint64_t> parse_quantity(std::string_view text);
base::Result<U256> parse_quantity_u256(std::string_view text);
base::Result<base::Bytes> parse_data(std::string_view text);

// A member of an answer's object. Absent, null and other types are errors.
base::Result<std::uint64_t> quantity_of(const json::Value& object, std::string_view key);
base::Result<base::Bytes> data_of(const json::Value& object, std::string_view key);
base::Result<Hash> hash_of(const json::Value& object, std::string_view key);
base::Result<Address> address_of(const json::Value& object, std::string_view key);
// A whole answer that is one QUANTITY or DATA.
base::Result<std::uint64_t> as_quantity(const json::Value& value, std::string_view what);
base::Result<base::Bytes> as_data(const json::Value& value, std::string_view what);

}  // namespace ethereum
