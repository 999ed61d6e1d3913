#include "fhir/server/ledger_watch.hpp"

#include "storage/base/log.hpp"

#include <algorithm>

namespace server {

LedgerWatch::LedgerWatch(Instance& instance, int every_s) : instance_(instance), thread_([this, every_s] { run(every_s); }) {}

LedgerWatch::~LedgerWatch() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

std::vector<LedgerProblem> LedgerWatch::problems() const {
    std::vector<LedgerProblem> out;
    if (auto pause = pause_problem(instance_, false)) out.push_back(std::move(*pause));
    const std::lock_guard lock(mutex_);
    out.insert(out.end(), problems_.begin(), problems_.end());
    return out;
}

bool LedgerWatch::has(Trouble reason) const {
    const auto now = problems();
    return std::any_of(now.begin(), now.end(), [&](const LedgerProblem& one) { return one.reason == reason; });
}

// A balance that sinks, or a node that fails in another way, is no news: what begins is told once, and that it is over.
void LedgerWatch::take(std::vector<LedgerProblem> now) {
    for (const auto& problem : now) {
        const bool known = std::any_of(problems_.begin(), problems_.end(), [&](const LedgerProblem& one) { return one.reason == problem.reason; });
        if (!known) base::log::warn("the ledger: " + problem.text);
    }
    if (now.empty() && !problems_.empty()) base::log::info("the ledger is well again");
    problems_ = std::move(now);
}

void LedgerWatch::run(int every_s) {
    for (;;) {
        auto now = ledger_problems(instance_);
        std::unique_lock lock(mutex_);
        take(std::move(now));
        if (wake_.wait_for(lock, std::chrono::seconds(every_s), [&] { return stopping_; })) return;
    }
}

}  // namespace server
