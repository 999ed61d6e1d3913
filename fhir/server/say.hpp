// How commands speak to people: on stderr, with what to do next.
#pragma once

#include <string>
#include <string_view>

#include "storage/base/error.hpp"

namespace server {

// Prints "kedge: <diagnostics>" and gives the exit code: 1 failed, 2 wrong usage.
int say_error(const base::Error& error, int exit_code = 1);
void say(std::string_view line);
void set_log_level(std::string_view level);  // debug, info, warn, error

}  // namespace server
