// The one writer: a thread that takes what waits, runs each unit in its own savepoint, and commits them together. Internal to
// storage/store.
#pragma once

#include "storage/store/connection.hpp"
#include "storage/store/index_table.hpp"

#include <deque>
#include <thread>
#include <unordered_set>

namespace store {

class Writer {
  public:
    // Takes over an opened and caught-up connection.
    Writer(Core& core, std::unique_ptr<Connection> connection, std::unique_ptr<IndexTable> index, IndexTable::State state,
           std::uint64_t last);
    ~Writer();  // finishes what waits

    void submit(AuditDuty& duty, Store::Work work, std::function<void(base::Status)> done);
    // Runs alone on the writer thread, outside any transaction, after what waits now; not bound by the queue's limit.
    using Alone = std::function<void(Writer&)>;
    void run_alone(Alone alone);
    void remove_journal(std::vector<std::string> event_ids);
    std::unordered_set<std::string> journal_being_removed();
    base::Status takes_writes() const;
    base::Status drain();

    // For what runs alone.
    Connection& connection() { return *connection_; }
    IndexTable& index() { return *index_; }
    IndexTable::State& state() { return state_; }
    std::uint64_t last() const { return last_; }
    // Everything into the files, the WALs cut, and the redo rows dropped that are not needed any more. What readers hold back is done when
    // the writer is idle.
    base::Status checkpoint_all();
    // From now on nothing is acknowledged; `why` goes to the log.
    void fail_for_good(std::string_view why);

  private:
    friend class WriterUnit;
    struct Job {
        AuditDuty* duty = nullptr;
        Store::Work work;
        std::function<void(base::Status)> done;
        Alone alone;  // instead of the other three
        base::Status result;
    };
    struct Put {
        std::string type, id;
    };

    void loop();
    std::vector<Job> take();
    void run_group(std::vector<Job>& jobs);
    base::Status begin();
    base::Status run_units(std::vector<Job>& jobs);
    base::Status run_unit(Job& job);
    base::Status finish();
    void roll_back();
    base::Status clean_journal(const std::vector<std::string>& event_ids);
    void checkpoint_when_due(bool idle);
    base::Status checkpoint_index();

    Core& core_;
    std::unique_ptr<Connection> connection_;
    std::unique_ptr<IndexTable> index_;
    IndexTable::State state_;
    std::uint64_t last_ = 0;           // newest version inside the transaction
    std::uint64_t durable_index_ = 0;  // the index is on disk up to here: older redo rows can go
    bool cut_due_ = false;             // checkpoint_all could not cut a WAL

    // Of the group that runs now.
    base::Writer redo_;
    std::vector<Put> puts_;
    std::vector<std::string> cleaning_;

    std::mutex mutex_;
    std::condition_variable wake_, idle_;
    std::deque<Job> queue_;
    std::unordered_set<std::string> journal_done_;
    bool busy_ = false, draining_ = false, stopping_ = false;
    std::atomic<bool> failed_ = false;
    std::thread thread_;
};

// What a group of units did to the index, sealed for a redo row. `last_seq` is the group's newest version.
base::Result<base::Bytes> seal_redo(const Core& core, std::uint64_t last_seq, base::ByteView rows);
base::Result<std::vector<IndexRow>> open_redo(const Core& core, std::uint64_t last_seq, base::ByteView sealed);

base::Bytes journal_associated(std::string_view event_id);

}  // namespace store
