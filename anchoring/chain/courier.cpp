#include "anchoring/chain/courier.hpp"

namespace chain {
namespace {

thread_local Courier* here = nullptr;

}  // namespace

Courier::~Courier() {
    CHECK(kept_.empty());  // settle() was called
}

void Courier::serve_this_thread() {
    here = this;
}
Courier* Courier::of_this_thread() {
    return here;
}

void Courier::collect() {
    {
        const std::lock_guard lock(mutex_);
        opened_.swap(due_);
    }
    for (auto& outcome : opened_) {
        const auto done = std::move(kept_.front());
        kept_.pop_front();
        done(std::move(outcome));
    }
    opened_.clear();
}

void Courier::settle() {
    while (!kept_.empty()) {
        {
            std::unique_lock lock(mutex_);
            told_.wait(lock, [&] { return !due_.empty(); });
        }
        collect();
    }
}

void Courier::tell(const std::vector<base::Result<Appended>>& outcomes) {
    const std::lock_guard lock(mutex_);  // held to the end: who waits in settle() may be gone with the courier a moment later
    const bool rung = !due_.empty();
    due_.insert(due_.end(), outcomes.begin(), outcomes.end());
    if (rung) return;  // and it has not come yet
    told_.notify_one();
    ring_();
}

}  // namespace chain
