// Lists in one text: of a flag, of a line in the configuration file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace server {

// What stands between spaces and commas; nothing empty.
std::vector<std::string> words(std::string_view text);

}  // namespace server
