// Compares the audit index with the log, entry by entry, in one walk of each: for fsck.
#pragma once

#include "anchoring/chain/event_index.hpp"

namespace chain {

// Facts are compared one by one. The postings of a run stand in another order than the log's; for each entry both sides multiply
// (r + h(posting)) modulo 2^61 - 1, with r and the linear h drawn anew for each check: equal sets give equal products, and sets that differ
// agree with a chance below 2^-57, which nobody who wrote them could aim at (Schwartz-Zippel).
class IndexCheck {
  public:
    using Say = std::function<void(const std::string&)>;
    // Errors: those of EventIndex::look.
    static base::Result<std::unique_ptr<IndexCheck>> open(EventIndex& index, Say say);
    // Rows of the log in ascending order; entries left out are not compared.
    void row(const IndexRow& row);
    // The log was walked up to this entry. `whole`: it has no more.
    void end(std::uint64_t size, bool whole);

  private:
    IndexCheck(std::unique_ptr<EventIndex::Opened> opened, Say say);
    std::uint64_t term(const Posting& posting) const;
    void multiply(std::vector<std::uint64_t>& products, const Posting& posting);
    std::size_t slot(std::uint64_t seq) const;
    void begin_run(const Run& run);
    void end_run();

    std::unique_ptr<EventIndex::Opened> opened_;
    Say say_;
    std::array<std::uint64_t, 6> random_{};
    std::size_t run_at_ = 0;
    std::uint64_t entries_a_slot_ = 1, next_ = 0;
    std::vector<std::uint64_t> log_, index_;  // products, by slot of the run in hand
    std::vector<bool> known_;                 // every entry of the slot came
};

}  // namespace chain
