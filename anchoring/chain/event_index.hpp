// The derived index that makes AuditEvents searchable: audit-index.db, written by its own thread behind the log and rebuilt from it when
// lost. It holds keyed tokens, never names. FORMAT.md section 5.
//
// What keeps it cheap: an entry is searchable in memory the moment it is handed over, and each some ten thousand entries are sorted and
// written once, as a run of packed blocks at the end of a table. Runs are merged by eights. No page is visited for one entry.
#pragma once

#include "anchoring/chain/audit_log.hpp"
#include "anchoring/chain/index_merge.hpp"
#include "anchoring/chain/index_view.hpp"

#include <chrono>
#include <condition_variable>
#include <thread>

namespace chain {

struct IndexQuery {
    std::optional<base::TimeUs> from_us, before_us;
    std::vector<Token> ids, patients, agents, entities;  // any of each; empty: not asked
    std::string actions;
    std::vector<std::uint8_t> outcomes;
    std::vector<std::string> subtypes;
    std::uint64_t before_seq = UINT64_MAX;
    std::size_t limit = 50;
    bool count_total = false;
};

// Thread-safe.
class EventIndex {
  public:
    // Rows [from, from + at most limit) out of the log itself, for what the log's thread did not hand over.
    using Source = std::function<base::Result<std::vector<IndexRow>>(std::uint64_t from, std::size_t limit)>;
    struct Options {
        std::string path;
        Token log{};  // an index of another log is thrown away
        std::size_t run_rows = 16384;
        std::size_t backlog_rows = 200'000;  // more than that in memory: what comes then is read from the log later
    };
    // A file that does not open, or that knows more than the log's `size` entries, is replaced by an empty one. Errors: Kind::fault.
    static base::Result<std::unique_ptr<EventIndex>> open(Options options, const crypto::Key& key, Source source, std::uint64_t size);
    // To look at, never started: nothing is repaired. Errors: Kind::corrupt, Kind::fault.
    static base::Result<std::unique_ptr<EventIndex>> open_existing(const std::string& path, const crypto::Key& key,
                                                                   base::ByteView log_salt);
    ~EventIndex();

    void start();
    void stop();                             // what is in memory is written first
    void offer(std::vector<IndexRow> rows);  // durable entries, in order
    void expect(std::uint64_t size);         // the log has that many entries: catch up
    std::uint64_t indexed() const;           // entries below this are found
    // Until every entry below `size` is in. Errors: Kind::unavailable when the index thread has failed (its reason) or was stopped.
    base::Status wait_for(std::uint64_t size);

    base::Result<EventHits> search(const IndexQuery& query);
    base::Result<std::optional<std::uint64_t>> find(const Token& id);
    // A connection of the caller's own, and what it sees: for fsck, which reads for long.
    struct Opened {
        store::Database db;
        std::unique_ptr<IndexView> view;  // of db
    };
    base::Result<std::unique_ptr<Opened>> look();
    // Throws all away and waits until it is filled again up to `size`.
    base::Status rebuild(std::uint64_t size, const std::function<void(std::uint64_t, std::uint64_t)>& progress);

  private:
    EventIndex(Options options, crypto::Key key, store::Database writer, store::Database reader, store::Database finder, Source source);

    void run();
    base::Status work();
    base::Status load();
    base::Status begin_again();
    base::Result<bool> catch_up();  // false: nothing was missing
    base::Status write_run();
    base::Status write_all();
    base::Status write_facts(const Recent::View& rows, std::uint64_t high);
    base::Result<std::uint32_t> subtype_code(const std::string& text);
    base::Result<bool> tidy();  // false: nothing to do
    void add(std::vector<IndexRow> rows);
    void rest(std::chrono::steady_clock::duration worked);
    Recent::View recent() const;

    const Options options_;
    const crypto::Key key_;
    Source source_;
    std::mutex reading_;
    store::Database reader_;  // under reading_
    std::mutex finding_;
    store::Database finder_;  // under finding_: the log's threads must not wait for a long search

    // The index thread's own, once it runs.
    store::Database writer_;
    std::vector<Run> runs_;
    std::int64_t last_number_ = 0;  // of a run; a number is never used twice
    std::map<std::string, std::uint32_t> subtypes_;
    std::vector<std::unique_ptr<Merge>> merges_;  // the last one goes on first
    bool look_for_left_over_ = true;

    mutable std::mutex mutex_;
    std::condition_variable wake_, done_;
    Recent recent_;
    std::uint64_t offered_ = 0;  // the log has that many
    std::size_t waiting_ = 0;    // callers in wait_for
    bool stopping_ = false, reset_ = false, ended_ = false, idle_ = false;
    base::Status failed_;
    std::thread thread_;
};

}  // namespace chain
