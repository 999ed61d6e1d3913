#include "fhir/server/say.hpp"

#include <cstdio>

#include "storage/base/log.hpp"

namespace server {

int say_error(const base::Error& error, int exit_code) {
    std::fprintf(stderr, "kedge: %s\n", error.diagnostics.c_str());
    return exit_code;
}

void say(std::string_view line) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
}

void set_log_level(std::string_view level) {
    using base::log::Level;
    base::log::set_level(level == "debug" ? Level::debug : level == "warn" ? Level::warn : level == "error" ? Level::error : Level::info);
}

}  // namespace server
