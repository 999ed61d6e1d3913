// What a Bundle asks of its entries beyond their elements (R4 bundle.html).
#pragma once

#include "fhir/validate/report.hpp"
#include "fhir/validate/scope.hpp"

namespace validate {

void check_bundle(const json::Value& bundle, const Options& options, Report& report);

BundleIndex index_bundle(const json::Value& bundle);

}  // namespace validate
