// kedge: see `kedge --help`.
#include <cstdio>
#include <string>
#include <vector>

#include "fhir/server/cli.hpp"

int main(int count, char** words) {
    auto parsed = server::parse_command_line(std::vector<std::string>(words + 1, words + count));
    if (const auto* usage = std::get_if<server::Usage>(&parsed)) {
        std::fputs(usage->text.c_str(), usage->exit_code == 0 ? stdout : stderr);
        return usage->exit_code;
    }
    return std::visit([](const auto& options) { return server::run(options); }, std::get<server::Command>(parsed));
}
