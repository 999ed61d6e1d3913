// FHIR packages: npm-style gzipped tar files (HL7 FHIR NPM Package Specification).
#pragma once

#include "storage/base/error.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace validate {

// Calls `each` with the name and text of every resource file: package/*.json but package.json and the index. Stops at its first error.
// Errors: Kind::not_found when the file cannot be read; Kind::invalid when it is no gzipped tar; Kind::too_large beyond 1 GB unpacked.
base::Status read_package(const std::string& path, const std::function<base::Status(const std::string& name, std::string_view text)>& each);

}  // namespace validate
