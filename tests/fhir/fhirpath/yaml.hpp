// As much of YAML as public test cases use: block mappings and sequences, flow ones, plain, quoted, literal and folded scalars,
// comments. No anchors, tags or documents. Dates stay strings.
#pragma once

#include "storage/base/json.hpp"

#include <string_view>

namespace support {

// Error: Kind::invalid with the line that is not of the subset.
base::Result<json::Value> parse_yaml(std::string_view text);

}  // namespace support
