// R4's invariants, by FHIRPath. The 240 expressions are compiled once; the definitions stay as HL7 published them, and those that are
// known to be wrong are mended here with the reason.
#pragma once

#include "fhir/definitions/rules.hpp"
#include "fhir/validate/report.hpp"
#include "fhir/validate/scope.hpp"

#include <span>

namespace validate {

// Reports those that do not hold at this place. An empty result counts as satisfied: half of R4's expressions mean it so.
void check_invariants(std::span<const definitions::Constraint* const> constraints, const Spot& spot, const Scope& scope, const Options& options, Report& report);

// What is evaluated in place of the official expression; the official one itself where nothing is wrong with it; empty when code elsewhere
// in this folder stands for it (dom-3 in contained.cpp, txt-1 in narrative.cpp ...).
std::string_view mended_expression(const definitions::Constraint& constraint);

}  // namespace validate
