// Threads for what would hold up an IO thread: searches, bundles, operations.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace rest {

class WorkerPool {
  public:
    explicit WorkerPool(std::size_t threads);
    ~WorkerPool();  // runs what was posted, then joins

    // Runs the job on some worker, in no promised order. Jobs must not throw. The queue has no bound of its own: a connection has one
    // request under way, so the listener's connection limit and a batch's window bound it.
    void post(std::function<void()> job);
    void stop();

  private:
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> jobs_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace rest
