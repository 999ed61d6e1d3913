// A whole file, or stdin, for commands that work on one resource.
#pragma once

#include "storage/base/error.hpp"

#include <cstddef>
#include <string>

namespace server {

// `path` "-" is stdin. Stops one byte behind the limit, so that an endless stream cannot fill the memory; the readers then name the limit.
// Errors: Kind::not_found, Kind::fault.
base::Result<std::string> read_input(const std::string& path, std::size_t most_bytes);

}  // namespace server
