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

// What a storm of requests would say thousands of times a second: at most one line in `between`, and how many it stands for. Thread-safe.
class Seldom {
  public:
    explicit Seldom(std::chrono::milliseconds between = std::chrono::seconds(10)) : between_(between) {}
    void error(std::string_view message);

  private:
    const std::chrono::milliseconds between_;
    std::atomic<std::chrono::steady_clock::rep> next_{0};  // when a line may be said again
    std::atomic<std::uint64_t> kept_{0};                   // not said since the last line
};

}  // namespace base::log
