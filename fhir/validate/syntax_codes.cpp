#include "fhir/validate/syntax_codes.hpp"

#include "fhir/terminology/grammar.hpp"

namespace validate {
namespace {

// R4's value sets that are all of such a system.
std::string_view system_of(std::string_view value_set_url) {
    if (value_set_url == "http://hl7.org/fhir/ValueSet/mimetypes") return terminology::kMediaTypes;
    if (value_set_url == "http://hl7.org/fhir/ValueSet/currencies") return terminology::kCurrencies;
    return {};
}

}  // namespace

bool has_syntax(std::string_view url) {
    return !system_of(url).empty();
}

bool follows_syntax(std::string_view url, std::string_view code) {
    const auto system = system_of(url);
    return system.empty() || terminology::follows_grammar(system, code) != terminology::Held::no;
}

}  // namespace validate
