// Helps the author of a resource: what a name that R4 does not have was probably meant to be.
#pragma once

#include "fhir/definitions/elements.hpp"

#include <string>

namespace validate {

// A sentence that refuses the member `name` of `group`, with the nearest name that R4 has.
std::string unknown_member(std::string_view name, const definitions::Group& group);

}  // namespace validate
