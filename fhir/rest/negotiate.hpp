// Media types, _format, _pretty and Prefer (R4 http.html#mime-type, #general). Inside the server a
// resource is JSON: XML is read and written at the door, where this says so.
#pragma once

#include "fhir/rest/attempt.hpp"

namespace rest {

// Fills prefer, pretty, answer_format and body_format; an entry of a bundle has neither form nor header of its own. Needs no caller: a refusal
// is written in the form that was asked for. Errors: Kind::not_acceptable when no type that the client takes can be written, Kind::unsupported_media
// when the body is of a type that cannot be read, Kind::invalid on a broken header.
base::Status negotiate(Attempt& attempt);

}  // namespace rest
