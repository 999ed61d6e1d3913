#include "storage/store/files.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace store::files {
namespace {

using base::Kind;

class File {
  public:
    explicit File(int fd) : fd_(fd) {}
    ~File() {
        if (fd_ >= 0) ::close(fd_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int fd() const { return fd_; }
    bool ok() const { return fd_ >= 0; }

  private:
    int fd_;
};

bool write_all(int fd, base::ByteView content) {
    while (!content.empty()) {
        const auto written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        content = content.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

base::Status overwrite(int fd) {
    struct stat info {};
    if (::fstat(fd, &info) != 0) return failed("measuring a file to shred");
    const base::Bytes zeroes(static_cast<std::size_t>(info.st_size));
    if (!write_all(fd, zeroes) || ::fsync(fd) != 0) return failed("overwriting a file");
    return {};
}

}  // namespace

tl::unexpected<base::Error> failed(const char* doing) {
    return base::fail(Kind::fault, std::string(doing) + " failed: " + std::strerror(errno));
}

bool exists(const std::string& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0;
}
base::Result<Identity> identity(const std::string& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return failed("looking at a file");
    return Identity{info.st_dev, info.st_ino};
}

base::Status make_directory(const std::string& path) {
    if (exists(path)) return {};
    const auto parent = std::filesystem::path(path).parent_path().string();
    if (!parent.empty() && parent != path) {
        if (auto made = make_directory(parent); !made) return made;
    }
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("making a directory");
    return parent.empty() ? base::Status() : sync_directory(parent);
}

base::Status sync_directory(const std::string& path) {
    const File dir(::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!dir.ok() || ::fsync(dir.fd()) != 0) return failed("syncing a directory");
    return {};
}
base::Status sync_directory_of(const std::string& file) {
    return sync_directory(std::filesystem::path(file).parent_path().string());
}

base::Status write_new(const std::string& path, base::ByteView content) {
    {
        const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!file.ok() && errno == EEXIST) return base::fail(Kind::conflict, "a file that would be created is there already");
        if (!file.ok() || !write_all(file.fd(), content) || ::fsync(file.fd()) != 0) return failed("writing a new file");
    }
    return sync_directory_of(path);
}

base::Result<base::Bytes> read(const std::string& path, std::size_t max_bytes) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.ok() && errno == ENOENT) return base::fail(Kind::not_found, "a file is missing");
    if (!file.ok()) return failed("opening a file");
    base::Bytes out(max_bytes + 1);
    std::size_t filled = 0;
    while (filled < out.size()) {
        const auto got = ::read(file.fd(), out.data() + filled, out.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("reading a file");
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    if (filled > max_bytes)
        return base::fail(Kind::too_large, "a file is longer than the " + std::to_string(max_bytes) + " bytes it may have");
    out.resize(filled);
    return out;
}

base::Status replace_and_shred(const std::string& from, const std::string& to) {
    const File old(::open(to.c_str(), O_WRONLY | O_CLOEXEC));
    if (!old.ok() && errno != ENOENT) return failed("opening a file to replace");
    if (::rename(from.c_str(), to.c_str()) != 0) return failed("renaming a file");
    if (auto synced = sync_directory_of(to); !synced) return synced;
    return old.ok() ? overwrite(old.fd()) : base::Status();
}

base::Status shred(const std::string& path) {
    {
        const File file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
        if (!file.ok()) return errno == ENOENT ? base::Status() : failed("opening a file to shred");
        if (auto gone = overwrite(file.fd()); !gone) return gone;
    }
    if (::unlink(path.c_str()) != 0) return failed("removing a file");
    return sync_directory_of(path);
}

base::Result<Lock> Lock::take(const std::string& path, Wait wait) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return failed("opening a lock file");
    Lock lock(fd);
    int rc = 0;
    do {
        rc = ::flock(fd, LOCK_EX | (wait == Wait::yes ? 0 : LOCK_NB));
    } while (rc != 0 && errno == EINTR);
    if (rc != 0 && errno == EWOULDBLOCK) return base::fail(Kind::conflict, "another process holds a lock file");
    if (rc != 0) return failed("locking a file");
    return lock;
}
Lock::Lock(Lock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
Lock& Lock::operator=(Lock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}
Lock::~Lock() {
    if (fd_ >= 0) ::close(fd_);  // closing lets the lock go
}

base::Result<Lock> lock_directory(const std::string& dir) {
    auto lock = Lock::take(dir + "/lock", Lock::Wait::no);
    if (lock || lock.error().kind != Kind::conflict) return lock;
    return base::fail(Kind::conflict, "another process serves the data directory " + dir + ": stop the server first");
}

}  // namespace store::files
