// The contract ABI (Solidity docs, "Contract ABI Specification") for the types that kedge's contracts use: address, uintN, bool,
// bytes32, bytes, T[] and tuples. Decoding takes the canonical layout alone: every tail directly after the one before it, padding
// zero, nothing behind. That is what every encoder writes, and it leaves no room for overlapping tails that grow when they are read.
#pragma once

#include "anchoring/ethereum/types.hpp"

#include <concepts>
#include <string_view>
#include <vector>

namespace ethereum {

using Selector = std::array<std::uint8_t, 4>;

// The first four bytes of the hash of "name(type,type)": of a function, or of a custom error.
Selector selector(std::string_view signature);
// The hash of an event's signature: topic 0 of its log.
Hash event_topic(std::string_view signature);

// A value in a shape that the encoder needs to know: one 32-byte word, dynamic bytes, an array, or a tuple.
struct AbiValue {
    enum class Shape { word, bytes, array, tuple };
    Shape shape = Shape::word;
    Hash word{};
    base::Bytes data;             // of bytes
    std::vector<AbiValue> items;  // of an array or a tuple

    static AbiValue of(const Address& v);
    static AbiValue of(const U256& v);
    static AbiValue of(std::uint64_t v) { return of(U256(v)); }
    static AbiValue of(const Hash& v);
    template <std::same_as<bool> T>  // so that no pointer becomes a bool
    static AbiValue of(T v) {
        return of(U256(v ? 1 : 0));
    }
    static AbiValue of(base::ByteView v);
    static AbiValue array(std::vector<AbiValue> items);
    static AbiValue tuple(std::vector<AbiValue> items);

    // How the decoder's caller takes a word apart; what abi_decode checked against the type cannot fail here.
    Address as_address() const;
    U256 as_u256() const { return U256(word); }
    std::uint64_t as_u64() const;
    bool as_bool() const { return word[31] != 0; }

    bool operator==(const AbiValue&) const = default;
};

// A tuple's contents: what follows the selector in a call, or the data of an event.
base::Bytes abi_encode(const std::vector<AbiValue>& values);
// The selector of `signature`, then the values.
base::Bytes abi_call(std::string_view signature, const std::vector<AbiValue>& values);
// One topic of an indexed static parameter.
Hash abi_topic(const AbiValue& value);

// `types` as in a signature, parentheses included: "(address,bytes32,(uint64,bytes)[])". The text is the program's own: a type that
// is not supported stops the program. Error: Kind::invalid when the data is not the canonical encoding of these types.
base::Result<std::vector<AbiValue>> abi_decode(std::string_view types, base::ByteView data);

}  // namespace ethereum
