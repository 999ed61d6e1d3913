// What validation found: the parts of OperationOutcome.issue.
#pragma once

#include "storage/base/json.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace validate {

enum class Severity : std::uint8_t { error, warning, information };
std::string_view to_string(Severity severity);  // http://hl7.org/fhir/issue-severity

// `diagnostics` names codes, systems, URLs and elements as they were written, but never text, dates or identifiers: the sentence may end
// in an audit trail or on a screen where the patient's data has no business.
struct Issue {
    Severity severity = Severity::error;
    std::string_view code;    // http://hl7.org/fhir/issue-type; static
    std::string diagnostics;  // a sentence for the author of the resource
    std::string expression;   // "Patient.name[0].given": FHIRPath's simple subset
};
using Issues = std::vector<Issue>;

bool has_errors(const Issues& issues);

// The OperationOutcome; with no issue at all it holds one information that says so, because R4 asks for at least one.
json::Value operation_outcome(const Issues& issues);

}  // namespace validate
