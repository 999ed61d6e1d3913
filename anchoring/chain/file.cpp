#include "anchoring/chain/file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace chain {

using base::Kind;

tl::unexpected<base::Error> os_error(const std::string& doing) {
    return base::fail(Kind::fault, doing + ": " + std::strerror(errno));
}

Blocks allocate_blocks(std::size_t bytes) {
    Blocks out(static_cast<std::uint8_t*>(std::aligned_alloc(kBlock, bytes)));
    CHECK(out != nullptr);
    return out;
}

base::Status Disk::write_at(int fd, base::ByteView bytes, std::uint64_t offset) {
    while (!bytes.empty()) {
        const auto n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return os_error("writing the audit log");
        bytes = bytes.subspan(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
    return {};
}

base::Status Disk::sync(int fd) {
    // No retry: after a failed fdatasync the kernel may have dropped the pages, and a second call would lie.
    if (::fdatasync(fd) != 0) return os_error("fdatasync of the audit log");
    return {};
}

namespace {
int flags_of(File::Mode mode) {
    switch (mode) {
        case File::Mode::read:
            return O_RDONLY;
        case File::Mode::write:
            return O_RDWR | O_CREAT;
        case File::Mode::create_new:
            return O_RDWR | O_CREAT | O_EXCL;
        case File::Mode::direct:
            return O_RDWR | O_DIRECT;
        case File::Mode::read_direct:
            return O_RDONLY | O_DIRECT;
    }
    CHECK(false);
    return 0;
}
}  // namespace

base::Result<File> File::open(const std::string& path, Mode mode) {
    const int fd = ::open(path.c_str(), flags_of(mode) | O_CLOEXEC, 0600);
    if (fd >= 0) return File(fd);
    if (errno == ENOENT) return base::fail(Kind::not_found, path + " is not there");
    if (errno == EEXIST) return base::fail(Kind::conflict, path + " is there already");
    return os_error("opening " + path);
}

File::File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
File& File::operator=(File&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}
File::~File() {
    if (fd_ >= 0) ::close(fd_);
}

base::Result<std::uint64_t> File::size() const {
    struct stat info {};
    if (::fstat(fd_, &info) != 0) return os_error("fstat");
    return static_cast<std::uint64_t>(info.st_size);
}

base::Result<std::size_t> File::read_at(std::uint64_t offset, std::span<std::uint8_t> out) const {
    std::size_t got = 0;
    while (got < out.size()) {
        const auto n = ::pread(fd_, out.data() + got, out.size() - got, static_cast<off_t>(offset + got));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return os_error("reading the audit log");
        if (n == 0) break;
        got += static_cast<std::size_t>(n);
    }
    return got;
}

base::Status File::write_at(std::uint64_t offset, base::ByteView bytes) {
    return Disk().write_at(fd_, bytes, offset);
}
base::Status File::sync() {
    return Disk().sync(fd_);
}
base::Status File::truncate(std::uint64_t bytes) {
    if (::ftruncate(fd_, static_cast<off_t>(bytes)) != 0) return os_error("ftruncate");
    return sync();
}

bool file_exists(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0;
}

base::Status make_dir(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::create_directories(path, error)) {
        if (error) return base::fail(Kind::fault, "making the directory " + path + ": " + error.message());
        return {};
    }
    if (::chmod(path.c_str(), 0700) != 0) return os_error("chmod " + path);
    return {};
}

base::Status sync_dir(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return os_error("opening the directory " + path);
    const int rc = ::fsync(fd);
    ::close(fd);
    if (rc != 0) return os_error("fsync of the directory " + path);
    return {};
}

base::Result<base::Bytes> read_whole(const std::string& path) {
    const auto file = File::open(path, File::Mode::read);
    if (!file) return base::pass(file);
    const auto size = file->size();
    if (!size) return base::pass(size);
    base::Bytes out(*size);
    const auto got = file->read_at(0, out);
    if (!got) return base::pass(got);
    out.resize(*got);
    return out;
}

base::Status write_new(const std::string& dir, const std::string& path, base::ByteView content) {
    if (file_exists(path)) return base::fail(Kind::conflict, path + " is there already");
    const auto draft = dir + "/new";
    {
        auto file = File::open(draft, File::Mode::write);
        if (!file) return base::pass(file);
        if (auto ok = file->truncate(0); !ok) return ok;
        if (auto ok = file->write_at(0, content); !ok) return ok;
        if (auto ok = file->sync(); !ok) return ok;
    }
    if (::rename(draft.c_str(), path.c_str()) != 0) return os_error("renaming to " + path);
    return sync_dir(dir);
}

base::Result<File> lock_dir(const std::string& dir) {
    auto file = File::open(dir + "/lock", File::Mode::write);
    if (!file) return file;
    if (::flock(file->fd(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return base::fail(Kind::conflict, "the audit log in " + dir + " is in use by another process");
        return os_error("locking " + dir);
    }
    return file;
}

}  // namespace chain
