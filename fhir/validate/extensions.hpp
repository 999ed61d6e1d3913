// R4 extensibility.html: an extension has a url, and either a value or extensions of its own.
#pragma once

#include "fhir/validate/report.hpp"

namespace validate {

// `nested`: inside another extension, where the url may be a plain name.
void check_extension(const json::Object& extension, bool nested, Report& report);

}  // namespace validate
