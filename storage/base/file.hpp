// Files that are read or written in one piece: settings, lists, what an operator names on a command line.
#pragma once

#include "storage/base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace base {

// All of it, also of a pipe. The error names the path and says the system's own words. Errors: Kind::not_found when it is not there,
// Kind::invalid for a directory, Kind::too_large past max_bytes, Kind::fault when it cannot be read.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes = SIZE_MAX);

// Both make a new file with mode 0600, and what they wrote survives a power cut once they return. Error: Kind::fault, which names the path; the
// file is then as it was (after a power cut in between a part of what append_durably was to write may stand at its end).
Status append_durably(const std::string& path, std::string_view text);
Status replace_durably(const std::string& path, std::string_view text);  // by way of PATH.new

}  // namespace base
