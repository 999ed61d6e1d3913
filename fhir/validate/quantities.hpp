// What numbers with units ask of themselves: Quantity and the types made from it, and SampledData (R4 datatypes.html).
#pragma once

#include "fhir/definitions/rules.hpp"
#include "fhir/validate/report.hpp"
#include "fhir/validate/scope.hpp"

namespace validate {

// qty-3, sqty-1 where the element takes a SimpleQuantity, and the UCUM unit; nothing on other groups. What is no UCUM expression is an
// error; a well-formed one with a symbol that UCUM 2.1 has not is a warning, since a later UCUM may have it.
void check_quantity(const json::Object& object, const definitions::Group& group, const Spot* spot, const Options& options, Report& report);
// The points of a SampledData.
void check_sampled_data(const json::Value& value, const Options& options, Report& report);

}  // namespace validate
