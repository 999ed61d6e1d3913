// A clock that stands still until the test moves it. Thread-safe.
#pragma once

#include "storage/base/clock.hpp"

#include <atomic>

namespace support {

class FakeClock final : public base::Clock {
  public:
    // 2026-11-22T07:24:00Z unless told otherwise.
    explicit FakeClock(base::TimeUs start_us = 1'795'332'240'000'000) : now_us_(start_us) {}

    base::TimeUs now_us() const override { return now_us_.load(); }
    void set_us(base::TimeUs now_us) { now_us_.store(now_us); }
    void advance_us(base::TimeUs by_us) { now_us_.fetch_add(by_us); }
    void advance_seconds(std::int64_t by_seconds) { advance_us(by_seconds * 1'000'000); }

  private:
    std::atomic<base::TimeUs> now_us_;
};

}  // namespace support
