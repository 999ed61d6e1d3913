#include "fhir/validate/codes.hpp"

#include "fhir/terminology/grammar.hpp"
#include "fhir/validate/profiles.hpp"

namespace validate {
namespace {

bool grows(std::string_view system) {
    return !system.starts_with("http://hl7.org/fhir/") && terminology::Library::r4()->knows(terminology::Type::code_system, system);
}

std::string quoted(std::string_view text) {
    return "'" + std::string(base::utf8_prefix(text, 64)) + "'";
}

}  // namespace

void check_coding(const json::Value& coding, const Options& options, Report& report) {
    const auto system = coding.text("system"), code = coding.text("code"), display = coding.text("display");
    if (system.empty() || code.empty()) return;
    const auto& terms = known_profiles(options).terms();
    if (terminology::has_grammar(system)) {
        if (terminology::follows_grammar(system, code) == terminology::Held::no) report.error("code-invalid", quoted(code) + " is no code of the system " + std::string(system), "code");
        return;
    }
    if (!terms.knows(terminology::Type::code_system, system)) return;
    const auto found = terms.code_system(system, coding.text("version"));
    if (!found) return;  // another version, or one that does not parse: nobody here can tell
    const auto* known = (*found)->find(code);
    if (known == nullptr) {
        if (!(*found)->complete() || (grows(system) && !options.warnings)) return;
        report.add(grows(system) ? Severity::warning : Severity::error, "code-invalid", "The code system " + std::string(system) + " has no code " + quoted(code), "code");
    } else if (options.warnings && !display.empty() && !known->display.empty() && !known->is_called(display)) {
        report.warning("code-invalid", "The display of " + quoted(code) + " in " + std::string(system) + " is " + quoted(known->display), "display");
    }
}

}  // namespace validate
