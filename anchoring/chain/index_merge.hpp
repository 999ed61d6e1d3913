// Joins neighbouring runs of the audit index into one, a slice at a time, so that a search looks into few runs and the processor stays with
// the traffic. Who reads meanwhile sees the old runs until the new one is whole.
#pragma once

#include "anchoring/chain/index_file.hpp"

namespace chain {

// The neighbours that are due: the oldest kMergeRuns of one level that stand side by side, none of them in work. Lower levels come first.
constexpr std::size_t kMergeRuns = 8;
std::vector<Run> due_for_merge(const std::vector<Run>& runs, std::span<const Run> in_work);

class Merge {
  public:
    // Of runs that follow each other; the outcome gets this number.
    Merge(store::Database& db, std::vector<Run> inputs, std::int64_t number);
    // Writes some blocks of the new run in one transaction; the last one also puts it in the place of its inputs. true: done, and the
    // blocks of the inputs belong to no run any more. Errors: Kind::corrupt, Kind::fault.
    base::Result<bool> step();
    const std::vector<Run>& inputs() const { return inputs_; }
    std::int64_t number() const { return number_; }

  private:
    struct Source {
        std::int64_t run = 0;
        BlockKey at{};  // of the block in hand
        bool began = false, ended = false;
        std::vector<Posting> postings;
        std::size_t next = 0;
    };
    base::Status refill(Source& source);
    base::Status finish();
    store::Database& db_;
    std::vector<Run> inputs_;
    std::int64_t number_;
    std::vector<Source> sources_;
    BlockBuilder builder_;
    std::size_t written_ = 0;
};

}  // namespace chain
