// How much memory all request bodies under way may hold together.
#pragma once

#include <atomic>
#include <cstddef>

namespace server {

class BodyBudget {
  public:
    explicit BodyBudget(std::size_t limit) : limit_(limit) {}
    // False when that would pass the limit; then nothing is taken. Thread-safe, as all of this class.
    bool take(std::size_t bytes);
    void give_back(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
    std::size_t used() const { return used_.load(std::memory_order_relaxed); }
    std::size_t limit() const { return limit_; }

  private:
    const std::size_t limit_;
    std::atomic<std::size_t> used_{0};
};

}  // namespace server
