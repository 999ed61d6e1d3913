// A coded value against a value set of the terminology that is known: what bindings of profiles, slices and memberOf() share.
#pragma once

#include "fhir/fhirpath/fhirpath.hpp"
#include "fhir/terminology/membership.hpp"

namespace validate {

// A code, Coding, Quantity or CodeableConcept; of the last one coding is enough. A plain code is looked for in every system the set speaks
// of. `unknown` with its reason when the set is not known, or nobody here can tell; a value without any code is not in the set.
terminology::Verdict in_value_set(const terminology::Library& library, const json::Value& value, std::string_view canonical);

// The memberOf() of FHIRPath environments. Errors: Kind::not_supported with the reason, where in_value_set says `unknown`.
base::Result<bool> member_of(const terminology::Library& library, const fhirpath::Node& node, std::string_view canonical);

}  // namespace validate
