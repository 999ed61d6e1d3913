// Files that are read in one piece: settings, lists, what an operator names on a command line.
#pragma once

#include "storage/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace base {

// All of it, also of a pipe. The error names the path and says the system's own words. Errors: Kind::not_found when it is not there,
// Kind::invalid for a directory, Kind::too_large past max_bytes, Kind::fault when it cannot be read.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes = SIZE_MAX);

}  // namespace base
