// Invariants that are asked so often that they are code.
#pragma once

#include "fhir/validate/report.hpp"
#include "fhir/validate/scope.hpp"

namespace validate {

// What data types ask of themselves beyond their elements: the size of an Attachment is that of its data, the system of an Identifier or
// a Coding is absolute, and a Coding's is a code system that has the code; labels stand once; points are numbers.
void check_data_type(const json::Value& value, const definitions::Group& group, const Options& options, Report& report);
// dom-6, of the outermost resource alone.
void check_has_narrative(const json::Value& resource, const definitions::Group& group, Report& report);

}  // namespace validate
