// Small helpers of the validation tests.
#pragma once

#include "fhir/validate/validate.hpp"

#include <string>
#include <string_view>

namespace validate_test {

inline std::string text_of(const validate::Issue& issue) {
    return std::string(to_string(issue.severity)) + " " + std::string(issue.code) + " at " + issue.expression + ": " + issue.diagnostics;
}
inline std::string text_of(const validate::Issues& issues) {
    std::string out;
    for (const auto& issue : issues) out += text_of(issue) + "\n";
    return out;
}

}  // namespace validate_test
