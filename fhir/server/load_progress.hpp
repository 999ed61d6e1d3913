// How far `kedge load` is: a bar on a terminal, a plain line now and then elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <ostream>
#include <string>

namespace server {

// Thread-safe.
class LoadProgress {
  public:
    struct Count {
        std::uint64_t bytes = 0;
        std::uint64_t requests = 0;   // acknowledged
        std::uint64_t resources = 0;  // in them
        std::uint64_t skipped = 0;    // requests the journal knew already
    };
    LoadProgress(std::ostream& out, bool terminal, std::uint64_t total_bytes);
    void add(const Count& more, std::uint64_t refused);
    void finish(std::uint64_t refused);  // the last word: totals and time
    Count count() const;

  private:
    using Clock = std::chrono::steady_clock;
    std::string line(std::uint64_t refused, bool last) const;

    mutable std::mutex mutex_;
    std::ostream& out_;
    const bool terminal_;
    const std::uint64_t total_bytes_;  // 0: not known
    const Clock::time_point begin_ = Clock::now();
    Clock::time_point shown_;
    Count count_;
};

}  // namespace server
