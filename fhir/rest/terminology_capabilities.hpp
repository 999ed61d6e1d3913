// metadata?mode=terminology: https://hl7.org/fhir/R4/terminologycapabilities.html
#pragma once

#include <string>

#include "fhir/rest/services.hpp"

namespace rest {

// JSON text. It is answered without a token, so it lists R4's code systems and those of packages, never what is stored.
std::string terminology_capabilities(const Services& services);

}  // namespace rest
