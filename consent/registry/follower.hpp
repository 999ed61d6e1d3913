// Follows the ledger into the registry's rows: each block once, back again when a reorganisation takes blocks away, and never past a
// final block that is not the one seen before.
#pragma once

#include "anchoring/ledger/ledger.hpp"
#include "consent/registry/table.hpp"
#include "storage/store/store.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

namespace consent {

class Follower {
  public:
    // `changed` is told the patients whose consents may now be answered otherwise, after it is durable. The tables must be there.
    Follower(store::Store& store, ledger::Ledger& ledger, const base::Clock& clock,
             std::function<void(const std::vector<store::RecordId>&)> changed);

    // What tells ledgers apart: chain id and contract. Rows of another ledger's blocks mean nothing here.
    static base::Bytes identity(const ledger::Ledger& ledger);

    // Takes up where an earlier process stood.
    base::Status load(store::Database& reader);
    // Applies all that the ledger has now. Not on the writer thread: it waits for units of its own. Any other thread; one at a time.
    // Errors: the ledger's or the store's, and then the next call goes on; Kind::corrupt when final history changed.
    base::Status sync();

    base::TimeUs last_sync_us() const { return last_sync_us_; }
    std::uint64_t finalized() const { return finalized_; }  // a grant in a block up to this one is final
    std::uint64_t head() const { return head_; }
    base::TimeUs head_time_us() const { return head_time_us_; }  // of the newest block seen; 0 before the first sync
    // Whether the ledger's head is the block that the mirror shows: for a ledger in this process, which answers without waiting.
    bool is_current();
    void confirm_current() { last_sync_us_ = clock_.now_us(); }

  private:
    struct Step;
    base::Result<bool> still_there(const Followed& block);
    base::Result<std::size_t> unwind();
    base::Status read_blocks(std::uint64_t from, std::uint64_t head, std::uint64_t finalized, Step& step);
    base::Status read_events(std::uint64_t from, std::uint64_t to, Step& step);
    base::Status apply(Step& step);

    store::Store& store_;
    ledger::Ledger& ledger_;
    const base::Clock& clock_;
    std::function<void(const std::vector<store::RecordId>&)> changed_;
    base::Bytes identity_;

    std::mutex sync_mutex_;
    // The last blocks seen, in order: those above the final one, and that one.
    std::vector<Followed> followed_;
    bool other_ledger_ = false;
    std::uint64_t unsaved_ = 0;
    std::atomic<base::TimeUs> last_sync_us_{INT64_MIN / 2};
    std::atomic<std::uint64_t> finalized_{0}, head_{0};
    std::atomic<base::TimeUs> head_time_us_{0};
    std::atomic<bool> any_final_{false};
};

}  // namespace consent
