// The derived index that makes AuditEvents searchable: audit-index.db, filled by its own thread a little behind the log and rebuilt from it
// when lost. It holds keyed tokens, never names. FORMAT.md section 5.
//
// Two steps keep it cheap. Rows are appended in log order every half second (no random page is touched). Their postings (token -> entry)
// wait in memory and are inserted in sorted runs of some ten thousand rows, so that each page of that tree is written once per run, not
// once per event.
#pragma once

#include "anchoring/chain/audit_log.hpp"
#include "anchoring/chain/frame.hpp"
#include "storage/store/database.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <thread>
#include <unordered_map>

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
        int batch_ms = 500;
        std::size_t batch_rows = 4096;
        std::size_t run_rows = 32768;
        std::size_t backlog_rows = 200'000;  // handed-over rows beyond this are dropped and read from the log later
    };
    // A file that does not open, or that knows more than the log's `size` entries, is replaced by an empty one. Errors: Kind::fault.
    static base::Result<std::unique_ptr<EventIndex>> open(Options options, const crypto::Key& key, Source source, std::uint64_t size);
    // To look at, never started: nothing is repaired. Errors: Kind::corrupt, Kind::fault.
    static base::Result<std::unique_ptr<EventIndex>> open_existing(const std::string& path, const crypto::Key& key,
                                                                   base::ByteView log_salt);
    ~EventIndex();

    void start();
    void stop();                             // at once: what is missing then is read from the log at the next start
    void offer(std::vector<IndexRow> rows);  // durable entries, in order
    void expect(std::uint64_t size);         // the log has that many entries: catch up
    std::uint64_t indexed() const;           // entries below this are in
    // Until every entry below `size` is in. Errors: Kind::unavailable when the index thread has failed (its reason) or was stopped.
    base::Status wait_for(std::uint64_t size);

    base::Result<EventHits> search(const IndexQuery& query);
    base::Result<std::optional<std::uint64_t>> find(const Token& id);
    // The row as stored, for fsck. nullopt when absent.
    base::Result<std::optional<IndexRow>> row(std::uint64_t seq);
    // Throws all away and waits until it is filled again up to `size`.
    base::Status rebuild(std::uint64_t size, const std::function<void(std::uint64_t, std::uint64_t)>& progress);

  private:
    struct Posting {
        std::int64_t key = 0;
        std::uint64_t seq = 0;
        auto operator<=>(const Posting&) const = default;
    };
    struct Bounds {
        std::uint64_t low = 0, high = 0;  // [low, high)
    };
    class Stream;
    EventIndex(Options options, store::Database writer, store::Database reader, store::Database finder, Source source);
    static base::Status create_tables(store::Database& db, const Token& log);
    static std::int64_t posting_key(const Token& token);

    void run();
    base::Status work();
    bool stopped() const;
    bool searched() const;  // somebody waits for rows
    std::size_t unposted_entries() const;
    base::Status load();
    base::Result<bool> step();  // one batch; false: nothing to do
    base::Result<std::vector<IndexRow>> take_batch(std::uint64_t from);
    base::Status insert(const std::vector<IndexRow>& rows);
    base::Status post_run();
    base::Status post_slice(std::span<const Posting> slice);
    base::Result<std::int64_t> subtype_code(const std::string& text);
    void rest(std::chrono::steady_clock::duration worked);
    base::Result<Bounds> bounds(const IndexQuery& query);
    base::Result<bool> accept(const IndexQuery& query, std::uint64_t seq, EventHits& hits, std::uint64_t& total,
                              const store::Statement& row);

    Options options_;
    store::Database writer_;  // of the index thread
    std::mutex reading_;
    store::Database reader_;  // under reading_
    std::mutex finding_;
    store::Database finder_;  // under finding_: the log's threads must not wait for a long search
    Source source_;

    mutable std::mutex mutex_;
    std::condition_variable wake_, done_;
    std::deque<IndexRow> waiting_;
    std::vector<Posting> unposted_;
    std::unordered_map<Token, std::uint64_t, TokenHash> unposted_ids_;  // a second way in, for find
    std::map<std::string, std::int64_t> subtypes_;
    std::uint64_t indexed_ = 0, posted_ = 0, offered_ = 0, wanted_ = 0;
    bool loaded_ = false, stopping_ = false, reset_ = false, ended_ = false;
    base::Status failed_;
    std::thread thread_;
};

}  // namespace chain
