#include "fhir/server/input.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace server {

using base::Kind;

base::Result<std::string> read_input(const std::string& path, std::size_t most_bytes) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"),
                                                               [](std::FILE* f) { return f == stdin ? 0 : std::fclose(f); });
    if (!file) return base::fail(Kind::not_found, "cannot open " + path + ": " + std::strerror(errno));
    std::string out;
    std::string block(1 << 16, '\0');
    while (out.size() <= most_bytes) {
        const auto length = std::fread(block.data(), 1, block.size(), file.get());
        if (length == 0) break;
        out.append(block, 0, length);
    }
    if (std::ferror(file.get()) != 0) return base::fail(Kind::fault, "cannot read " + path + ": " + std::strerror(errno));
    return out;
}

}  // namespace server
