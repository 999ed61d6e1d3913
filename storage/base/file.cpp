#include "storage/base/file.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace base {
namespace {

tl::unexpected<Error> failed(const std::string& path) {
    const int error = errno;
    const auto kind = error == ENOENT || error == ENOTDIR ? Kind::not_found : error == EISDIR ? Kind::invalid : Kind::fault;
    return fail(kind, "cannot read " + path + ": " + std::strerror(error));
}

struct Descriptor {
    const int fd;
    ~Descriptor() {
        if (fd >= 0) ::close(fd);
    }
};

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (file.fd < 0) return failed(path);
    std::string out;
    std::array<char, 64 * 1024> piece;
    while (true) {
        const auto got = ::read(file.fd, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed(path);
        if (got == 0) return out;
        const auto bytes = static_cast<std::size_t>(got);
        if (bytes > max_bytes - out.size()) return fail(Kind::too_large, path + " has more than " + std::to_string(max_bytes) + " bytes");
        out.append(piece.data(), bytes);
    }
}

}  // namespace base
