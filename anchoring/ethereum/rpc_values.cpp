#include "anchoring/ethereum/rpc_values.hpp"

#include <algorithm>

namespace ethereum {
namespace {

using base::Kind;

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The digits behind 0x; nothing when it is no hex.
std::optional<std::string_view> digits(std::string_view text) {
    if (!text.starts_with("0x")) return std::nullopt;
    text.remove_prefix(2);
    if (std::any_of(text.begin(), text.end(), [](char c) { return digit(c) < 0; })) return std::nullopt;
    return text;
}

// What a message may show of a foreign text.
std::string shown(std::string_view text) {
    std::string out(text.substr(0, 40));
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return "\"" + out + (text.size() > 40 ? "...\"" : "\"");
}

base::Result<std::string_view> quantity_digits(std::string_view text, std::size_t most) {
    const auto hex = digits(text);
    if (!hex || hex->empty() || hex->size() > most || (hex->size() > 1 && hex->front() == '0')) {
        return base::fail(Kind::corrupt, "the node's " + shown(text) + " is no QUANTITY of at most " + std::to_string(most) + " digits");
    }
    return *hex;
}

base::Result<std::string_view> text_of(const json::Value& object, std::string_view key) {
    const auto* member = object.find(key);
    const auto* text = member ? member->if_string() : nullptr;
    if (!text) return base::fail(Kind::corrupt, "the node's answer has no \"" + std::string(key) + "\"");
    return std::string_view(*text);
}

template <std::size_t N>
base::Result<std::array<std::uint8_t, N>> fixed(std::string_view text, std::string_view key) {
    auto bytes = parse_data(text);
    if (!bytes) return base::pass(bytes);
    std::array<std::uint8_t, N> out{};
    if (bytes->size() != N) {
        return base::fail(Kind::corrupt, "the node's \"" + std::string(key) + "\" has " + std::to_string(bytes->size()) + " bytes, not " +
                                             std::to_string(N));
    }
    std::copy(bytes->begin(), bytes->end(), out.begin());
    return out;
}

}  // namespace

std::string to_quantity(std::uint64_t number) {
    std::string out;
    do {
        out.insert(out.begin(), "0123456789abcdef"[number % 16]);
        number /= 16;
    } while (number != 0);
    return "0x" + out;
}

std::string to_data(base::ByteView bytes) {
    std::string out = "0x";
    out.reserve(2 + bytes.size() * 2);
    for (const auto byte : bytes) {
        out += "0123456789abcdef"[byte >> 4];
        out += "0123456789abcdef"[byte & 15];
    }
    return out;
}

base::Result<std::uint64_t> parse_quantity(std::string_view text) {
    const auto hex = quantity_digits(text, 16);
    if (!hex) return base::pass(hex);
    std::uint64_t out = 0;
    for (const char c : *hex) out = out << 4 | static_cast<std::uint64_t>(digit(c));
    return out;
}

base::Result<U256> parse_quantity_u256(std::string_view text) {
    const auto hex = quantity_digits(text, 64);
    if (!hex) return base::pass(hex);
    U256 out;
    std::size_t nibble = 64 - hex->size();
    for (const char c : *hex) {
        out.bytes[nibble / 2] |= static_cast<std::uint8_t>(digit(c) << (nibble % 2 == 0 ? 4 : 0));
        ++nibble;
    }
    return out;
}

base::Result<base::Bytes> parse_data(std::string_view text) {
    const auto hex = digits(text);
    if (!hex || hex->size() % 2 != 0) return base::fail(Kind::corrupt, "the node's " + shown(text) + " is no DATA");
    base::Bytes out;
    out.reserve(hex->size() / 2);
    for (std::size_t i = 0; i < hex->size(); i += 2) {
        out.push_back(static_cast<std::uint8_t>(digit((*hex)[i]) << 4 | digit((*hex)[i + 1])));
    }
    return out;
}

base::Result<std::uint64_t> quantity_of(const json::Value& object, std::string_view key) {
    const auto text = text_of(object, key);
    if (!text) return base::pass(text);
    return parse_quantity(*text);
}

base::Result<base::Bytes> data_of(const json::Value& object, std::string_view key) {
    const auto text = text_of(object, key);
    if (!text) return base::pass(text);
    return parse_data(*text);
}

base::Result<Hash> hash_of(const json::Value& object, std::string_view key) {
    const auto text = text_of(object, key);
    if (!text) return base::pass(text);
    return fixed<32>(*text, key);
}

base::Result<Address> address_of(const json::Value& object, std::string_view key) {
    const auto text = text_of(object, key);
    if (!text) return base::pass(text);
    const auto bytes = fixed<20>(*text, key);
    if (!bytes) return base::pass(bytes);
    return Address{*bytes};
}

base::Result<std::uint64_t> as_quantity(const json::Value& value, std::string_view what) {
    if (const auto* text = value.if_string()) return parse_quantity(*text);
    return base::fail(Kind::corrupt, "the node's answer to " + std::string(what) + " is no QUANTITY");
}

base::Result<base::Bytes> as_data(const json::Value& value, std::string_view what) {
    if (const auto* text = value.if_string()) return parse_data(*text);
    return base::fail(Kind::corrupt, "the node's answer to " + std::string(what) + " is no DATA");
}

}  // namespace ethereum
