// Off the log thread: checkpoints, room ahead in the active segment, sealing of the segments before it.
#include "anchoring/chain/log.hpp"
#include "anchoring/chain/manifest.hpp"
#include "storage/base/log.hpp"
#include "storage/base/thread.hpp"

#include <algorithm>

#include <sys/stat.h>

namespace chain {
namespace {

constexpr auto kPause = std::chrono::milliseconds(2);  // between pieces of 256 kB
constexpr std::uint64_t kMinRoom = 256u << 10, kMaxRoom = 8u << 20;

}  // namespace

// Zeroes written ahead: an fdatasync over blocks that are there needs no journal commit. Measured here 110 to 200 us against 370 to 3700 us
// for a file that grows. The room doubles with the segment, so that a small log stays small.
base::Status Log::make_room() {
    std::shared_ptr<SegmentWriter> writer;
    {
        const std::lock_guard lock(writer_mutex_);
        writer = writer_;
    }
    const std::uint64_t end = head().end.offset, room = writer->room();
    if (end < kMinRoom / 4 || room >= options_.segment_bytes || room > end + std::min(kMaxRoom, end) / 2) return {};
    return writer->extend(room + std::clamp(room, kMinRoom, kMaxRoom), true);
}

base::Result<CheckpointRecord> Log::checkpoint() {
    const std::lock_guard lock(checkpoint_mutex_);
    const auto now = head();
    if (const auto last = checkpoints_->last(); last && last->size == now.size) return *last;
    CheckpointRecord out{now.size, clock_.now_us(), now.frontier.root(), {}, now.end, now.last};
    out.signature = crypto::ed25519_sign(keys_.signing, base::as_bytes(checkpoints_->text(out)));
    if (now.size == 0) return out;  // a head to show, nothing to keep
    // What the checkpoint says must be found again after a crash, so the derived files come first.
    for (auto* file : {tree_.get(), places_.get()}) {
        if (auto ok = file->flush(); !ok) {
            break_down(ok.error());
            return base::pass(ok);
        }
    }
    if (auto ok = checkpoints_->append(out, *disk_); !ok) {
        break_down(ok.error());
        return base::pass(ok);
    }
    checkpointed_ = out.size;
    return out;
}

base::Status Log::seal_segments(const std::function<void()>& between) {
    const std::lock_guard lock(seal_mutex_);
    for (; sealed_upto_ + 1 < segment_count_; ++sealed_upto_) {
        const auto segment = segments_.get(sealed_upto_);
        if (!segment) return base::pass(segment);
        const auto measured = Manifest::measure(options_.dir, sealed_upto_, (*segment)->first_seq(), between);
        if (!measured) return base::pass(measured);
        const auto file = Segment::path_in(options_.dir, sealed_upto_);
        if (::chmod(file.c_str(), 0400) != 0) return os_error("chmod " + file);
        if (auto ok = Manifest::append(options_.dir, keys_.manifest_mac, *measured); !ok) return ok;
    }
    return {};
}

// Room ahead, and a checkpoint when one is due.
void Log::tend(bool last_round) {
    if (broken_) return;
    if (!last_round) {
        if (auto ok = make_room(); !ok) return break_down(ok.error());
    }
    const auto fresh = size() - checkpointed_;
    const auto now = std::chrono::steady_clock::now();
    if (fresh == 0 || (!last_round && fresh < options_.checkpoint_entries && now < next_checkpoint_)) return;
    next_checkpoint_ = now + std::chrono::milliseconds(options_.checkpoint_ms);
    if (const auto made = checkpoint(); !made) base::log::error("no checkpoint: " + made.error().diagnostics);
}

// Until the log's thread asks for something, or for `longest`. True when the log is closing.
bool Log::wait_for_work(std::chrono::milliseconds longest) {
    std::unique_lock lock(maintain_mutex_);
    maintain_wake_.wait_for(lock, longest, [&] { return maintain_stop_ || maintain_kick_; });
    maintain_kick_ = false;
    return maintain_stop_;
}

void Log::run_maintenance() {
    base::place_thread("kedge-keep");
    for (bool closing = false;;) {
        const bool last_round = closing || wait_for_work(std::chrono::milliseconds(options_.checkpoint_ms));
        tend(last_round);
        // A quarter of a gigabyte is read for it: slowly, and what a running log needs goes on meanwhile.
        const auto sealed = broken_ ? base::Status() : seal_segments([&] {
            if (last_round || closing) return;
            closing = wait_for_work(kPause);
            tend(false);
        });
        if (!sealed) base::log::error("sealing a segment of the audit log: " + sealed.error().diagnostics);
        if (last_round) return;
    }
}

}  // namespace chain
