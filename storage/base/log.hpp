// The operator's log, on stderr. Never personal data: ids of requests and kinds of errors, not names or content.
#pragma once

#include <string_view>

namespace base::log {

enum class Level { debug, info, warn, error };

void set_level(Level level);  // default info
void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);
void error(std::string_view message);

}  // namespace base::log
