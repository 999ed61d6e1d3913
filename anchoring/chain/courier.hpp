// Tells a thread that appends, on that thread, that its entries are durable. Without one the log's thread runs the callbacks itself, and all
// that they touch, made by another processor a moment before, is fetched by it while the next group waits.
#pragma once

#include "anchoring/chain/audit_log.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

namespace chain {

// Belongs to one thread, which says so by serve_this_thread(). From then on AuditLog::append keeps the `done` of what that thread appends
// here; `ring`, called on the log's thread, must see to it that the owner calls collect().
class Courier {
  public:
    using Done = std::function<void(base::Result<Appended>)>;

    explicit Courier(std::function<void()> ring) : ring_(std::move(ring)) {}
    ~Courier();
    Courier(const Courier&) = delete;
    Courier& operator=(const Courier&) = delete;

    void serve_this_thread();
    static Courier* of_this_thread();

    // Owner's thread: runs what is due, in the order of the appends.
    void collect();
    // After the owner's thread has ended, on any thread: waits for what it appended and runs that too. The log must still be there.
    void settle();

    // The owner's thread, by the log.
    void keep(Done done) { kept_.push_back(std::move(done)); }
    // The log's thread: outcomes of the oldest that were kept and not told yet.
    void tell(const std::vector<base::Result<Appended>>& outcomes);

  private:
    const std::function<void()> ring_;
    std::deque<Done> kept_;                        // the owner's own
    std::vector<base::Result<Appended>> opened_;   // the owner's own, kept for its room
    std::mutex mutex_;
    std::condition_variable told_;
    std::vector<base::Result<Appended>> due_;
};

}  // namespace chain
