// Validation on write: what is stored is valid R4, as far as fhir/validate can tell (Settings::validation).
#pragma once

#include "fhir/rest/attempt.hpp"
#include "fhir/rest/services.hpp"
#include "fhir/validate/validate.hpp"

namespace rest {

// Validates a resource that is to be written and keeps every issue in the attempt. Error: Kind::unprocessable with the first error, when
// Settings::validation is on. Of a batch only the Bundle itself is looked at: its entries are refused one by one, each by its own write.
base::Status check_valid(Attempt& attempt, const Services& services, const json::Value& resource);

validate::Options validate_options(const Services& services);

}  // namespace rest
