// Asks the ledger now and then how it is, off every request's path, so that /readyz, /metrics and the log can tell.
#pragma once

#include "fhir/server/operator_ledger.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace server {

class LedgerWatch {
  public:
    // Asks every `every_s` seconds on a thread of its own; what begins and ends is logged. The instance must outlive it.
    explicit LedgerWatch(Instance& instance, int every_s = 10);
    ~LedgerWatch();

    // Any thread. Empty when all is well, or while the first answer is awaited. A pause is told at once, the rest as it was when the ledger
    // was asked last.
    std::vector<LedgerProblem> problems() const;
    bool has(Trouble reason) const;

  private:
    void run(int every_s);
    void take(std::vector<LedgerProblem> now);
    Instance& instance_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::vector<LedgerProblem> problems_;  // but for a pause, which the outbox knows
    std::thread thread_;
};

}  // namespace server
