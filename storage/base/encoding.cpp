#include "storage/base/encoding.hpp"


#include <array>

namespace base {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string encode(ByteView bytes, std::string_view alphabet, bool pad) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto left = bytes.size() - i;
        const std::uint32_t word = static_cast<std::uint32_t>(bytes[i]) << 16 | (left > 1 ? static_cast<std::uint32_t>(bytes[i + 1]) << 8 : 0u) |
                                   (left > 2 ? static_cast<std::uint32_t>(bytes[i + 2]) : 0u);
        out += alphabet[word >> 18 & 63];
        out += alphabet[word >> 12 & 63];
        if (left > 1) out += alphabet[word >> 6 & 63];
        else if (pad) out += '=';
        if (left > 2) out += alphabet[word & 63];
        else if (pad) out += '=';
    }
    return out;
}

using Values = std::array<std::int8_t, 256>;
constexpr Values values_of(std::string_view alphabet) {
    Values values{};
    for (auto& v : values) v = -1;
    for (std::size_t i = 0; i < alphabet.size(); ++i) values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    return values;
}
constexpr Values kBase64Values = values_of(kBase64), kBase64UrlValues = values_of(kBase64Url);

Result<Bytes> decode(std::string_view text, const Values& values) {
    if (text.size() % 4 == 1) return fail(Kind::invalid, "base64 text of impossible length");
    Bytes out;
    out.reserve(text.size() * 3 / 4);
    std::uint32_t word = 0;
    int bits = 0;
    for (const char c : text) {
        const auto value = values[static_cast<unsigned char>(c)];
        if (value < 0) return fail(Kind::invalid, "character outside the base64 alphabet");
        word = (word << 6 | static_cast<std::uint32_t>(value)) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<std::uint8_t>(word >> bits));
        }
    }
    if ((word & ((1u << bits) - 1u)) != 0) return fail(Kind::invalid, "base64 text with bits left over");
    return out;
}

}  // namespace

std::string to_hex(ByteView bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const auto b : bytes) {
        out += kHex[b >> 4];
        out += kHex[b & 15];
    }
    return out;
}

Result<Bytes> from_hex(std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    if (text.size() % 2 != 0) return fail(Kind::invalid, "hex text of odd length");
    Bytes out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return fail(Kind::invalid, "character that is no hex digit");
        out.push_back(static_cast<std::uint8_t>(high << 4 | low));
    }
    return out;
}

std::string to_base64(ByteView bytes) {
    return encode(bytes, kBase64, true);
}
std::string to_base64url(ByteView bytes) {
    return encode(bytes, kBase64Url, false);
}
Result<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return fail(Kind::invalid, "base64 text whose length is no multiple of four");
    if (text.ends_with("==")) text.remove_suffix(2);
    else if (text.ends_with("=")) text.remove_suffix(1);
    return decode(text, kBase64Values);
}
Result<Bytes> from_base64url(std::string_view text) {
    return decode(text, kBase64UrlValues);
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0) return fail(Kind::invalid, "broken percent escape in the URL");
            out += static_cast<char>(high << 4 | low);
            i += 2;
        }
    }
    if (!is_utf8(out)) return fail(Kind::invalid, "percent escapes that are no UTF-8");
    return out;
}

std::string percent_encode(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
        if (unreserved) {
            out += c;
        } else {
            out += '%';
            out += "0123456789ABCDEF"[static_cast<std::uint8_t>(c) >> 4];
            out += "0123456789ABCDEF"[static_cast<std::uint8_t>(c) & 15];
        }
    }
    return out;
}

// The table 3-7 of the Unicode standard: which second byte a first byte allows keeps out long forms, surrogates and what lies past U+10FFFF.
std::size_t utf8_character(std::string_view text) {
    if (text.empty()) return 0;
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto first = byte(0);
    if (first < 0x80) return 1;
    const std::size_t length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (length == 0 || text.size() < length) return 0;
    const unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (byte(1) < low || byte(1) > high) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    return length;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const auto n = utf8_character(text);
        if (n == 0) return false;
        text.remove_prefix(n);
    }
    return true;
}

std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) return text;
    while (max_bytes > 0 && (static_cast<unsigned char>(text[max_bytes]) & 0xc0) == 0x80) --max_bytes;
    return text.substr(0, max_bytes);
}

}  // namespace base
