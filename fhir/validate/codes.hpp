// Is a code one of its code system, and is its display the one that the system gives it? Beside bindings, which ask for a value set.
#pragma once

#include "fhir/validate/report.hpp"
#include "fhir/validate/scope.hpp"

namespace validate {

// Of a Coding. A code that a complete system has not is an error where the system is R4's own (http://hl7.org/fhir/...) or was brought by a
// package or a client; of terminology.hl7.org a warning, as those systems grow while R4 does not. A wrong display is a warning.
void check_coding(const json::Value& coding, const Options& options, Report& report);

}  // namespace validate
