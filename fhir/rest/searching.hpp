// search: https://hl7.org/fhir/R4/http.html#search. Consent decides inside the query, before paging and counting, and once more, in a
// second way, over each resource that is about to be shown; a disagreement denies and alarms.
#pragma once

#include "fhir/http/query.hpp"
#include "fhir/rest/access.hpp"

namespace rest {

// Where a page stands: strictly older than before_seq, nothing newer than at_most_seq.
struct PageState {
    std::uint64_t before_seq = UINT64_MAX;
    std::uint64_t at_most_seq = UINT64_MAX;
};

// One page as a searchset Bundle (JSON text). Also used for GET entries of a transaction, there over the unit of work.
base::Result<std::string> search_page(Attempt& attempt, const Services& services, Access& access, store::Snapshot& snapshot, const std::string& type,
                                      const http::Query& parameters, const PageState& page);

// All pairs of the URL and, for POST _search, of the body.
base::Result<http::Query> search_parameters(const Attempt& attempt);


}  // namespace rest
