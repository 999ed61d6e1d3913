// What an expression gives, as a line of JSON: tables of tests read best so.
#pragma once

#include "fhir/fhirpath/fhirpath.hpp"

#include <string>
#include <string_view>

namespace fhirpath_test {

// The values separated by blanks; "error: KIND: diagnostics" when it does not compile or evaluate.
inline std::string evaluate_to(std::string_view expression, const json::Value& resource, const fhirpath::Environment& given = {}) {
    const auto failed = [](const base::Error& error) {
        return "error: " + std::string(base::to_string(error.kind)) + ": " + error.diagnostics;
    };
    const auto compiled = fhirpath::compile(expression);
    if (!compiled) return failed(compiled.error());
    auto environment = given;
    if (environment.resource == nullptr) environment.resource = &resource;
    const auto result = fhirpath::evaluate(*compiled, fhirpath::resource_node(resource), environment);
    if (!result) return failed(result.error());
    std::string out;
    for (std::size_t i = 0; i < result->size(); ++i) out += (i > 0 ? " " : "") + json::write(result->value(i));
    return out;
}

inline std::string evaluate_to(std::string_view expression) {
    static const json::Value kNothing{json::Object{}};
    return evaluate_to(expression, kNothing);
}

}  // namespace fhirpath_test
