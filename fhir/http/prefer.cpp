#include "fhir/http/prefer.hpp"

#include "fhir/http/headers.hpp"

#include <string>

namespace http {
namespace {

void apply_return(std::string_view value, Prefer& out) {
    if (equal_ignoring_case(value, "minimal")) {
        out.returns = Prefer::Return::minimal;
    } else if (equal_ignoring_case(value, "representation")) {
        out.returns = Prefer::Return::representation;
    } else if (equal_ignoring_case(value, "OperationOutcome")) {
        out.returns = Prefer::Return::operation_outcome;
    }
}

void apply_handling(std::string_view value, Prefer& out) {
    if (equal_ignoring_case(value, "strict")) {
        out.handling = Prefer::Handling::strict;
    } else if (equal_ignoring_case(value, "lenient")) {
        out.handling = Prefer::Handling::lenient;
    }
}

}  // namespace

Prefer parse_prefer(std::string_view text) {
    Prefer out;
    for (const auto part : split_list(text, ',')) {
        const auto preference = split_list(part, ';');  // parameters after ';' are not defined for ours
        if (preference.empty()) continue;
        const auto equals = preference[0].find('=');
        const auto name = trimmed(preference[0].substr(0, equals));
        const auto value = equals == std::string_view::npos ? std::string() : unquoted(trimmed(preference[0].substr(equals + 1)));
        if (equal_ignoring_case(name, "return") && out.returns == Prefer::Return::unspecified) {
            apply_return(value, out);
        } else if (equal_ignoring_case(name, "handling") && out.handling == Prefer::Handling::unspecified) {
            apply_handling(value, out);
        } else if (equal_ignoring_case(name, "respond-async")) {
            out.respond_async = true;
        }
    }
    return out;
}

}  // namespace http
