// What a CapabilityStatement claims of R4's own search parameters.
#pragma once

#include "fhir/validate/report.hpp"

namespace validate {

// Where searchParam.definition names a parameter of R4, its type is the one defined.
void check_capabilities(const json::Value& statement, Report& report);

}  // namespace validate
