// An operator's pause: what holds the relayer back, and where that is written so that it outlives the process.
#pragma once

#include "storage/base/clock.hpp"
#include "storage/store/database.hpp"

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

namespace outbox {

struct Pause {
    base::TimeUs since_us = 0;
    std::string why;  // the operator's own words; may be empty
};

inline constexpr std::size_t kMostWhyBytes = 500;
// One line of UTF-8 of at most kMostWhyBytes: it goes to the log, where a second line could be taken for another message. Error:
// Kind::invalid.
base::Status check_why(std::string_view why);
// "the relayer is paused since TIME", and the operator's words where they may be shown.
std::string to_text(const Pause& pause, bool with_why);

// What follows to_text() wherever an operator reads it: what a pause means, and how it ends.
inline constexpr std::string_view kPauseMeans =
    "and gives the ledger nothing: grants wait, revocations count here at once; `kedge ledger resume` sends what waits";

// One row at most, beside the outbox's own, in records.db.
base::Status make_pause_table(store::Database& database);
base::Status write_pause(store::Database& database, const std::optional<Pause>& pause);
base::Result<std::optional<Pause>> read_pause(store::Database& database);

// Everything that is given to the ledger goes through here, one at a time. Any thread.
class Gate {
  public:
    bool is_closed() const { return closed_; }
    // When it returns nothing is going through, and nothing will until open(). May wait for one answer of the ledger.
    void close() {
        closed_ = true;
        const std::lock_guard until_through(mutex_);
    }
    void open() { closed_ = false; }
    // Runs `send`, unless closed: then false.
    template <class Send>
    bool through(Send send) {
        const std::lock_guard lock(mutex_);
        if (closed_) return false;
        send();
        return true;
    }

  private:
    std::atomic<bool> closed_{false};
    std::mutex mutex_;
};

}  // namespace outbox
