#include "fhir/fhirpath/lexer.hpp"

#include "fhir/fhirpath/temporal.hpp"

#include <algorithm>
#include <array>

namespace fhirpath {
namespace {

bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool digit(char c) {
    return c >= '0' && c <= '9';
}
int hex_digit(char c) {
    if (digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void append_utf8(std::uint32_t code, std::string& out) {
    if (code >= 0xd800 && code <= 0xdfff) code = 0xfffd;  // half a pair
    const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0 | code >> 6);
        put(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        put(0xe0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    } else {
        put(0xf0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3f));
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    }
}

// Four hexadecimal digits at the beginning; -1 when there are none.
std::int32_t hex4(std::string_view text) {
    if (text.size() < 4) return -1;
    std::int32_t out = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const int value = hex_digit(text[i]);
        if (value < 0) return -1;
        out = out * 16 + value;
    }
    return out;
}

// What follows a backslash; gives how many characters it took. An unknown escape stands for the character itself.
std::size_t unescape(std::string_view rest, std::string& out) {
    constexpr std::string_view kFrom = "rntf", kTo = "\r\n\t\f";
    if (rest.empty()) return 0;
    if (const auto place = kFrom.find(rest.front()); place != std::string_view::npos) {
        out += kTo[place];
        return 1;
    }
    const auto first = rest.front() == 'u' ? hex4(rest.substr(1)) : -1;
    if (first < 0) {
        out += rest.front();
        return 1;
    }
    if (first >= 0xd800 && first < 0xdc00 && rest.substr(5, 2) == "\\u") {
        const auto second = hex4(rest.substr(7));
        if (second >= 0xdc00 && second < 0xe000) {
            append_utf8(0x10000 + (static_cast<std::uint32_t>(first - 0xd800) << 10) + static_cast<std::uint32_t>(second - 0xdc00), out);
            return 11;
        }
    }
    append_utf8(static_cast<std::uint32_t>(first), out);
    return 5;
}

}  // namespace

std::string with_place(std::string_view what, std::uint32_t line, std::uint32_t column) {
    return std::string(what) + ": line " + std::to_string(line) + ", column " + std::to_string(column);
}

tl::unexpected<base::Error> Lexer::fail(std::string_view what) const {
    return base::fail(base::Kind::invalid, with_place(what, line_, column_));
}

Token Lexer::begin(Token::Kind kind) const {
    Token out;
    out.kind = kind;
    out.line = line_;
    out.column = column_;
    return out;
}

void Lexer::advance(std::size_t count) {
    for (; count > 0 && at_ < text_.size(); --count, ++at_) {
        if (text_[at_] == '\n') {
            line_ += 1;
            column_ = 1;
        } else if ((static_cast<unsigned char>(text_[at_]) & 0xc0) != 0x80) {
            column_ += 1;  // columns count characters, not bytes
        }
    }
}

base::Status Lexer::skip_space() {
    while (true) {
        if (peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\n') {
            advance(1);
        } else if (at("//")) {
            const auto end = text_.find_first_of("\r\n", at_);
            advance((end == std::string_view::npos ? text_.size() : end) - at_);
        } else if (at("/*")) {
            const auto end = text_.find("*/", at_ + 2);
            if (end == std::string_view::npos) return fail("the comment does not end");
            advance(end + 2 - at_);
        } else {
            return {};
        }
    }
}

base::Result<Token> Lexer::quoted(char quote, Token::Kind kind) {
    Token out = begin(kind);
    const Lexer start = *this;
    advance(1);
    while (peek() != quote) {
        if (at_ >= text_.size()) return start.fail(quote == '\'' ? "the string does not end" : "the name in back quotes does not end");
        if (peek() == '\\') {
            advance(1);
            advance(unescape(text_.substr(at_), out.text));
        } else {
            out.text += peek();
            advance(1);
        }
    }
    advance(1);
    return out;
}

base::Result<Token> Lexer::number() {
    Token out = begin(Token::Kind::number);
    std::size_t length = 0;
    while (digit(peek(length))) length += 1;
    const std::size_t whole = length;
    if (peek(length) == '.' && digit(peek(length + 1))) {
        for (length += 1; digit(peek(length));) length += 1;
    }
    out.text = text_.substr(at_, length);
    advance(length);
    if (peek() == 'L' && length == whole && !letter(peek(1)) && !digit(peek(1))) {
        out.kind = Token::Kind::long_number;
        advance(1);
    } else if (letter(peek())) {
        return fail("a letter follows the number at once");
    }
    return out;
}

base::Result<Token> Lexer::temporal() {
    Token out = begin(Token::Kind::temporal);
    const auto rest = text_.substr(at_ + 1);
    const std::size_t length = literal_length(rest);
    if (length == 0) return fail("@ begins a date, a time or both, such as @2014-01-25T14:30");
    out.text = rest.substr(0, length);
    advance(length + 1);
    return out;
}

base::Result<Token> Lexer::symbol() {
    constexpr std::array<std::string_view, 22> kSymbols{"<=", ">=", "!=", "!~", ".", "(", ")", "[", "]", "{", "}",
                                                        ",",  "+",  "-",  "*",  "/", "&", "|", "<", ">", "=", "~"};
    Token out = begin(Token::Kind::symbol);
    const auto* found = std::find_if(kSymbols.begin(), kSymbols.end(), [&](std::string_view symbol) { return at(symbol); });
    if (found == kSymbols.end()) return fail("this character begins nothing that FHIRPath knows");
    out.text = *found;
    advance(found->size());
    return out;
}

base::Result<Token> Lexer::next() {
    if (const auto skipped = skip_space(); !skipped) return base::pass(skipped);
    if (at_ >= text_.size()) return begin(Token::Kind::end);
    const char c = peek();
    if (digit(c)) return number();
    if (c == '\'') return quoted('\'', Token::Kind::string);
    if (c == '`') return quoted('`', Token::Kind::delimited);
    if (c == '@') return temporal();
    if (letter(c) || c == '$' || (c == '%' && letter(peek(1)))) {
        Token out = begin(c == '$' ? Token::Kind::dollar : c == '%' ? Token::Kind::variable : Token::Kind::identifier);
        std::size_t length = 1;
        while (letter(peek(length)) || digit(peek(length))) length += 1;
        out.text = text_.substr(at_, length);
        if (c == '%') out.text.erase(0, 1);
        advance(length);
        return out;
    }
    if (c == '%' && (peek(1) == '`' || peek(1) == '\'')) {
        const Token place = begin(Token::Kind::variable);
        advance(1);
        auto out = quoted(peek(), Token::Kind::variable);
        if (out) out->column = place.column;
        return out;
    }
    return symbol();
}

}  // namespace fhirpath
