// The log's thread: takes what waits, gives it order and links, lays the group out, brings it to the disk, tells who waits.
//
// Kept once: an id that was appended since this process opened the log is in the window, or was trimmed from it after it was indexed. An id
// from before is in the index only. Asking the index for each new event would cost more than writing it, so the log asks only when the
// event was recorded no later than look_back_us_: the time of opening, or of the newest event that the window has forgotten. A fresh event
// is later.
#include "anchoring/chain/log.hpp"

#include "storage/base/thread.hpp"

#include <algorithm>
#include <memory>

namespace chain {
namespace {

constexpr std::size_t kWindow = 4096;  // and whatever is not indexed yet; small enough to stay in the cache
constexpr std::size_t kGroupBytes = 8u << 20;
// All answers wait for this thread, and it runs for some microseconds at a time: when the disk has told it, it goes before who serves.
constexpr int kLogNice = -20;
constexpr std::size_t kFrameRoom = 160;  // more than entry, header, nonce and tag add to a tail

}  // namespace

std::optional<std::uint64_t> Window::find(const Token& id) const {
    const auto at = seqs_.find(id);
    if (at == seqs_.end()) return std::nullopt;
    return at->second;
}

void Window::add(const Token& id, std::uint64_t seq, base::TimeUs recorded_us) {
    seqs_.emplace(id, seq);
    order_.push_back({id, seq, recorded_us});
}

base::TimeUs Window::trim(std::size_t keep, std::uint64_t indexed) {
    base::TimeUs latest = INT64_MIN;
    while (order_.size() > keep && order_.front().seq < indexed) {
        latest = std::max(latest, order_.front().recorded_us);
        seqs_.erase(order_.front().id);
        order_.pop_front();
    }
    return latest;
}

struct Log::Batch {
    Head head;  // as it will be
    base::Bytes bytes;
    base::Writer places;
    std::vector<proof::Digest> nodes;
    std::vector<IndexRow> rows;
};

// True when there is something to take; false when the log is closing and all is told.
bool Log::wait_for_group(Queue& taken) {
    std::unique_lock lock(queue_mutex_);
    awaited_ = 1;
    queue_filled_.wait(lock, [&] { return !queue_.pendings.empty() || stopping_; });
    awaited_ = gather_.wanted();
    const bool enough = queue_filled_.wait_for(lock, options_.longest_gather, [&] { return queue_.pendings.size() >= awaited_ || stopping_; });
    if (!enough) gather_.gave_up(queue_.pendings.size());
    awaited_ = 0;
    if (queue_.pendings.empty()) return false;
    std::swap(taken, queue_);
    return true;
}

void Log::run_log() {
    base::place_thread("kedge-log", kLogNice);
    Queue taken;
    while (wait_for_group(taken)) {
        auto& pendings = taken.pendings;
        for (std::size_t from = 0; from < pendings.size();) {
            std::size_t to = from, count = 0, bytes = 0;
            do {
                count += pendings[to].count;
                for (std::size_t i = 0; i < pendings[to].count; ++i) bytes += taken.items[pendings[to].first + i].tail_size + kFrameRoom;
                ++to;
            } while (to < pendings.size() && count + pendings[to].count <= options_.group_limit && bytes < kGroupBytes);
            commit(taken, std::span(pendings).subspan(from, to - from));
            waiting_ -= count;
            from = to;
        }
        taken.clear();
    }
}

void Log::commit(Queue& taken, std::span<Pending> pendings) {
    Batch batch;
    batch.head = head_;  // only this thread changes it
    base::Status ok = broken_ ? unavailable() : stage(taken, pendings, batch);
    if (ok && !batch.bytes.empty()) {
        ok = write(batch);
        if (ok) publish(batch);
    }
    if (!ok && !broken_) break_down(ok.error());
    {
        // Before anyone is told: who is told may come again at once, and would count twice.
        const std::lock_guard lock(queue_mutex_);
        const auto* const end = taken.pendings.data() + taken.pendings.size();
        gather_.went(pendings.size(), static_cast<std::size_t>(end - std::to_address(pendings.end())) + queue_.pendings.size());
    }
    tell(pendings, ok);
}

void Log::tell(std::span<Pending> pendings, const base::Status& ok) {
    const auto outcome = [&](const Pending& pending) {
        return ok ? base::Result<Appended>(Appended{pending.first_seq}) : base::Result<Appended>(base::pass(unavailable()));
    };
    std::vector<base::Result<Appended>> outcomes;
    for (auto& one : pendings) {
        if (one.courier == nullptr) {
            if (one.done) std::exchange(one.done, nullptr)(outcome(one));
            continue;
        }
        auto* const courier = one.courier;  // all that is its own at once
        outcomes.clear();
        for (auto& other : pendings) {
            if (other.courier != courier) continue;
            outcomes.push_back(outcome(other));
            other.courier = nullptr;
        }
        courier->tell(outcomes);
    }
}

// Gives numbers, time and links, and lays the frames out.
base::Status Log::stage(Queue& taken, std::span<Pending> pendings, Batch& batch) {
    auto& head = batch.head;
    std::size_t room = kMarkFrameBytes;
    const auto items = std::span(taken.items).subspan(pendings.front().first, pendings.back().first + pendings.back().count - pendings.front().first);
    for (const auto& item : items) room += item.tail_size + kFrameRoom;
    head.end = write_at_;
    if (head.end.offset > Segment::kHeaderBytes && head.end.offset + room > options_.segment_bytes) {
        if (auto ok = roll(head.size); !ok) return ok;
        head.end = write_at_;
    }
    batch.bytes.reserve(room);
    batch.rows.reserve(items.size());
    batch.nodes.reserve(2 * items.size() + 64);  // fewer than two a leaf, and what was begun before
    head.time_us = std::max(head.time_us, clock_.now_us());
    GroupMark mark{head.size, 0, head.end.offset, {}};
    for (auto& pending : pendings) {
        bool first = true;
        for (auto& item : std::span(taken.items).subspan(pending.first, pending.count)) {
            if (!item.known && !item.once) item.known = window_.find(item.row.id);
            // The window may have let go of the first one after the caller looked: then it is indexed by now.
            if (!item.known && !item.once && item.row.recorded_us <= look_back_us_ && item.row.recorded_us != 0) {
                const auto known = index_->find(item.row.id);
                if (!known) return base::pass(known);
                item.known = *known;
            }
            if (std::exchange(first, false)) pending.first_seq = item.known.value_or(head.size);
            if (item.known) continue;
            const proof::Entry entry{head.size, head.time_us, item.kind, head.last, item.commit};
            const auto encoded = entry.encode();
            const Place place{head.end.segment, head.end.offset + static_cast<std::uint32_t>(batch.bytes.size())};
            if (auto ok = seal_frame(*frames_, FrameType::entry, place, {encoded, base::ByteView(taken.tails).subspan(item.tail_at, item.tail_size)}, batch.bytes); !ok) return ok;
            head.last = entry.hash();
            head.frontier.append(proof::leaf_hash(encoded), batch.nodes);
            batch.places.u64(place.packed());
            item.row.seq = head.size;
            if (!item.once) window_.add(item.row.id, head.size, item.row.recorded_us);
            batch.rows.push_back(std::move(item.row));
            ++head.size;
            ++mark.count;
        }
    }
    if (mark.count == 0) return {};
    mark.last = head.last;
    const Place place{head.end.segment, head.end.offset + static_cast<std::uint32_t>(batch.bytes.size())};
    if (auto ok = seal_frame(*frames_, FrameType::group, place, {mark.encode()}, batch.bytes); !ok) return ok;
    head.end.offset += static_cast<std::uint32_t>(batch.bytes.size());
    return {};
}

base::Status Log::write(Batch& batch) {
    return writer_->append(batch.bytes, *disk_);
}

void Log::publish(Batch& batch) {
    // Nodes and places before the size: who sees the size may ask for them.
    tree_->append({batch.nodes.front().data(), batch.nodes.size() * sizeof(proof::Digest)});
    places_->append(batch.places.bytes());
    const auto size = batch.head.size;
    const auto offset = batch.head.end.offset;
    write_at_ = batch.head.end;
    {
        const std::lock_guard lock(head_mutex_);
        head_ = std::move(batch.head);
    }
    index_->offer(std::move(batch.rows));
    if (window_.size() > kWindow) {
        const auto forgotten = window_.trim(kWindow, index_->indexed());
        if (forgotten > look_back_us_) look_back_us_ = forgotten;
    }
    const auto room = writer_->room();
    const bool short_of_room = room < options_.segment_bytes && room - offset < std::min<std::uint64_t>(offset / 4, 4u << 20);
    if (size - checkpointed_ >= options_.checkpoint_entries || short_of_room) {
        const std::lock_guard lock(maintain_mutex_);
        if (!std::exchange(maintain_kick_, true)) maintain_wake_.notify_one();
    }
}

// Ends the active segment and begins the next. The old one is cut and synced first: a new segment means that the old is whole. The head
// keeps its place until a group stands in the new one: a checkpoint names the end of a group, never the beginning of an empty segment.
base::Status Log::roll(std::uint64_t next_seq) {
    if (auto ok = writer_->finish(); !ok) return ok;
    const auto next = active_->number() + 1;
    auto made = segments_.create(next, next_seq);
    if (!made) return base::pass(made);
    auto writer = SegmentWriter::open(Segment::path_in(options_.dir, next), Segment::kHeaderBytes);
    if (!writer) return base::pass(writer);
    active_ = std::move(*made);
    frames_.emplace(active_->key());
    {
        const std::lock_guard lock(writer_mutex_);
        writer_ = std::move(*writer);
    }
    write_at_ = {next, Segment::kHeaderBytes};
    segment_count_ = next + 1;
    return {};
}

}  // namespace chain
