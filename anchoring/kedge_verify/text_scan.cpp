#include "anchoring/kedge_verify/text_scan.hpp"

#include "storage/base/encoding.hpp"

#include <bit>
#include <cstdint>

#ifdef __SSE2__
#include <immintrin.h>
#endif

// For processors that have it; which are asked once, so that one program runs on all.
#define KEDGE_AVX2 __attribute__((target("avx2,popcnt,bmi")))

namespace kedge_verify {
namespace {

constexpr unsigned kMaxDepth = 64;

// The first quote, backslash or control character; `high` becomes true when a byte above 0x7f stands before it. Sixteen bytes at a
// time: most of an auditor's file is inside strings.
const char* string_end(const char* at, const char* end, bool& high) {
#ifdef __SSE2__
    const auto quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1f);
    for (; end - at >= 16; at += 16) {
        const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const auto hits = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
                                       _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
        const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits)), above = static_cast<unsigned>(_mm_movemask_epi8(bytes));
        if (mask != 0) {
            const int first = std::countr_zero(mask);
            high = high || (above & ((1u << first) - 1)) != 0;
            return at + first;
        }
        high = high || above != 0;
    }
#endif
    for (; at < end; ++at) {
        const auto c = static_cast<unsigned char>(*at);
        if (c == '"' || c == '\\' || c < 0x20) return at;
        high = high || c >= 0x80;
    }
    return end;
}

bool hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

char TextScan::next() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    return at_ < end_ ? *at_ : '\0';
}

bool TextScan::take(char c) {
    if (next() != c || at_ == end_) return false;
    ++at_;
    return true;
}

bool TextScan::escape() {
    if (end_ - at_ < 2) return false;
    const char c = at_[1];
    if (c != 'u') {
        at_ += 2;
        return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    }
    if (end_ - at_ < 6 || !hex(at_[2]) || !hex(at_[3]) || !hex(at_[4]) || !hex(at_[5])) return false;
    at_ += 6;
    return true;
}

bool TextScan::string(std::string_view& raw, bool& plain) {
    if (!take('"')) return false;
    const char* const first = at_;
    bool high = false;
    plain = true;
    for (;;) {
        at_ = string_end(at_, end_, high);
        if (at_ == end_ || (*at_ != '"' && *at_ != '\\')) return false;
        if (*at_ == '"') break;
        plain = false;
        if (!escape()) return false;
    }
    raw = {first, static_cast<std::size_t>(at_ - first)};
    ++at_;
    return !high || base::is_utf8(raw);
}

bool TextScan::literal(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size() || std::string_view(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
}

bool TextScan::digits() {
    const char* const first = at_;
    while (at_ < end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    return at_ != first;
}

bool TextScan::number() {
    if (*at_ == '-') ++at_;
    if (at_ < end_ && *at_ == '0') {
        ++at_;
    } else if (!digits()) {
        return false;
    }
    if (at_ < end_ && *at_ == '.') {
        ++at_;
        if (!digits()) return false;
    }
    if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
        ++at_;
        if (at_ < end_ && (*at_ == '+' || *at_ == '-')) ++at_;
        if (!digits()) return false;
    }
    return true;
}

bool TextScan::skip_value(unsigned depth) {
    if (depth > kMaxDepth) return false;
    std::string_view raw;
    bool plain = false;
    switch (next()) {
        case '"':
            return string(raw, plain);
        case '{':
            ++at_;
            if (take('}')) return true;
            do {
                if (!string(raw, plain) || !take(':') || !skip_value(depth + 1)) return false;
            } while (take(','));
            return take('}');
        case '[':
            ++at_;
            if (take(']')) return true;
            do {
                if (!skip_value(depth + 1)) return false;
            } while (take(','));
            return take(']');
        case 't':
            return literal("true");
        case 'f':
            return literal("false");
        case 'n':
            return literal("null");
        case '\0':
            return false;
        default:
            return number();
    }
}

bool TextScan::value(std::string_view& raw) {
    next();
    const char* const first = at_;
    if (!skip_value()) return false;
    raw = {first, static_cast<std::size_t>(at_ - first)};
    return true;
}

// How deep the brackets stand at a place, and whether it is inside a string.
struct TextScan::Brackets {
    std::size_t depth = 0;
    bool in_string = false;

    // Over one byte, or two of an escape; true: the object ended with it.
    bool step(const char*& at, const char* end) {
        const char c = *at++;
        if (in_string) {
            if (c == '\\' && at < end) ++at;
            if (c == '"') in_string = false;
            return false;
        }
        if (c == '"') in_string = true;
        if (c == '{' || c == '[') ++depth;
        return (c == '}' || c == ']') && --depth == 0;
    }

#ifdef __SSE2__
    static std::uint64_t prefix_xor(std::uint64_t bits) {
        for (const unsigned by : {1u, 2u, 4u, 8u, 16u, 32u}) bits ^= bits << by;
        return bits;
    }
    // What stands in 64 bytes, a bit for each.
    struct Marks {
        std::uint64_t quotes = 0, escapes = 0, opens = 0, closes = 0;
    };
    static Marks marks(const char* at) {
        const auto mask = [](unsigned i, __m128i of, char c) {
            return std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(of, _mm_set1_epi8(c))))} << (16 * i);
        };
        Marks out;
        for (unsigned i = 0; i < 4; ++i) {
            const auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 16 * i));
            const auto folded = _mm_or_si128(bytes, _mm_set1_epi8(0x20));  // [ and { differ in this bit, as ] and } do
            out.quotes |= mask(i, bytes, '"');
            out.escapes |= mask(i, bytes, '\\');
            out.opens |= mask(i, folded, '{');
            out.closes |= mask(i, folded, '}');
        }
        return out;
    }
    // The same with twice the width; and the loops below, compiled once more, count bits in one instruction.
    KEDGE_AVX2 static std::uint64_t mask(__m256i low, __m256i high, char c) {
        const auto wanted = _mm256_set1_epi8(c);
        return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted))) |
               std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)))} << 32;
    }
    KEDGE_AVX2 static Marks marks_avx2(const char* at) {
        const auto low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
        const auto high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + 32));
        const auto fold = _mm256_set1_epi8(0x20), low_folded = _mm256_or_si256(low, fold), high_folded = _mm256_or_si256(high, fold);
        return {mask(low, high, '"'), mask(low, high, '\\'), mask(low_folded, high_folded, '{'), mask(low_folded, high_folded, '}')};
    }
    // Over 64 bytes: `at` moves on, or stays behind the byte that ended the object (true).
    __attribute__((always_inline)) bool block(const char*& at, Marks m) {
        if (m.escapes != 0) {
            for (const char* const last = at + 64; at < last;) {
                if (step(at, last + 1)) return true;
            }
            return false;
        }
        const auto inside = prefix_xor(m.quotes) ^ (in_string ? ~std::uint64_t{0} : 0);
        in_string = (inside >> 63) != 0;
        m.opens &= ~inside;
        m.closes &= ~inside;
        const auto ends = static_cast<std::size_t>(__builtin_popcountll(m.closes));
        if (depth > ends) {
            depth += static_cast<std::size_t>(__builtin_popcountll(m.opens)) - ends;
            at += 64;
            return false;
        }
        for (auto both = m.opens | m.closes; both != 0; both &= both - 1) {
            const int bit = std::countr_zero(both);
            depth += (m.opens >> bit & 1) != 0 ? 1 : static_cast<std::size_t>(-1);
            if (depth == 0) {
                at += bit + 1;
                return true;
            }
        }
        at += 64;
        return false;
    }
    // Blocks until the object ends (true) or no whole one is left. One byte more than a block: an escape at its end takes the next byte
    // along. Two thirds of a file are the strings that hold the proofs: they are stepped over without a look at their brackets.
    bool blocks(const char*& at, const char* end) {
        while (end - at > 64) {
            const auto m = marks(at);
            if (in_string && (m.quotes | m.escapes) == 0) {
                at += 64;
            } else if (block(at, m)) {
                return true;
            }
        }
        return false;
    }
    KEDGE_AVX2 bool blocks_avx2(const char*& at, const char* end) {
        while (end - at > 64) {
            const auto m = marks_avx2(at);
            if (in_string && (m.quotes | m.escapes) == 0) {
                at += 64;
            } else if (block(at, m)) {
                return true;
            }
        }
        return false;
    }
#endif
};

bool TextScan::object_text(std::string_view& raw) {
    if (next() != '{') return false;
    const char* const first = at_;
    Brackets brackets;
    brackets.step(at_, end_);
    bool done = false;
#ifdef __SSE2__
    static const bool wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
    done = wide ? brackets.blocks_avx2(at_, end_) : brackets.blocks(at_, end_);
#endif
    while (!done) {
        if (at_ == end_) return false;
        done = brackets.step(at_, end_);
    }
    raw = {first, static_cast<std::size_t>(at_ - first)};
    return true;
}

}  // namespace kedge_verify
