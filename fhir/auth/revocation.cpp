#include "fhir/auth/revocation.hpp"

#include "storage/base/file.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <unistd.h>

namespace auth {
namespace {

constexpr std::size_t kMaxIdBytes = 256;  // the same as of a claim

}  // namespace

base::Result<RevocationList> RevocationList::open(std::string path, base::TimeUs now) {
    RevocationList list(std::move(path));
    if (list.path_.empty()) return list;
    const auto there = base::read_file(list.path_);
    // A list that cannot be read is not an empty one: the tokens on it would be valid again.
    if (!there && there.error().kind != base::Kind::not_found) return base::fail(there.error().kind, "the list of revoked tokens: " + there.error().diagnostics);
    const auto text = there.value_or("");
    // A crash can leave the last line without its end. It was never acknowledged, so it goes; the next line must not be glued to it.
    const auto whole = text.rfind('\n') + 1;  // 0 when there is none
    if (whole < text.size() && ::truncate(list.path_.c_str(), static_cast<off_t>(whole)) != 0) {
        return base::fail(base::Kind::fault, "the list of revoked tokens cannot be mended: " + std::string(std::strerror(errno)));
    }
    for (std::size_t at = 0; at < whole;) {
        const auto end = text.find('\n', at);
        const auto line = std::string_view(text).substr(at, end - at);
        at = end + 1;
        const auto space = line.find(' ');
        base::TimeUs forget = 0;
        const bool understood = space != std::string_view::npos && space > 0 &&
                                std::from_chars(line.data() + space + 1, line.data() + line.size(), forget).ptr == line.data() + line.size() && forget > 0;
        if (!understood) return base::fail(base::Kind::corrupt, "the list of revoked tokens is damaged: " + list.path_);
        if (forget > now) list.forget_us_[std::string(line.substr(0, space))] = forget;
    }
    return list;
}

base::Status RevocationList::add(std::string_view jti, base::TimeUs forget_us) {
    const bool blank = std::any_of(jti.begin(), jti.end(), [](unsigned char c) { return c <= ' '; });
    if (jti.empty() || jti.size() > kMaxIdBytes || blank) return base::fail(base::Kind::invalid, "that is no token id");
    const std::unique_lock lock(mutex_);
    auto& kept = forget_us_[std::string(jti)];
    kept = std::max(kept, forget_us);
    if (path_.empty()) return {};
    return base::append_durably(path_, std::string(jti) + " " + std::to_string(kept) + "\n");
}

bool RevocationList::contains(std::string_view jti) const {
    const std::shared_lock lock(mutex_);
    return forget_us_.contains(std::string(jti));
}

std::size_t RevocationList::size() const {
    const std::shared_lock lock(mutex_);
    return forget_us_.size();
}

}  // namespace auth
