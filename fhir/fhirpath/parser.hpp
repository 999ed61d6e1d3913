// From text to tree: operator precedence climbing over the grammar of FHIRPath N1, appendix B.
#pragma once

#include "fhir/fhirpath/fhirpath.hpp"
#include "fhir/fhirpath/syntax.hpp"

namespace fhirpath {

// Errors as compile() says.
base::Result<std::unique_ptr<Term>> parse(std::string_view text, const CompileLimits& limits);

}  // namespace fhirpath
