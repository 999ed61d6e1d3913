// Asks the ledger now and then how it is, off every request's path, so that /readyz, /metrics and the log can tell.
#pragma once

#include "fhir/server/instance.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace server {

class LedgerWatch {
  public:
    // Asks every `every_s` seconds on a thread of its own; what changes is logged. The instance must outlive it.
    explicit LedgerWatch(Instance& instance, int every_s = 10);
    ~LedgerWatch();

    // Any thread. Empty when all is well, or while the first answer is awaited; else a sentence that says what is wrong and what to do.
    std::string problem() const;

  private:
    void run(int every_s);
    Instance& instance_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::string problem_;
    std::thread thread_;
};

}  // namespace server
