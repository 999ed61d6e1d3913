// Invariants that are asked so often that they are code.
#pragma once

#include "fhir/validate/report.hpp"
#include "fhir/definitions/elements.hpp"

namespace validate {

// qty-3 on a Quantity and the types made from it; nothing on other groups.
void check_quantity(const json::Object& object, const definitions::Group& group, Report& report);
// What data types ask of themselves beyond their elements: the size of an Attachment is that of its data, the system of an Identifier or
// a Coding is absolute, and a Coding's is a code system.
void check_data_type(const json::Value& value, const definitions::Group& group, Report& report);
// dom-6, of the outermost resource alone.
void check_has_narrative(const json::Value& resource, const definitions::Group& group, Report& report);

}  // namespace validate
