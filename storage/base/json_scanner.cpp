#include "storage/base/json_scanner.hpp"

#include "storage/base/encoding.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace json {
namespace {

constexpr const char* kTextEnds = "the text ends inside a value";

// True for the bytes of a string that stand for themselves and need no look: ASCII but for controls, quote and backslash.
constexpr auto kPlain = [] {
    std::array<bool, 256> plain{};
    for (int c = 0x20; c < 0x80; ++c) plain[static_cast<std::size_t>(c)] = c != '"' && c != '\\';
    return plain;
}();

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void append_utf8(std::uint32_t c, std::string& out) {
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (c < 0x80) return put(c);
    if (c < 0x800) {
        put(0xc0 | c >> 6);
    } else {
        if (c < 0x10000) {
            put(0xe0 | c >> 12);
        } else {
            put(0xf0 | c >> 18);
            put(0x80 | (c >> 12 & 0x3f));
        }
        put(0x80 | (c >> 6 & 0x3f));
    }
    put(0x80 | (c & 0x3f));
}

}  // namespace

char Scanner::next() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    return at_ == end_ ? '\0' : *at_;
}
bool Scanner::take(char c) {
    if (next() != c || at_ == end_) return false;
    ++at_;
    return true;
}
bool Scanner::take_word(std::string_view word) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return false;
    at_ += word.size();
    return true;
}

const char* Scanner::string(std::string& out) {
    ++at_;
    const char* run = at_;  // start of what can be copied as it stands
    for (;;) {
        while (at_ != end_ && kPlain[static_cast<unsigned char>(*at_)]) ++at_;
        if (at_ == end_) return kTextEnds;
        const auto c = static_cast<unsigned char>(*at_);
        if (c == '"') {
            out.append(run, at_);
            ++at_;
            return nullptr;
        }
        if (c == '\\') {
            out.append(run, at_);
            if (const char* wrong = escape(out)) return wrong;
            run = at_;
        } else if (c < 0x20) {
            return "a control character must be escaped inside a string";
        } else {
            const auto length = base::utf8_character({at_, static_cast<std::size_t>(end_ - at_)});
            if (length == 0) return "the text is not UTF-8";
            at_ += length;
        }
    }
}

const char* Scanner::escape(std::string& out) {
    constexpr std::string_view kLetters = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
    if (end_ - at_ < 2) return kTextEnds;
    if (const auto letter = kLetters.find(at_[1]); letter != std::string_view::npos) {
        out += kMeant[letter];
        at_ += 2;
        return nullptr;
    }
    if (at_[1] != 'u') return "no such escape in a string";
    at_ += 2;
    const int unit = hex4();
    if (unit < 0) return "\\u needs four hex digits";
    if (unit < 0xd800 || unit > 0xdfff) {
        append_utf8(static_cast<std::uint32_t>(unit), out);
        return nullptr;
    }
    // RFC 8259 section 7: beyond the basic plane a character is a pair of surrogates. Half a pair is no character.
    const bool pair = unit < 0xdc00 && take_word("\\u");
    const int low = pair ? hex4() : -1;
    if (low < 0xdc00 || low > 0xdfff) return "half a surrogate pair in a string";
    append_utf8(0x10000 + (static_cast<std::uint32_t>(unit - 0xd800) << 10) + static_cast<std::uint32_t>(low - 0xdc00), out);
    return nullptr;
}

int Scanner::hex4() {
    if (end_ - at_ < 4) return -1;
    int value = 0;
    for (int i = 0; i < 4; ++i) {
        const char c = at_[i];
        const int digit = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) return -1;
        value = value << 4 | digit;
    }
    at_ += 4;
    return value;
}

bool Scanner::digits() {
    const char* from = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return at_ != from;
}

// number = [ "-" ] ( "0" / digit1-9 *digit ) [ "." 1*digit ] [ ("e" / "E") [ "+" / "-" ] 1*digit ]; its value is never computed,
// so no range, no locale and no rounding touches it.
const char* Scanner::number(std::string& out) {
    const char* const from = at_;
    if (*at_ == '-') ++at_;
    if (at_ != end_ && *at_ == '0') {
        ++at_;
        if (at_ != end_ && is_digit(*at_)) return "a number must not start with a zero before other digits";
    } else if (!digits()) {
        return "a digit is expected in a number";
    }
    if (at_ != end_ && *at_ == '.') {
        ++at_;
        if (!digits()) return "a digit is expected after the point of a number";
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
        ++at_;
        if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
        if (!digits()) return "a digit is expected in the exponent of a number";
    }
    out.append(from, at_);
    return nullptr;
}

Scanner::Position Scanner::position() const {
    Position position;
    position.line += static_cast<std::size_t>(std::count(begin_, at_, '\n'));
    const char* line = at_;
    while (line != begin_ && line[-1] != '\n') --line;
    position.column +=
        static_cast<std::size_t>(std::count_if(line, at_, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
    return position;
}

}  // namespace json
