// The links of a Bundle, and what a searchset says of its entries (R4 bundle.html, http.html#search).
#pragma once

#include "fhir/validate/report.hpp"

namespace validate {

// Relations that mean one place (self, first, previous, next, last) stand once; pages belong to searches and histories.
void check_links(const json::Value& bundle, Report& report);
// A match is of a type that was searched and has an id, an outcome is an OperationOutcome.
void check_matches(const json::Value& bundle, Report& report);

}  // namespace validate
