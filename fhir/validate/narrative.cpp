#include "fhir/validate/narrative.hpp"

#include "fhir/fhirpath/html.hpp"

namespace validate {

void check_narrative(std::string_view div, Report& report) {
    fhirpath::check_html(div, [&](std::string_view invariant, const std::string& what) { report.error("invariant", std::string(invariant) + ": " + what); });
}

}  // namespace validate
