// The command line. Everything that can be refused without opening a file is refused here.
#pragma once

#include "fhir/server/commands.hpp"
#include "storage/base/error.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace server {

// The command line asked for text instead of a command (help, version: exit 0, stdout) or was wrong (exit 2, stderr).
struct Usage {
    int exit_code = 2;
    std::string text;
};

// `arguments` without the program's name.
std::variant<Usage, Command> parse_command_line(std::vector<std::string> arguments);

// 90s, 15m, 1h, 7d or plain seconds; from 1 s to `most_s`. Error: Kind::invalid.
base::Result<std::int64_t> parse_duration_s(std::string_view text, std::int64_t most_s);

// Type/id of a FHIR reference: Patient/1. `type` empty: any type.
bool is_reference(std::string_view text, std::string_view type);

// All commands with all flags, for the documentation and the test that compares it.
struct FlagHelp {
    std::string command;  // "keys rotate"
    std::string flag;     // --data
    std::string help;
    std::string default_text;
};
std::vector<FlagHelp> all_flags();

}  // namespace server
