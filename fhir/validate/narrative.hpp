// The narrative's XHTML (R4 narrative.html#xhtml): well-formed, and of the elements and attributes that R4 lists. Invariants txt-1, txt-2.
#pragma once

#include "fhir/validate/report.hpp"

namespace validate {

void check_narrative(std::string_view div, Report& report);

}  // namespace validate
