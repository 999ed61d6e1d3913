// Media types, _format, _pretty and Prefer (R4 http.html#mime-type, #general). JSON only until XML has its issue: XML is refused
// with 406 or 415, never misread.
#pragma once

#include "fhir/rest/attempt.hpp"

namespace rest {

// Fills prefer and pretty. Errors: Kind::not_acceptable when no type that the client takes can be written, Kind::unsupported_media
// when the body is of a type that cannot be read, Kind::invalid on a broken header.
base::Status negotiate(Attempt& attempt);

}  // namespace rest
