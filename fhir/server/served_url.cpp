#include "fhir/server/served_url.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <unistd.h>

namespace server {
namespace {

using base::Kind;

std::string file_in(const std::string& data_dir) {
    return data_dir + kServedUrlFile;
}

tl::unexpected<base::Error> failed(const char* doing, const std::string& path) {
    return base::fail(Kind::fault, std::string(doing) + " " + path + ": " + std::strerror(errno));
}

base::Status write_durably(const std::string& path, const std::string& text) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return failed("creating", path);
    const bool whole = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
    const auto done = whole ? base::Status() : base::Status(failed("writing", path));
    ::close(fd);
    return done;
}

}  // namespace

base::Status remember_served_url(const std::string& data_dir, const std::string& url) {
    if (const auto known = served_url(data_dir, ""); known && *known == url) return {};
    const auto path = file_in(data_dir), draft = path + ".new";
    if (auto written = write_durably(draft, url + "\n"); !written) return written;
    if (::rename(draft.c_str(), path.c_str()) != 0) return failed("renaming to", path);
    return {};
}

base::Result<std::string> served_url(const std::string& data_dir, const std::string& otherwise) {
    const auto path = file_in(data_dir);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) return otherwise;
    std::ifstream file(path);
    std::string url;
    if (!std::getline(file, url) && !file.eof()) return failed("reading", path);
    if (!url.starts_with("http://") && !url.starts_with("https://")) return base::fail(Kind::corrupt, path + " holds no http or https URL");
    return url;
}

}  // namespace server
