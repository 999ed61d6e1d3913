// A consistent copy up to a checkpoint, while the log goes on: everything before a checkpoint stays as it is.
#include "anchoring/chain/log.hpp"

#include <algorithm>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

namespace chain {
namespace {

using base::Kind;

base::Status copy_bytes(const std::string& from, const std::string& to, std::uint64_t bytes) {
    const auto source = File::open(from, File::Mode::read);
    if (!source) return base::pass(source);
    auto target = File::open(to, File::Mode::create_new);
    if (!target) return base::pass(target);
    base::Bytes buffer(1u << 20);
    for (std::uint64_t at = 0; at < bytes;) {
        const auto got = source->read_at(at, std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), bytes - at)));
        if (!got) return base::pass(got);
        if (*got == 0) return base::fail(Kind::corrupt, from + " ends before what its checkpoint covers");
        if (auto ok = target->write_at(at, base::ByteView(buffer).first(*got)); !ok) return ok;
        at += *got;
    }
    return target->sync();
}

}  // namespace

// The index is not copied: it is built again from the log.
base::Status Log::backup_to(const std::string& dir) {
    if (auto ok = make_dir(dir); !ok) return ok;
    const auto made = checkpoint();
    if (!made) return base::pass(made);
    if (auto ok = seal_segments(); !ok) return ok;
    std::uint64_t records = 0;
    while (records < checkpoints_->count()) {
        const auto record = checkpoints_->read(checkpoints_->count() - 1 - records);
        if (!record) return base::pass(record);
        if (record->size <= made->size) break;
        ++records;
    }
    records = checkpoints_->count() - records;
    const auto end = made->size == 0 ? Place{0, Segment::kHeaderBytes} : made->end;
    for (std::uint32_t number = 0; number <= end.segment; ++number) {
        const auto from = Segment::path_in(options_.dir, number), to = Segment::path_in(dir, number);
        std::uint64_t bytes = end.offset;
        if (number < end.segment) {
            const auto segment = segments_.get(number);
            const auto size = segment ? (*segment)->file().size() : base::Result<std::uint64_t>(base::pass(segment));
            if (!size) return base::pass(size);
            bytes = *size;
        }
        if (auto ok = copy_bytes(from, to, bytes); !ok) return ok;
        if (number < end.segment && ::chmod(to.c_str(), 0400) != 0) return os_error("chmod " + to);
    }
    if (auto ok =
            copy_bytes(path("checkpoints"), dir + "/checkpoints", CheckpointFile::kHeaderBytes + records * CheckpointFile::kRecordBytes);
        !ok)
        return ok;
    if (auto ok = copy_bytes(path("tree"), dir + "/tree", proof::node_count(made->size) * sizeof(proof::Digest)); !ok) return ok;
    if (auto ok = copy_bytes(path("places"), dir + "/places", made->size * 8); !ok) return ok;
    if (file_exists(path("manifest"))) {
        const std::lock_guard lock(seal_mutex_);
        const auto bytes = read_whole(path("manifest"));
        if (!bytes) return base::pass(bytes);
        if (auto ok = copy_bytes(path("manifest"), dir + "/manifest", bytes->size()); !ok) return ok;
    }
    return sync_dir(dir);
}

}  // namespace chain
