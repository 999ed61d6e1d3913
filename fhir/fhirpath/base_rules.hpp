// conformsTo() by what R4 itself defines, for an Environment that knows no more.
#pragma once

#include "fhir/fhirpath/fhirpath.hpp"

namespace fhirpath {

// Is it of the type that R4 names by this URL? Kind::invalid for any other profile.
base::Result<bool> conforms_to_type(const Node& node, std::string_view profile);

}  // namespace fhirpath
