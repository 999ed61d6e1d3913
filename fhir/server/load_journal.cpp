#include "fhir/server/load_journal.hpp"

#include "storage/base/encoding.hpp"
#include "storage/base/file.hpp"
#include "storage/crypto/hash.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

namespace server {
namespace {

constexpr std::string_view kMagic = "kedge-load-journal 1 ", kBegun = "begun ", kFree = "free ";

base::Status write_line(int fd, std::string line) {
    line += '\n';
    // One write() of one line to a file opened with O_APPEND: after a crash at most the last line is torn.
    if (::write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        return base::fail(base::Kind::fault, std::string("cannot write the journal: ") + std::strerror(errno));
    }
    return {};
}

}  // namespace

base::Result<std::unique_ptr<LoadJournal>> LoadJournal::open(const std::string& path, std::string_view url) {
    const auto there = base::read_file(path);
    if (!there && there.error().kind != base::Kind::not_found) return base::pass(there);
    const auto text = there.value_or("");
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) return base::fail(base::Kind::fault, "cannot open the journal " + path + ": " + std::strerror(errno));
    std::unique_ptr<LoadJournal> journal(new LoadJournal(fd));
    const auto header = std::string(kMagic) + std::string(url);
    const auto whole = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
    // A first line that was torn while it was written is a beginning of the one we would write.
    const bool torn_header = whole == 0 && (header + "\n").substr(0, text.size()) == text;
    if (text.compare(0, kMagic.size(), kMagic) != 0 && !torn_header)
        return base::fail(base::Kind::invalid, path + " is no journal of kedge load");
    if (whole != text.size() && ::ftruncate(fd, static_cast<off_t>(whole)) != 0) {
        return base::fail(base::Kind::fault, "cannot cut the journal " + path + " back to its last whole line");
    }
    if (whole == 0) {
        if (auto written = write_line(fd, header); !written) return base::pass(written);
        return journal;
    }
    std::size_t at = text.find('\n') + 1;
    if (text.substr(0, at - 1) != header) {
        return base::fail(base::Kind::conflict, path + " belongs to " + text.substr(kMagic.size(), at - 1 - kMagic.size()) +
                                                    "; use another journal for " + std::string(url));
    }
    while (at < whole) {
        const auto end = text.find('\n', at);
        journal->take(std::string_view(text).substr(at, end - at));
        at = end + 1;
    }
    return journal;
}

LoadJournal::~LoadJournal() {
    ::close(fd_);
}

std::string LoadJournal::key_of(std::string_view file, std::uint64_t line, std::string_view body) {
    const auto place = std::filesystem::path(file).lexically_normal().string() + "\n" + std::to_string(line) + "\n";
    return base::to_hex(crypto::sha256({base::as_bytes(place), base::as_bytes(body)}));
}

bool LoadJournal::has(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    return keys_.count(key) > 0;
}

bool LoadJournal::begun(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    return begun_.count(key) > 0;
}

void LoadJournal::take(std::string_view line) {
    if (line.starts_with(kBegun)) {
        begun_.emplace(line.substr(kBegun.size()));
    } else if (line.starts_with(kFree)) {
        begun_.erase(std::string(line.substr(kFree.size())));
    } else {
        begun_.erase(std::string(line));
        keys_.emplace(line);
    }
}

base::Status LoadJournal::write(const std::string& line) {
    const std::lock_guard lock(mutex_);
    if (auto written = write_line(fd_, line); !written) return written;
    take(line);
    return {};
}
base::Status LoadJournal::begin(const std::string& key) {
    return write(std::string(kBegun) + key);
}
base::Status LoadJournal::add(const std::string& key) {
    return write(key);
}
base::Status LoadJournal::free(const std::string& key) {
    return begun(key) ? write(std::string(kFree) + key) : base::Status();
}

}  // namespace server
