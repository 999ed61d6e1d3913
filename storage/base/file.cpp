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

Status not_written(const std::string& path) {
    return fail(Kind::fault, "cannot write " + path + ": " + std::strerror(errno));
}

struct Descriptor {
    const int fd;
    ~Descriptor() {
        if (fd >= 0) ::close(fd);
    }
};

// A name is durable when its directory is.
Status sync_directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    const auto directory = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    const Descriptor opened{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (opened.fd < 0 || ::fsync(opened.fd) != 0) return not_written(directory);
    return {};
}

bool write_whole(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto wrote = ::write(fd, text.data(), text.size());
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(wrote));
    }
    return ::fsync(fd) == 0;
}

Status write_durably(const std::string& path, int flags, std::string_view text) {
    const Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600)};
    const auto before = file.fd < 0 ? -1 : ::lseek(file.fd, 0, SEEK_END);
    if (before < 0) return not_written(path);
    if (write_whole(file.fd, text)) return {};
    auto failed = not_written(path);
    if (::ftruncate(file.fd, before) != 0) failed.error().diagnostics += "; a part of what was to be added may stand at its end";
    return failed;
}

}  // namespace

Status append_durably(const std::string& path, std::string_view text) {
    if (auto written = write_durably(path, O_APPEND, text); !written) return written;
    return sync_directory_of(path);
}

Status replace_durably(const std::string& path, std::string_view text) {
    const auto draft = path + ".new";
    if (auto written = write_durably(draft, O_TRUNC, text); !written) return written;
    if (::rename(draft.c_str(), path.c_str()) != 0) return not_written(path);
    return sync_directory_of(path);
}

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
