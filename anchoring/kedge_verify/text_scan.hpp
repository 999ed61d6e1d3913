// Steps over JSON without building it: an auditor's file holds gigabytes of which only a few members matter, and what matters is
// committed to byte by byte. Strict about the grammar (RFC 8259, UTF-8); duplicate members and lone surrogates are for json::parse.
#pragma once

#include <cstddef>
#include <string_view>

namespace kedge_verify {

// One thread at a time. Views point into the text.
class TextScan {
  public:
    explicit TextScan(std::string_view text) : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {}

    // The next byte that is no white space; '\0' at the end.
    char next();
    bool at_end() { return next() == '\0' && at_ == end_; }
    // Steps over `c` when it comes next.
    bool take(char c);
    // A string from its opening quote: what stands between the quotes, and whether that is the text as it is (no escapes).
    bool string(std::string_view& raw, bool& plain);
    // A whole value; nesting as json::Limits has it.
    bool skip_value(unsigned depth = 0);
    bool value(std::string_view& raw);  // the same, and gives its text
    // The text of an object, found by its brackets alone and at some gigabytes a second: for what is committed to byte by byte, or is
    // looked at strictly afterwards. Of a broken object the end may be anywhere. false when no object comes next, or it does not end.
    bool object_text(std::string_view& raw);

    std::size_t offset() const { return static_cast<std::size_t>(at_ - begin_); }

  private:
    struct Brackets;
    bool escape();
    bool literal(std::string_view word);
    bool number();
    bool digits();

    const char* begin_;
    const char* at_;
    const char* end_;
};

}  // namespace kedge_verify
