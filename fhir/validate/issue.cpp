#include "fhir/validate/issue.hpp"

#include <algorithm>

namespace validate {
namespace {

json::Value entry(const Issue& issue) {
    json::Object out;
    out.set("severity", to_string(issue.severity));
    out.set("code", issue.code);
    out.set("diagnostics", issue.diagnostics);
    if (!issue.expression.empty()) out.set("expression", json::Array{issue.expression});
    return out;
}

}  // namespace

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::error:
            return "error";
        case Severity::warning:
            return "warning";
        case Severity::information:
            return "information";
    }
    return "error";
}

bool has_errors(const Issues& issues) {
    return std::any_of(issues.begin(), issues.end(), [](const Issue& issue) { return issue.severity == Severity::error; });
}

json::Value operation_outcome(const Issues& issues) {
    json::Array list;
    list.reserve(issues.size() + 1);
    for (const auto& issue : issues) list.push_back(entry(issue));
    if (issues.empty()) list.push_back(entry({Severity::information, "informational", "No issues were found", {}}));
    json::Object out;
    out.set("resourceType", "OperationOutcome");
    out.set("issue", std::move(list));
    return out;
}

}  // namespace validate
