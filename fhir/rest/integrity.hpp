// The two reports over the trail: does a range of the chain hold, and who saw what of one patient.
#pragma once

#include <utility>

#include "fhir/http/query.hpp"
#include "fhir/rest/attempt.hpp"
#include "fhir/rest/services.hpp"

namespace rest {

// [from, to) of leaf indexes: parameters `from` and `to`, default the whole chain as it stands. Errors: Kind::invalid.
base::Result<std::pair<std::uint64_t, std::uint64_t>> integrity_range(const http::Query& parameters, const Services& services);

// Parameters: from, to, checked, intact, finding*, and the checkpoint that the range was checked against. Edits, gaps, reorder,
// truncation and fork are findings; an erased event is none.
base::Result<std::string> integrity_report(const Services& services, std::pair<std::uint64_t, std::uint64_t> range);

// Parameters with one part per event: when, who, what, why, under which consent, with which outcome. Newest
// first; `_count` and `before` page through it; `next` names where the next page begins.
base::Result<std::string> access_report_of(const Attempt& attempt, const Services& services, const http::Query& parameters);

}  // namespace rest
