// What a Bundle asks of its entries beyond their elements (R4 bundle.html).
#pragma once

#include "fhir/validate/report.hpp"
#include "fhir/validate/validate.hpp"

namespace validate {

void check_bundle(const json::Value& bundle, const Options& options, Report& report);

// The resource of the entry with this fullUrl; nullptr when there is none.
const json::Value* find_entry(const json::Value& bundle, std::string_view full_url);

}  // namespace validate
