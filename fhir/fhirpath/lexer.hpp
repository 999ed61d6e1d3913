// Words of an expression (FHIRPath N1, appendix A: the lexer rules).
#pragma once

#include "storage/base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace fhirpath {

struct Token {
    enum class Kind : std::uint8_t {
        end,
        identifier,  // a word; `text` without the back quotes when they stood there
        delimited,   // `word`
        string,      // escapes undone
        number,      // as written, without the L of a long one
        long_number,
        temporal,  // without its @
        variable,  // %name, %`name`, %'name'
        dollar,    // $this
        symbol,    // one of the operators
    };
    Kind kind = Kind::end;
    std::string text;
    std::uint32_t line = 1, column = 1;
    std::size_t end = 0;  // offset behind it

    bool is(std::string_view symbol_or_word) const { return (kind == Kind::symbol || kind == Kind::identifier) && text == symbol_or_word; }
};

class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}
    // Kind::invalid with line and column for what begins no word.
    base::Result<Token> next();

  private:
    base::Status skip_space();
    base::Result<Token> quoted(char quote, Token::Kind kind);
    base::Result<Token> number();
    base::Result<Token> temporal();
    base::Result<Token> symbol();
    Token begin(Token::Kind kind) const;
    void advance(std::size_t count);
    bool at(std::string_view expected) const { return text_.substr(at_, expected.size()) == expected; }
    char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    tl::unexpected<base::Error> fail(std::string_view what) const;

    std::string_view text_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1, column_ = 1;
};

// "...: line 1, column 7"
std::string with_place(std::string_view what, std::uint32_t line, std::uint32_t column);

}  // namespace fhirpath
