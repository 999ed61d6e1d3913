#include "anchoring/chain/segment_writer.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

namespace chain {
namespace {

constexpr std::uint64_t kLeastRoom = 128u << 10;       // when a group finds none
constexpr std::size_t kStep = 256u << 10;              // a larger write of zeroes holds up a group behind it
constexpr std::uint64_t kSynced = 1u << 20;            // and may be used while the rest is made
constexpr auto kPause = std::chrono::milliseconds(2);  // between steps: 128 MB/s

alignas(kBlock) constinit std::array<std::uint8_t, kStep> zeroes{};

}  // namespace

SegmentWriter::SegmentWriter(File file, std::uint64_t at, std::uint64_t room)
    : file_(std::move(file)), block_at_(block_of(at)), begun_(at - block_of(at)), room_(room) {
    reserve(64 * kBlock);
}

base::Result<std::unique_ptr<SegmentWriter>> SegmentWriter::open(const std::string& path, std::uint64_t at, bool past_page_cache) {
    for (const auto mode : {File::Mode::direct, File::Mode::write}) {
        if (mode == File::Mode::direct && !past_page_cache) continue;
        auto file = File::open(path, mode);
        if (!file && mode == File::Mode::direct && file.error().kind == base::Kind::fault) continue;
        if (!file) return base::pass(file);
        const auto size = file->size();
        if (!size) return base::pass(size);
        if (*size < at) return base::fail(base::Kind::corrupt, path + " ends before its last group");
        std::unique_ptr<SegmentWriter> out(new SegmentWriter(std::move(*file), at, *size));
        const auto begun = out->read_begun_block();
        if (begun) return out;
        if (begun.error().kind != base::Kind::invalid) return base::pass(begun);
    }
    return base::fail(base::Kind::fault, path + " can be opened and not read");
}

base::Status SegmentWriter::read_begun_block() {
    ssize_t got = 0;
    do got = ::pread(file_.fd(), buffer_.get(), kBlock, static_cast<off_t>(block_at_));
    while (got < 0 && errno == EINTR);
    // Some filesystems open a file for O_DIRECT and then refuse to read that way.
    if (got < 0 && errno == EINVAL) return base::fail(base::Kind::invalid, "no direct read");
    if (got < 0) return os_error("reading the audit log");
    if (static_cast<std::size_t>(got) < begun_) return base::fail(base::Kind::fault, "the last block of the audit log is cut short");
    return {};
}

void SegmentWriter::reserve(std::size_t bytes) {
    if (bytes <= capacity_) return;
    const auto capacity = blocks_up_to(bytes);
    auto larger = allocate_blocks(capacity);
    if (buffer_) std::memcpy(larger.get(), buffer_.get(), begun_);
    buffer_ = std::move(larger);
    capacity_ = capacity;
}

base::Status SegmentWriter::append(base::ByteView bytes, Disk& disk) {
    const auto end = begun_ + bytes.size();
    const auto whole = blocks_up_to(end);
    // Never past the room: extend() takes what lies there for its own.
    if (const auto last = block_at_ + whole; last > room_) {
        if (auto ok = extend(last + kLeastRoom, false); !ok) return ok;
    }
    reserve(whole);
    std::memcpy(buffer_.get() + begun_, bytes.data(), bytes.size());
    std::memset(buffer_.get() + end, 0, whole - end);
    if (auto ok = disk.write_at(file_.fd(), {buffer_.get(), whole}, block_at_); !ok) return ok;
    if (auto ok = disk.sync(file_.fd()); !ok) return ok;
    const auto full = block_of(end);
    begun_ = end - full;
    std::memmove(buffer_.get(), buffer_.get() + full, begun_);
    block_at_ += full;
    return {};
}

// The blocks are allocated first: then the zeroes change nothing about the file's length, and a group need not wait for them.
base::Status SegmentWriter::extend(std::uint64_t to, bool pace) {
    if (!pace) ++urgent_;
    const std::lock_guard lock(extending_);
    if (!pace) --urgent_;
    auto from = blocks_up_to(room_);
    const auto goal = blocks_up_to(to);
    if (from >= goal || finished_) return {};
    if (::fallocate(file_.fd(), 0, static_cast<off_t>(from), static_cast<off_t>(goal - from)) != 0 && errno != EOPNOTSUPP)
        return os_error("making room in the audit log");
    while (from < goal && !finished_ && !(pace && urgent_ > 0)) {
        const auto step = std::min<std::uint64_t>(goal - from, kStep);
        if (auto ok = file_.write_at(from, std::span(zeroes).first(step)); !ok) return ok;
        from += step;
        if (pace && from < goal && from - room_ < kSynced) {
            std::this_thread::sleep_for(kPause);
            continue;
        }
        if (auto ok = file_.sync(); !ok) return ok;
        room_ = from;
    }
    return {};
}

base::Status SegmentWriter::finish() {
    finished_ = true;
    const std::lock_guard lock(extending_);
    return file_.truncate(block_at_ + begun_);
}

}  // namespace chain
