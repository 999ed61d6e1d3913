#include "anchoring/proof/base64.hpp"

#include <array>

namespace proof {
namespace {

constexpr std::uint32_t kBad = 0x8000'0000;

// For each of the four places of a group, what a character means there, already shifted: four look-ups and three ORs for three bytes.
using Table = std::array<std::uint32_t, 256>;
constexpr Table table_of(unsigned shift) {
    constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    Table out{};
    for (auto& v : out) v = kBad;
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        out[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint32_t>(i) << shift;
    return out;
}
constexpr Table kFirst = table_of(18), kSecond = table_of(12), kThird = table_of(6), kFourth = table_of(0);

std::uint8_t at(std::string_view text, std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
}

// How many bytes the text stands for; the padding is taken off.
std::size_t length_of(std::string_view& text) {
    const std::size_t whole = text.size() / 4 * 3;
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
    text.remove_suffix(padding);
    return whole - padding;
}

bool decode(std::string_view text, std::uint8_t* out) {
    std::uint32_t bad = 0;
    std::size_t i = 0;
    for (; i + 4 <= text.size(); i += 4, out += 3) {
        const auto word = kFirst[at(text, i)] | kSecond[at(text, i + 1)] | kThird[at(text, i + 2)] | kFourth[at(text, i + 3)];
        bad |= word;
        out[0] = static_cast<std::uint8_t>(word >> 16);
        out[1] = static_cast<std::uint8_t>(word >> 8);
        out[2] = static_cast<std::uint8_t>(word);
    }
    if (i < text.size()) {  // two or three characters: one or two bytes, and bits that must be zero
        const bool three = text.size() - i == 3;
        const auto word = kFirst[at(text, i)] | kSecond[at(text, i + 1)] | (three ? kThird[at(text, i + 2)] : 0);
        bad |= word | ((word & (three ? 0xffu : 0xffffu)) != 0 ? kBad : 0);
        out[0] = static_cast<std::uint8_t>(word >> 16);
        if (three) out[1] = static_cast<std::uint8_t>(word >> 8);
    }
    return (bad & kBad) == 0;
}

}  // namespace

bool decode_base64(std::string_view text, base::Bytes& out) {
    if (text.size() % 4 != 0) return false;
    out.resize(length_of(text));
    return decode(text, out.data());
}

bool decode_base64(std::string_view text, std::span<std::uint8_t> out) {
    if (text.size() % 4 != 0 || length_of(text) != out.size()) return false;
    return decode(text, out.data());
}

}  // namespace proof
