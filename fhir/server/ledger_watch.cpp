#include "fhir/server/ledger_watch.hpp"

#include "fhir/server/operator_ledger.hpp"
#include "storage/base/log.hpp"

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

std::string LedgerWatch::problem() const {
    const std::lock_guard lock(mutex_);
    return problem_;
}

void LedgerWatch::run(int every_s) {
    for (;;) {
        auto now = ledger_problem(instance_);
        std::unique_lock lock(mutex_);
        if (now != problem_) {
            if (now.empty()) base::log::info("the ledger is well again");
            else base::log::warn("the ledger: " + now);
            problem_ = std::move(now);
        }
        if (wake_.wait_for(lock, std::chrono::seconds(every_s), [&] { return stopping_; })) return;
    }
}

}  // namespace server
