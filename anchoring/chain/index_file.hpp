// The tables of audit-index.db (FORMAT.md section 5): runs of sorted postings that are written once, and the facts of each entry. The
// functions take the Database they work on; a writer and its readers each have their own.
#pragma once

#include "anchoring/chain/index_codec.hpp"
#include "storage/store/database.hpp"

#include <map>

namespace chain {

// The postings of entries [low, high). Runs follow each other without a gap and do not overlap.
struct Run {
    std::int64_t number = 0;
    std::int64_t level = 0;  // 0: from memory; n + 1: merged from runs of level n
    std::uint64_t low = 0, high = 0;
};

store::OpenOptions index_open_options();
base::Status create_index(store::Database& db, const Token& log);
// True when this file is an index of this log, in this format, and knows no more than the log's `size` entries.
base::Result<bool> index_usable(store::Database& db, const Token& log, std::uint64_t size);
base::Status empty_index(store::Database& db);

base::Result<std::vector<Run>> read_runs(store::Database& db);                          // oldest first
base::Result<std::map<std::string, std::uint32_t>> read_subtypes(store::Database& db);  // text -> code
base::Result<std::int64_t> highest_run_number(store::Database& db);                     // also of blocks that belong to no run
// A number whose blocks belong to no run: of a merge that was cut off, or of a run that was merged. nullopt: none.
base::Result<std::optional<std::int64_t>> left_over(store::Database& db, const std::vector<Run>& runs);
// Some of a run's blocks. true: that was all.
base::Result<bool> remove_blocks(store::Database& db, std::int64_t run);

// Begins a transaction, that ends with the object unless commit() was called.
class Transaction {
  public:
    explicit Transaction(store::Database& db) : db_(db), began_(db.run("BEGIN")) {}
    ~Transaction();
    Transaction(const Transaction&) = delete;
    const base::Status& began() const { return began_; }
    base::Status commit();

  private:
    store::Database& db_;
    base::Status began_;
    bool open_ = true;
};

// Inside a transaction of the caller.
base::Status put_block(store::Database& db, std::int64_t run, const BlockKey& key, base::ByteView block);
base::Status put_run(store::Database& db, const Run& run);
base::Status drop_run(store::Database& db, std::int64_t number);
base::Status put_facts(store::Database& db, std::uint64_t first_seq, std::span<const EventFacts> facts);
base::Result<std::uint32_t> put_subtype(store::Database& db, const std::string& text);

// Which entries were recorded in which ten minutes: a search by time need not walk the whole log although `recorded` is not strictly in
// its order.
struct Spans {
    std::map<std::int64_t, std::pair<std::uint64_t, std::uint64_t>> of;  // ten minutes -> lowest and highest entry
    void add(base::TimeUs recorded_us, std::uint64_t seq);
    base::Status put(store::Database& db) const;
};
// The lowest entry that can be recorded at or after `from`; UINT64_MAX: none. One past the highest recorded before `before`.
base::Result<std::uint64_t> lowest_from(store::Database& db, base::TimeUs from_us);
base::Result<std::uint64_t> end_before(store::Database& db, base::TimeUs before_us);

}  // namespace chain
