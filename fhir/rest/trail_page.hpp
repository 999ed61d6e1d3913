// One page of an AuditEvent search; see audit_event_search.cpp.
#pragma once

#include "fhir/rest/searching.hpp"

namespace rest {

base::Result<std::string> trail_page(Attempt& attempt, const Services& services, const http::Query& parameters, const PageState& page);

}  // namespace rest
