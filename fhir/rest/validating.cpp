#include "fhir/rest/validating.hpp"

#include "fhir/rest/knowledge.hpp"

#include <algorithm>

namespace rest {

validate::Options validate_options(const Services& services) {
    validate::Options out;
    if (services.knowledge != nullptr) {
        out.held = services.knowledge->current();
        out.profiles = out.held.get();
    }
    out.base_url = services.settings.base_url;
    return out;
}

base::Status check_valid(Attempt& attempt, const Services& services, const json::Value& resource) {
    if (services.settings.validation == Validation::off) return {};
    auto options = validate_options(services);
    options.bundle_entries = !(attempt.action.interaction == Interaction::bundle && resource.text("type") == "batch");
    // Warnings are for who asks to see them; a write that nobody looks at is not to wait for them.
    options.warnings = attempt.prefer.returns == http::Prefer::Return::operation_outcome;
    attempt.issues = validate::validate(resource, options);
    auto unusable = definition_issues(resource);
    attempt.issues.insert(attempt.issues.end(), std::make_move_iterator(unusable.begin()), std::make_move_iterator(unusable.end()));
    const auto& issues = attempt.issues;
    const auto first = std::find_if(issues.begin(), issues.end(), [](const validate::Issue& issue) { return issue.severity == validate::Severity::error; });
    if (first == issues.end() || services.settings.validation == Validation::warn) return {};
    return base::fail(base::Kind::unprocessable, first->diagnostics, {first->expression}, std::string(first->code));
}

}  // namespace rest
