// DIR/served-url: the base URL under which a data directory was served last. A stored record may name another by an absolute URL of this
// server, and who indexes it again must know such a reference from one to somewhere else.
#pragma once

#include <string>

#include "storage/base/error.hpp"

namespace server {

inline constexpr const char* kServedUrlFile = "/served-url";  // below the data directory

// Whole or not at all; nothing is written when it stands there already. Error: Kind::fault.
base::Status remember_served_url(const std::string& data_dir, const std::string& url);

// `otherwise` when the directory was never served. Errors: Kind::fault, Kind::corrupt (it holds no http or https URL).
base::Result<std::string> served_url(const std::string& data_dir, const std::string& otherwise);

}  // namespace server
