// References: their form, and whether what they point to is of a type that the element takes (R4 references.html).
#pragma once

#include "fhir/validate/report.hpp"
#include "fhir/validate/scope.hpp"

#include <span>

namespace validate {

// `targets`: the resource types that are taken; empty: all.
void check_target(const json::Value& reference, std::span<const std::string_view> targets, const Scope& scope, const Options& options, Report& report);

}  // namespace validate
