#include "anchoring/chain/flat_file.hpp"

#include <algorithm>

namespace chain {

base::Result<std::unique_ptr<FlatFile>> FlatFile::open(const std::string& path, std::size_t width, File::Mode mode) {
    auto file = File::open(path, mode);
    if (!file) return base::pass(file);
    const auto size = file->size();
    if (!size) return base::pass(size);
    return std::unique_ptr<FlatFile>(new FlatFile(std::move(*file), width, *size / width));
}

std::uint64_t FlatFile::count() const {
    const std::lock_guard lock(mutex_);
    return stored_ + waiting_.size() / width_;
}

void FlatFile::append(base::ByteView records) {
    CHECK(records.size() % width_ == 0);
    const std::lock_guard lock(mutex_);
    waiting_.insert(waiting_.end(), records.begin(), records.end());
}

base::Status FlatFile::read(std::uint64_t index, std::span<std::uint8_t> out) const {
    CHECK(out.size() == width_);
    {
        const std::lock_guard lock(mutex_);
        if (index >= stored_) {
            const auto at = (index - stored_) * width_;
            if (at + width_ > waiting_.size())
                return base::fail(base::Kind::corrupt,
                                  "record " + std::to_string(index) + " is missing in a derived file of the audit log");
            std::copy_n(waiting_.begin() + static_cast<std::ptrdiff_t>(at), width_, out.begin());
            return {};
        }
    }
    // Outside the lock: what is in the file stays as it is.
    const auto got = file_.read_at(index * width_, out);
    if (!got) return base::pass(got);
    if (*got != width_)
        return base::fail(base::Kind::corrupt, "a derived file of the audit log ends before record " + std::to_string(index));
    return {};
}

base::Status FlatFile::flush() {
    const std::lock_guard one_at_a_time(flushing_);
    base::Bytes copy;
    std::uint64_t from = 0;
    {
        const std::lock_guard lock(mutex_);
        copy = waiting_;
        from = stored_;
    }
    if (copy.empty()) return {};
    if (const auto written = file_.write_at(from * width_, copy); !written) return written;
    if (const auto synced = file_.sync(); !synced) return synced;
    const std::lock_guard lock(mutex_);
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(copy.size()));
    stored_ += copy.size() / width_;
    return {};
}

base::Status FlatFile::cut(std::uint64_t count) {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
    if (const auto done = file_.truncate(count * width_); !done) return done;
    stored_ = count;
    return {};
}

}  // namespace chain
