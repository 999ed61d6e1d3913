// Several threads over one source, results in the source's order: each thread in turn takes a batch, works on it alone, and delivers it
// when the batch before has been delivered. Nothing waits in between but what is being worked on.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace kedge_verify {

inline constexpr std::size_t kBatch = 128;

// next(Item&) -> bool: false at the end; one thread at a time. work(const Item&, thread) -> Result: any thread. deliver(const Item&,
// Result): in order, one thread at a time. None of them may throw.
template <typename Item, typename Result, typename Next, typename Work, typename Deliver>
void ordered_work(unsigned threads, Next next, Work work, Deliver deliver) {
    std::mutex source, sink;
    std::condition_variable turn;
    std::uint64_t taken = 0, delivered = 0;
    const auto run = [&](unsigned thread) {
        std::vector<Item> items;
        std::vector<Result> results;
        for (;;) {
            items.clear();
            results.clear();
            std::uint64_t number = 0;
            {
                const std::lock_guard lock(source);
                Item item;
                while (items.size() < kBatch && next(item)) items.push_back(item);
                number = taken++;
            }
            for (const auto& item : items) results.push_back(work(item, thread));
            std::unique_lock lock(sink);
            turn.wait(lock, [&] { return delivered == number; });
            for (std::size_t i = 0; i < items.size(); ++i) deliver(items[i], std::move(results[i]));
            ++delivered;
            turn.notify_all();
            if (items.empty()) return;
        }
    };
    std::vector<std::thread> others;
    for (unsigned i = 1; i < threads; ++i) others.emplace_back(run, i);
    run(0);
    for (auto& one : others) one.join();
}

}  // namespace kedge_verify
