// transaction: https://hl7.org/fhir/R4/http.html#trules. All or nothing; DELETE, POST, PUT and PATCH, GET in this order whatever the order of
// entries; links between entries rewritten; conditional references resolved; answers in the order of the request.
#pragma once

#include <vector>

#include "fhir/rest/attempt.hpp"
#include "fhir/rest/bundle_entries.hpp"

namespace rest {

void run_transaction(AttemptPtr attempt, const Services& services, const Then& then, std::vector<BundleEntry> entries);

}  // namespace rest
