// conformsTo() and memberOf() by what R4 itself defines, for an Environment that knows no more.
#pragma once

#include "fhir/fhirpath/fhirpath.hpp"

namespace fhirpath {

// Is it of the type that R4 names by this URL? Kind::invalid for any other profile.
base::Result<bool> conforms_to_type(const Node& node, std::string_view profile);
// Is the code in one of R4's own value sets that it binds codes to? Kind::not_supported for any other set, and for what is no code.
base::Result<bool> member_of_bound_set(const Node& node, std::string_view value_set);

}  // namespace fhirpath
