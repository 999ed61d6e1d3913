// Documents and messages are wholes (R4 documents.html#content, messaging.html): what they name is in them, and what is in them is named.
#pragma once

#include "fhir/validate/report.hpp"
#include "fhir/validate/scope.hpp"

namespace validate {

void check_whole(const json::Value& bundle, const Options& options, Report& report);

// The base of a RESTful fullUrl, "http://x.example/fhir/" of "http://x.example/fhir/Patient/1"; empty when it is none.
std::string_view base_of(std::string_view full_url);

}  // namespace validate
