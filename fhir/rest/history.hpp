// One page of a history Bundle; see history.cpp.
#pragma once

#include "fhir/rest/searching.hpp"

namespace rest {

// Empty type: the system; empty id: the type. Errors: Kind::not_found for an instance without a visible version, Kind::invalid for a
// parameter that history does not know (unless Prefer: handling=lenient).
base::Result<std::string> history_page(Attempt& attempt, const Services& services, Access& access, store::Snapshot& snapshot, const std::string& type,
                                       const std::string& id, const http::Query& parameters, const PageState& page);

}  // namespace rest
