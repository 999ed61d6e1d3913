// Regular expressions with a limit on time and on the stack. ICU: its syntax is what FHIRPath implementations share (Perl's), and
// unlike std::regex it can be stopped. ICU's types stay in regex.cpp.
#pragma once

#include "storage/base/error.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace fhirpath {

class Regex {
  public:
    // `flags`: i and m, in any order. A dot matches line ends (N1 section 5.6.9: single line mode).
    // Kind::invalid when the pattern or a flag is none.
    static base::Result<std::shared_ptr<const Regex>> compile(std::string_view pattern, std::string_view flags = {});
    ~Regex();
    Regex(const Regex&) = delete;
    Regex& operator=(const Regex&) = delete;

    bool empty() const;  // the empty pattern
    // Does it match somewhere, or all of the text when `whole`? Kind::too_large when the time or the stack did not suffice.
    // Any number of threads at once.
    base::Result<bool> matches(std::string_view text, bool whole, std::int32_t limit_ms) const;
    // All matches replaced; $1 and ${name} refer to groups. Kind::invalid for a group that there is not.
    base::Result<std::string> replace(std::string_view text, std::string_view substitution, std::int32_t limit_ms,
                                      std::size_t limit_bytes) const;

  private:
    struct Pattern;
    explicit Regex(std::unique_ptr<Pattern> pattern);
    std::unique_ptr<Pattern> pattern_;
};

}  // namespace fhirpath
