// What one search sees of the audit index: the runs of the file in one read transaction, and the newest rows in memory. Both sides are
// taken so that every entry below end() is in at least one of them.
#pragma once

#include "anchoring/chain/index_file.hpp"
#include "anchoring/chain/index_recent.hpp"

namespace chain {

// Of one thread, over a Database that nobody else uses meanwhile.
class IndexView {
  public:
    // Errors: Kind::unavailable while the index is being built again, Kind::corrupt and Kind::fault of the file.
    static base::Result<std::unique_ptr<IndexView>> take(store::Database& db, Recent::View recent);
    ~IndexView();
    IndexView(const IndexView&) = delete;

    store::Database& db() const { return db_; }
    const Recent::View& recent() const { return recent_; }
    const std::vector<Run>& runs() const { return runs_; }
    std::uint64_t in_file() const { return runs_.empty() ? 0 : runs_.back().high; }  // entries below this are in runs
    std::uint64_t end() const { return std::max(in_file(), recent_.end); }

    struct Facts {
        base::TimeUs recorded_us = 0;
        char action = 'R';
        std::uint8_t outcome = 0;
        proof::EntryKind kind = proof::EntryKind::event;
        std::string_view subtype;  // valid as long as the view
    };
    // Of an entry below end(); quick when entries are asked in order, either way. Errors: Kind::corrupt when the file lacks it.
    base::Result<Facts> facts(std::uint64_t seq);

  private:
    IndexView(store::Database& db, Recent::View recent) : db_(db), recent_(std::move(recent)) {}
    store::Database& db_;
    Recent::View recent_;
    std::vector<Run> runs_;
    std::vector<std::string> subtypes_;  // by code
    std::vector<EventFacts> block_;
    std::uint64_t block_first_ = 0;
};

// The entries that bear one token, newest first.
class Postings {
  public:
    Postings(IndexView& view, const Token& token) : Postings(view, token, view.end()) {}
    Postings(IndexView& view, const Token& token, std::uint64_t below);  // of the entries below
    // The newest entry at or before `most`, which never grows from call to call; nullopt: none.
    base::Result<std::optional<std::uint64_t>> newest(std::uint64_t most);

  private:
    void look_in_recent(std::uint64_t most);
    base::Status look_in_runs(std::uint64_t most);
    IndexView* view_;
    Token token_;
    std::vector<std::uint64_t> found_;  // ascending; the newest is last
    std::uint64_t below_;               // what is at or above was looked through
    std::size_t runs_left_;
};

}  // namespace chain
