#include "anchoring/ethereum/abi.hpp"

#include "anchoring/ethereum/keccak.hpp"

#include <algorithm>

namespace ethereum {
namespace {

using Shape = AbiValue::Shape;

bool is_dynamic(const AbiValue& value) {
    if (value.shape == Shape::word) return false;
    if (value.shape != Shape::tuple) return true;
    return std::any_of(value.items.begin(), value.items.end(), is_dynamic);
}

void append(base::Bytes& out, base::ByteView bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_word(base::Bytes& out, std::uint64_t number) {
    append(out, U256(number).bytes);
}

base::Bytes encode_one(const AbiValue& value) {
    base::Bytes out;
    switch (value.shape) {
        case Shape::word:
            append(out, value.word);
            break;
        case Shape::bytes:
            append_word(out, value.data.size());
            append(out, value.data);
            out.resize((out.size() + 31) / 32 * 32);
            break;
        case Shape::array:
            append_word(out, value.items.size());
            append(out, abi_encode(value.items));
            break;
        case Shape::tuple:
            append(out, abi_encode(value.items));
            break;
    }
    return out;
}

}  // namespace

Selector selector(std::string_view signature) {
    const auto hash = keccak256(signature);
    return {hash[0], hash[1], hash[2], hash[3]};
}

Hash event_topic(std::string_view signature) {
    return keccak256(signature);
}

AbiValue AbiValue::of(const Address& v) {
    AbiValue out;
    std::copy(v.bytes.begin(), v.bytes.end(), out.word.begin() + 12);
    return out;
}

AbiValue AbiValue::of(const U256& v) {
    AbiValue out;
    out.word = v.bytes;
    return out;
}

AbiValue AbiValue::of(const Hash& v) {
    AbiValue out;
    out.word = v;
    return out;
}

AbiValue AbiValue::of(base::ByteView v) {
    AbiValue out;
    out.shape = Shape::bytes;
    out.data = base::to_bytes(v);
    return out;
}

AbiValue AbiValue::array(std::vector<AbiValue> items) {
    AbiValue out;
    out.shape = Shape::array;
    out.items = std::move(items);
    return out;
}

AbiValue AbiValue::tuple(std::vector<AbiValue> items) {
    AbiValue out;
    out.shape = Shape::tuple;
    out.items = std::move(items);
    return out;
}

Address AbiValue::as_address() const {
    Address out;
    std::copy(word.begin() + 12, word.end(), out.bytes.begin());
    return out;
}

std::uint64_t AbiValue::as_u64() const {
    const auto out = as_u256().to_u64();
    CHECK(out.has_value());  // the caller decoded it as uint64 or narrower
    return *out;
}

base::Bytes abi_encode(const std::vector<AbiValue>& values) {
    // Heads first: a static value itself, or where the tail of a dynamic one begins, counted from here.
    std::vector<base::Bytes> parts;
    std::size_t heads = 0;
    for (const auto& value : values) {
        parts.push_back(encode_one(value));
        heads += is_dynamic(value) ? 32 : parts.back().size();
    }
    base::Bytes out, tails;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (is_dynamic(values[i])) {
            append_word(out, heads + tails.size());
            append(tails, parts[i]);
        } else {
            append(out, parts[i]);
        }
    }
    append(out, tails);
    return out;
}

base::Bytes abi_call(std::string_view signature, const std::vector<AbiValue>& values) {
    const auto four = selector(signature);
    base::Bytes out(four.begin(), four.end());
    append(out, abi_encode(values));
    return out;
}

Hash abi_topic(const AbiValue& value) {
    CHECK(value.shape == Shape::word);
    return value.word;
}

}  // namespace ethereum
