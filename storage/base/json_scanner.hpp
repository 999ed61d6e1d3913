// The lexical half of json::parse: white space, strings and numbers of RFC 8259, over one piece of memory. Used by json_reader.cpp alone.
#pragma once

#include <string>
#include <string_view>

namespace json {

class Scanner {
  public:
    explicit Scanner(std::string_view text) : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {}

    // The next byte that is no white space; '\0' at the end. A NUL in the text reads the same, and no grammar rule takes it.
    char next();
    bool at_end() const { return at_ == end_; }
    // Steps over `c` when it comes next.
    bool take(char c);
    bool take_word(std::string_view word);

    // Each returns nullptr and moves on, or says what is wrong and stays where it is. The text never quotes the input.
    const char* string(std::string& out);  // from the opening quote; appends the characters, unescaped
    const char* number(std::string& out);  // appends the number as it is written

    struct Position {
        std::size_t line = 1, column = 1;  // in characters
    };
    Position position() const;

  private:
    const char* escape(std::string& out);
    int hex4();  // -1 when the next four bytes are no hex digits
    bool digits();

    const char* begin_;
    const char* at_;
    const char* end_;
};

}  // namespace json
