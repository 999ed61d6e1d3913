#include "fhir/server/served_url.hpp"

#include "storage/base/file.hpp"

namespace server {
namespace {

using base::Kind;

constexpr std::size_t kMostBytes = 64 * 1024;

std::string file_in(const std::string& data_dir) {
    return data_dir + kServedUrlFile;
}

}  // namespace

base::Status remember_served_url(const std::string& data_dir, const std::string& url) {
    if (const auto known = served_url(data_dir, ""); known && *known == url) return {};
    return base::replace_durably(file_in(data_dir), url + "\n");
}

base::Result<std::string> served_url(const std::string& data_dir, const std::string& otherwise) {
    const auto path = file_in(data_dir);
    const auto text = base::read_file(path, kMostBytes);
    if (!text && text.error().kind == Kind::not_found) return otherwise;
    if (!text) return base::fail(Kind::fault, text.error().diagnostics);
    const auto url = text->substr(0, text->find('\n'));
    if (!url.starts_with("http://") && !url.starts_with("https://")) return base::fail(Kind::corrupt, path + " holds no http or https URL");
    return url;
}

}  // namespace server
