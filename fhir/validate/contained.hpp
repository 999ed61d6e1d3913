// R4 references.html#contained, and the invariants dom-2 to dom-5 in code: HL7's dom-3 needs a reading that FHIRPath does not give it,
// and all of them are asked of every resource.
#pragma once

#include "fhir/validate/report.hpp"
#include "fhir/validate/scope.hpp"

namespace validate {

// Of a contained resource, where it stands.
void check_contained(const json::Value& contained, Report& report);
// Of a resource with what it contains: each is referred to, ids are unique.
void check_containment(const json::Value& resource, const Scope& scope, Report& report);

// The contained resource that "#id" means; nullptr when there is none.
const json::Value* find_contained(const json::Value& root, std::string_view id);

}  // namespace validate
