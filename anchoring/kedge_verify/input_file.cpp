#include "anchoring/kedge_verify/input_file.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kedge_verify {
namespace {

tl::unexpected<base::Error> failed(const std::string& path) {
    const auto kind = errno == ENOENT ? base::Kind::not_found : base::Kind::fault;
    return base::fail(kind, path + " cannot be read: " + std::strerror(errno));
}

}  // namespace

base::Result<InputFile> InputFile::open(const std::string& path) {
    const int file = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return failed(path);
    InputFile out;
    struct stat facts {};
    if (::fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0 && path != "-") {
        const auto size = static_cast<std::size_t>(facts.st_size);
        void* const place = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
        if (place != MAP_FAILED) {
            ::madvise(place, size, MADV_SEQUENTIAL);
            out.mapped_ = static_cast<const char*>(place);
            out.size_ = size;
        }
    }
    ssize_t got = 0;
    if (out.mapped_ == nullptr) {
        std::string buffer(1u << 20, '\0');
        while ((got = ::read(file, buffer.data(), buffer.size())) > 0) out.read_.append(buffer.data(), static_cast<std::size_t>(got));
    }
    const auto done = got < 0 ? base::Status(failed(path)) : base::Status();
    if (path != "-") ::close(file);
    if (!done) return base::pass(done);
    return out;
}

InputFile::InputFile(InputFile&& other) noexcept
    : mapped_(std::exchange(other.mapped_, nullptr)), size_(std::exchange(other.size_, 0)), read_(std::move(other.read_)) {}

InputFile::~InputFile() {
    if (mapped_ != nullptr) ::munmap(const_cast<char*>(mapped_), size_);
}

}  // namespace kedge_verify
