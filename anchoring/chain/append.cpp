// The way of an event into the log, on the thread that appends it. The log's thread goes on in group.cpp.
#include "anchoring/chain/log.hpp"
#include "storage/base/log.hpp"

namespace chain {
namespace {

using base::Kind;

constexpr std::size_t kRoomKept = 1u << 20;

}  // namespace

void Log::refuse(const std::function<void(base::Result<Appended>)>& done, base::Error error) {
    done(tl::unexpected<base::Error>(std::move(error)));
}

base::Status Log::unavailable() const {
    const std::lock_guard lock(broken_mutex_);
    return base::fail(Kind::unavailable,
                      "the audit log takes nothing more: " + (broken_why_.empty() ? std::string("it is closing") : broken_why_));
}

base::Status Log::takes() const {
    return broken_.load(std::memory_order_relaxed) ? unavailable() : base::Status();
}

void Log::break_down(const base::Error& error) {
    {
        const std::lock_guard lock(broken_mutex_);
        if (broken_why_.empty()) broken_why_ = error.diagnostics;
    }
    broken_ = true;
    base::log::error("the audit log takes nothing more: " + error.diagnostics +
                     "; no data leaves any more. Mend the cause (space on its disk, the disk itself), then start the server again");
}

// On the calling thread: the index may have to catch up first.
base::Result<std::optional<std::uint64_t>> Log::look_back(const IndexKeys& keys) {
    if (keys.recorded_us > look_back_us_.load(std::memory_order_relaxed) && keys.recorded_us != 0) return std::nullopt;
    if (auto ok = index_->wait_for(size_at_open_); !ok) return base::pass(ok);
    return index_->find(sealer_.token(Domain::id, keys.id));
}

// What is in the log already is not sealed again: its key may be destroyed by now, and it is acknowledged all the same.
base::Result<Prepared> Log::prepare(const Submission& submission, base::Bytes& tails) {
    if (submission.once) return sealer_.prepare(submission, tails);
    const auto known = look_back(submission.keys);
    if (!known) return base::pass(known);
    if (!*known) return sealer_.prepare(submission, tails);
    Prepared out;
    out.known = *known;
    return out;
}

void Log::append(std::vector<Submission> group, std::function<void(base::Result<Appended>)> done) {
    if (group.empty()) return refuse(done, {Kind::invalid, "an empty group of audit events", {}, {}});
    if (broken_.load(std::memory_order_relaxed)) return refuse(done, unavailable().error());
    const auto count = group.size();
    if (waiting_.fetch_add(count) + count > options_.queue_limit && !group.front().owed) {
        waiting_ -= count;
        return refuse(done, {Kind::unavailable, "the audit queue is full (" + std::to_string(options_.queue_limit) + " waiting)", {}, {}});
    }
    // The thread's own, for their room; what `done` appends in its turn comes when they are no longer needed.
    thread_local std::vector<Prepared> items;
    thread_local base::Bytes tails;
    items.clear();
    tails.clear();
    base::Status ok;
    for (const auto& submission : group) {
        auto item = prepare(submission, tails);
        if (!item) ok = base::pass(item);
        if (!ok) break;
        items.push_back(std::move(*item));
    }
    if (ok && !enqueue(items, tails, Courier::of_this_thread(), done)) ok = unavailable();
    if (tails.capacity() > kRoomKept) tails = {};
    if (ok) return;
    waiting_ -= count;
    refuse(done, ok.error());
}

bool Log::enqueue(std::vector<Prepared>& items, base::ByteView tails, Courier* courier, Courier::Done& done) {
    bool wake = false;
    {
        const std::lock_guard lock(queue_mutex_);
        if (stopping_) return false;
        auto& pending = queue_.pendings.emplace_back();
        pending.first = queue_.items.size();
        pending.count = items.size();
        pending.courier = courier;
        if (courier == nullptr) pending.done = std::move(done);
        const auto at = queue_.tails.size();
        for (auto& item : items) {
            item.tail_at += at;
            queue_.items.push_back(std::move(item));
        }
        queue_.tails.insert(queue_.tails.end(), tails.begin(), tails.end());
        wake = queue_.pendings.size() == awaited_;
    }
    if (courier != nullptr) courier->keep(std::move(done));  // told on this thread, so not before we are back from here
    // Only the caller that it sleeps for needs a call into the kernel; a busy log thread looks again by itself.
    if (wake) queue_filled_.notify_one();
    return true;
}

void Log::Queue::clear() {
    pendings.clear();
    items.clear();
    tails.clear();
    if (tails.capacity() > kRoomKept) *this = {};
}

}  // namespace chain
