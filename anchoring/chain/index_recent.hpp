// The newest entries of the audit index, in memory until a run of them is written. Searched where they stand.
#pragma once

#include "anchoring/chain/frame.hpp"

#include <deque>
#include <memory>

namespace chain {

// Not thread-safe: its owner locks. A row never moves and never changes once it is in, so that a View goes on reading without the lock.
class Recent {
  public:
    static constexpr std::size_t kChunkRows = 1024;
    struct Chunk {
        std::uint64_t first = 0;
        std::unique_ptr<IndexRow[]> rows = std::make_unique<IndexRow[]>(kChunkRows);
    };

    // The rows [begin, end) as they were when it was taken.
    class View {
      public:
        std::uint64_t begin = 0, end = 0;
        const IndexRow& row(std::uint64_t seq) const {  // CHECK: begin <= seq < end
            CHECK(begin <= seq && seq < end);
            const auto at = seq - chunks.front()->first;
            return chunks[at / kChunkRows]->rows[at % kChunkRows];
        }
        std::vector<std::shared_ptr<const Chunk>> chunks;
    };

    void restart(std::uint64_t at) {  // empty, going on at this entry
        chunks_.clear();
        begin_ = end_ = at;
    }
    void add(IndexRow row) {  // CHECK: the next one
        CHECK(row.seq == end_);
        if (chunks_.empty() || end_ - chunks_.back()->first == kChunkRows) {
            chunks_.push_back(std::make_shared<Chunk>());
            chunks_.back()->first = end_;
        }
        chunks_.back()->rows[end_ - chunks_.back()->first] = std::move(row);
        ++end_;
    }
    void forget_before(std::uint64_t seq) {
        begin_ = std::max(begin_, seq);
        while (!chunks_.empty() && chunks_.front()->first + kChunkRows <= begin_) chunks_.pop_front();
    }
    View view() const { return {begin_, end_, {chunks_.begin(), chunks_.end()}}; }
    std::uint64_t begin() const { return begin_; }
    std::uint64_t end() const { return end_; }
    std::size_t size() const { return static_cast<std::size_t>(end_ - begin_); }

  private:
    std::deque<std::shared_ptr<Chunk>> chunks_;  // each full but the last
    std::uint64_t begin_ = 0, end_ = 0;
};

}  // namespace chain
