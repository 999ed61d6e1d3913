// Strangers' refusals, audited as bounded, counted summaries per source and minute: a flood of
// bad tokens costs one audit entry a minute and source, not one each, so a stranger cannot fill the disk.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "anchoring/chain/audit_log.hpp"
#include "fhir/http/request.hpp"

namespace rest {

class RefusalCounter {
  public:
    static constexpr std::size_t kMostSources = 1024;  // further sources of the same minute are counted together as "other"

    // Writes what it has counted into `log` each `every_ms` and when it is stopped.
    RefusalCounter(chain::AuditLog& log, const base::Clock& clock, std::string base_url, int every_ms = 60'000);
    ~RefusalCounter();
    void count(const http::Request& request);  // thread-safe
    void flush();                              // now; for shutdown and tests
    void stop();

  private:
    void run();

    chain::AuditLog& log_;
    const base::Clock& clock_;
    std::string base_url_;
    int every_ms_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::map<std::string, std::uint64_t> counts_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace rest
