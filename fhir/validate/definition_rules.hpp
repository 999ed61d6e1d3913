// What definitions (CodeSystem, ValueSet, StructureDefinition) ask of themselves beyond their invariants.
#pragma once

#include "fhir/validate/report.hpp"
#include "fhir/validate/scope.hpp"

namespace validate {

// Of a resource of one of these types; nothing on others.
void check_definition(const json::Value& resource, const Options& options, Report& report);

}  // namespace validate
