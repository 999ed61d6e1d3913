// JSON Pointer, RFC 6901. Inside patch only.
#pragma once

#include "storage/base/json.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patch {

struct Pointer {
    std::string text;                 // as it was written
    std::vector<std::string> tokens;  // unescaped; none: the whole document

    // Is it this pointer, or a place above it?
    bool leads_to(const Pointer& other) const;
};

// Error: Kind::invalid when the text neither is empty nor begins with a slash, or when a '~' is no ~0 or ~1.
base::Result<Pointer> parse_pointer(std::string_view text);

// An index of RFC 6901 section 4: digits without leading zeros. Nothing for anything else, "-" included.
std::optional<std::size_t> array_index(std::string_view token);

// The value at the first `depth` tokens; nullptr when there is none.
json::Value* find_at(json::Value& document, const Pointer& pointer, std::size_t depth);

}  // namespace patch
