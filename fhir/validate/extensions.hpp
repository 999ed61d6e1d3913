// R4 extensibility.html: an extension has a url, and either a value or extensions of its own; HL7's own stand where they are defined for
// and hold what they are defined to hold.
#pragma once

#include "fhir/definitions/rules.hpp"
#include "fhir/validate/report.hpp"
#include "fhir/validate/scope.hpp"

namespace validate {

// `holder`: the element that carries the extension; nullptr: the resource itself, of the group `resource`.
void check_extension(const json::Object& extension, bool modifier, const Spot* holder, const definitions::Group& resource, const Options& options, Report& report);

// Extensions that HL7 defined to stand once in an element, and that stand there twice: a warning, since R4 has profiles say how often.
void check_repeated_extensions(const json::Array& extensions, Report& report);

}  // namespace validate
