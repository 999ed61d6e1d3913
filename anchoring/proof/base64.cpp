#include "anchoring/proof/base64.hpp"

#include <array>

#ifdef __SSE2__
#include <immintrin.h>
#endif

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

#ifdef __SSE2__
#define KEDGE_AVX2 __attribute__((target("avx2")))

// All bits of the bytes from `low` to `high`; those above 0x7f are negative here, and in no range.
KEDGE_AVX2 __m256i in_range(__m256i text, char low, char high) {
    return _mm256_and_si256(_mm256_cmpgt_epi8(text, _mm256_set1_epi8(static_cast<char>(low - 1))),
                            _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(high + 1)), text));
}
KEDGE_AVX2 __m256i where(__m256i which, int v) {
    return _mm256_and_si256(which, _mm256_set1_epi8(static_cast<char>(v)));
}
// 32 characters to 24 bytes at a time, as long as 32 bytes may be written and all characters are of the alphabet. Gives how many
// characters were read.
KEDGE_AVX2 std::size_t decode_wide(std::string_view text, std::uint8_t* out) {
    std::size_t i = 0;
    // What is left yields 24 bytes and, with eleven characters more, the 8 that the store writes behind them.
    for (; i + 43 <= text.size(); i += 32, out += 24) {
        const auto c = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + i));
        const auto upper = in_range(c, 'A', 'Z'), lower = in_range(c, 'a', 'z'), digit = in_range(c, '0', '9');
        const auto plus = _mm256_cmpeq_epi8(c, _mm256_set1_epi8('+')), slash = _mm256_cmpeq_epi8(c, _mm256_set1_epi8('/'));
        const auto letters = _mm256_or_si256(upper, lower), others = _mm256_or_si256(digit, _mm256_or_si256(plus, slash));
        if (_mm256_movemask_epi8(_mm256_or_si256(letters, others)) != -1) return i;
        const auto of_letters = _mm256_or_si256(where(upper, -'A'), where(lower, 26 - 'a'));
        const auto of_others = _mm256_or_si256(where(digit, 52 - '0'), _mm256_or_si256(where(plus, 62 - '+'), where(slash, 63 - '/')));
        const auto six = _mm256_add_epi8(c, _mm256_or_si256(of_letters, of_others));
        // Two times six bits to twelve, two times twelve to twenty-four, and their bytes in the order of the text.
        const auto twelve = _mm256_maddubs_epi16(six, _mm256_set1_epi32(0x01400140));
        const auto all = _mm256_madd_epi16(twelve, _mm256_set1_epi32(0x00011000));
        const auto order = _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1, 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12,
                                            -1, -1, -1, -1);
        const auto bytes = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(all, order), _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), bytes);
    }
    return i;
}
#endif

bool decode(std::string_view text, std::uint8_t* out) {
    std::uint32_t bad = 0;
    std::size_t i = 0;
#ifdef __SSE2__
    static const bool wide = __builtin_cpu_supports("avx2");
    if (wide) i = decode_wide(text, out);
    out += i / 4 * 3;
#endif
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
