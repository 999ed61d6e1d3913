// The operator's log, on stderr. Never personal data: ids of requests and kinds of errors, not names or content.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace base::log {

enum class Level { debug, info, warn, error };

void set_level(Level level);  // default info
void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);
void error(std::string_view message);

// What a storm of requests would say thousands of times a second: one line in ten seconds, which says how many were not written since the
// one before. Thread-safe.
class Seldom {
  public:
    using Clock = std::chrono::steady_clock;
    static constexpr auto kBetween = std::chrono::seconds(10);
    void error(std::string_view message, Clock::time_point now = Clock::now());

  private:
    std::atomic<Clock::rep> next_{Clock::time_point::min().time_since_epoch().count()};  // when a line may be written again
    std::atomic<std::uint64_t> kept_{0};                                                 // not written since the last line
};

}  // namespace base::log
