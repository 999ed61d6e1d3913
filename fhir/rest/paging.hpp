// Opaque paging links (R4 http.html#paging): what to run again and from where, sealed, and bound to who asked. A page asks consent
// anew, so a revocation between two pages counts on the second.
#pragma once

#include "fhir/rest/searching.hpp"

namespace rest {

// "http://server/fhir/_page?s=..." ; `target` is the path below the base: "Patient", "Patient/1/_history", "" for the system. _format and
// _pretty of the request's URL stand in it too.
base::Result<std::string> next_page_url(const Attempt& attempt, const Services& services, const std::string& target, const http::Query& parameters,
                                        const PageState& page);

}  // namespace rest
