// Codes against the value sets they are bound to (R4 terminologies.html#strength).
#pragma once

#include "fhir/definitions/rules.hpp"
#include "fhir/validate/report.hpp"
#include "fhir/validate/scope.hpp"

namespace validate {

// `spot` has the shape its type asks for. A required binding refuses, an extensible one warns. Value sets that R4 does not enumerate are
// checked as far as syntax goes (BCP 13 media types, ISO 4217 currencies), else not.
void check_binding(const Spot& spot, const definitions::ElementRules& rules, const Options& options, Report& report);

// A code that is required, but stands only as an extension in the place of its value.
void check_absent_code(const Spot& spot, const definitions::ElementRules& rules, Report& report);
// A code element named language holds one as BCP 47 writes it (R4's maximum value set all-languages).
void check_language(const Spot& spot, Report& report);

}  // namespace validate
