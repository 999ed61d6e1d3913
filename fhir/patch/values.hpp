// What two JSON values have in common, and what one costs. Inside patch only.
#pragma once

#include "storage/base/json.hpp"

namespace patch {

// RFC 6902 section 4.6: numbers by their value (1.10 is 1.1, and 100 is 1e2), members in any order, all else as written.
bool same_value(const json::Value& a, const json::Value& b);

struct Measure {
    std::size_t bytes = 0;   // about what it takes when it is written
    std::size_t values = 0;  // itself and all below
    std::size_t depth = 0;   // nested arrays and objects
};
Measure measure(const json::Value& value);

}  // namespace patch
