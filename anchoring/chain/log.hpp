// The AuditLog that open() gives. Three threads of its own: the log thread (groups, and callbacks of those without a Courier), the
// maintenance thread (checkpoints, room ahead, sealing) and the index thread (event_index.hpp). Files: append.cpp, group.cpp, recover.cpp, maintain.cpp, read.cpp, fsck.cpp, backup.cpp.
#pragma once

#include "anchoring/chain/checkpoint_file.hpp"
#include "anchoring/chain/courier.hpp"
#include "anchoring/chain/event_index.hpp"
#include "anchoring/chain/flat_file.hpp"
#include "anchoring/chain/gather.hpp"
#include "anchoring/chain/sealer.hpp"
#include "anchoring/chain/segment.hpp"
#include "anchoring/chain/segment_writer.hpp"
#include "anchoring/proof/tree.hpp"

#include <atomic>
#include <unordered_map>

namespace chain {

// The keys that the log derives from the key ring, in one place.
struct LogKeys {
    explicit LogKeys(store::KeyRing& keys);
    crypto::Key log, checkpoint_mac, manifest_mac, signing, index;
    crypto::Ed25519PublicKey public_key;
};

// How far the log is durable.
struct Head {
    std::uint64_t size = 0;
    Place end;             // behind the mark of the last group
    proof::Digest last{};  // hash of the last entry
    base::TimeUs time_us = 0;
    proof::Frontier frontier;
};

// Ids appended lately, so that one that comes twice is kept once. Only the log thread touches it; see group.cpp for what it guards.
class Window {
  public:
    std::optional<std::uint64_t> find(const Token& id) const;
    void add(const Token& id, std::uint64_t seq, base::TimeUs recorded_us);
    // Forgets the oldest beyond `keep` that are below `indexed`; returns the latest recorded time among the forgotten.
    base::TimeUs trim(std::size_t keep, std::uint64_t indexed);
    std::size_t size() const { return order_.size(); }

  private:
    struct Item {
        Token id;
        std::uint64_t seq;
        base::TimeUs recorded_us;
    };
    std::unordered_map<Token, std::uint64_t, TokenHash> seqs_;
    std::deque<Item> order_;
};

class Log final : public AuditLog {
  public:
    Log(const LogOptions& options, store::KeyRing& keys, const base::Clock& clock, File lock);
    ~Log() override;
    base::Status recover();
    void start();

    void append(std::vector<Submission> group, std::function<void(base::Result<Appended>)> done) override;
    base::Status takes() const override;
    base::Result<EventHits> search(const EventQuery& query) override;
    base::Result<StoredEvent> event(std::uint64_t seq) override;
    base::Result<std::optional<std::uint64_t>> find(const std::string& event_id) override;
    base::Result<bool> contains(const std::string& event_id) override;
    std::uint64_t size() const override;
    base::Result<proof::Digest> root_at(std::uint64_t size) override;
    base::Result<std::vector<proof::Digest>> inclusion(std::uint64_t index, std::uint64_t size) override;
    base::Result<std::vector<proof::Digest>> consistency(std::uint64_t old_size, std::uint64_t new_size) override;
    base::Result<SignedCheckpoint> checkpoint_now() override;
    base::Result<std::optional<SignedCheckpoint>> checkpoint_covering(std::uint64_t index) override;
    std::string verifier_key() const override;
    base::Result<std::size_t> fsck(const std::function<void(const std::string&)>& each) override;
    base::Result<std::optional<std::uint64_t>> newest_write() override;
    base::Status walk_writes(const std::function<base::Status(const proof::Written&)>& each) override;
    base::Status reindex(const std::function<void(std::uint64_t done, std::uint64_t total)>& progress) override;
    base::Status backup_to(const std::string& dir) override;
    base::Status drain() override;

  private:
    // What one call of append() brought: whom to tell, and how many of the items are its own.
    struct Pending {
        std::size_t first = 0, count = 0;
        Courier* courier = nullptr;  // has `done`, when there is one
        Courier::Done done;
        std::uint64_t first_seq = 0;
    };
    // In a row, so that what comes from several threads moves between processors as few times as can be.
    struct Queue {
        std::vector<Pending> pendings;
        std::vector<Prepared> items;
        base::Bytes tails;
        void clear();
    };
    struct Batch;
    using Visit = std::function<base::Status(const EntryFrame&, Place)>;

    // append.cpp
    void refuse(const std::function<void(base::Result<Appended>)>& done, base::Error error);
    base::Result<std::optional<std::uint64_t>> look_back(const IndexKeys& keys);
    base::Result<Prepared> prepare(const Submission& submission, base::Bytes& tails);
    bool enqueue(std::vector<Prepared>& items, base::ByteView tails, Courier* courier, Courier::Done& done);  // false: it is closing
    void break_down(const base::Error& error);
    base::Status unavailable() const;
    // group.cpp
    void run_log();
    bool wait_for_group(Queue& taken);
    void commit(Queue& taken, std::span<Pending> pendings);
    void tell(std::span<Pending> pendings, const base::Status& ok);
    base::Status stage(Queue& taken, std::span<Pending> pendings, Batch& batch);
    base::Status write(Batch& batch);
    void publish(Batch& batch);
    base::Status roll(std::uint64_t next_seq);
    // maintain.cpp
    void run_maintenance();
    void tend(bool last_round);
    bool wait_for_work(std::chrono::milliseconds longest);
    base::Result<CheckpointRecord> checkpoint();
    base::Status make_room();  // zeroes ahead, so that fdatasync writes no metadata
    base::Status seal_segments(const std::function<void()>& between = {});
    // recover.cpp
    base::Status create_files();
    base::Status check_last_checkpoint(const CheckpointRecord& record);
    base::Result<bool> resume_from(const CheckpointRecord& record);  // false: the derived files must be built again
    base::Status replay(std::uint32_t segments);
    base::Status cut_tail(Place at);
    base::Status open_index();
    // read.cpp
    Head head() const;
    proof::NodeAt node_at() const;
    base::Result<EntryFrame> frame(std::uint64_t seq);
    base::Result<std::vector<proof::Written>> write_set(const EntryFrame& frame);
    base::Status visit(std::uint64_t from, std::uint64_t to, const Visit& each);
    base::Result<std::vector<IndexRow>> rows(std::uint64_t from, std::size_t limit);
    std::string path(std::string_view name) const { return options_.dir + "/" + std::string(name); }

    const LogOptions options_;
    const base::Clock& clock_;
    File lock_;
    std::shared_ptr<Disk> disk_;
    LogKeys keys_;
    Sealer sealer_;
    Segments segments_;
    std::unique_ptr<FlatFile> tree_, places_;
    std::unique_ptr<CheckpointFile> checkpoints_;
    std::unique_ptr<EventIndex> index_;

    mutable std::mutex head_mutex_;
    Head head_;
    std::uint64_t size_at_open_ = 0;

    // The log thread's own.
    std::shared_ptr<Segment> active_;
    std::shared_ptr<SegmentWriter> writer_;  // of active_; replaced under writer_mutex_, as the maintenance thread looks at it
    std::optional<crypto::SealingKey> frames_;  // under the active segment's key
    Place write_at_;  // where the next group goes
    Window window_;
    Gather gather_;
    std::atomic<base::TimeUs> look_back_us_{INT64_MAX};  // an event recorded up to here may be in the index and not in the window

    // The queue.
    std::mutex queue_mutex_;
    std::condition_variable queue_filled_;
    Queue queue_;
    std::size_t awaited_ = 0;  // with how many waiting the log thread wants to be woken; 0: it is awake
    bool stopping_ = false;
    std::atomic<std::size_t> waiting_{0};
    std::atomic<bool> broken_{false};
    mutable std::mutex broken_mutex_;
    std::string broken_why_;

    // Maintenance.
    std::mutex maintain_mutex_;
    std::condition_variable maintain_wake_;
    bool maintain_stop_ = false, maintain_kick_ = false;
    std::chrono::steady_clock::time_point next_checkpoint_;  // the maintenance thread's own
    std::mutex checkpoint_mutex_;
    std::mutex writer_mutex_;
    std::mutex seal_mutex_;
    std::uint32_t sealed_upto_ = 0;
    std::atomic<std::uint32_t> segment_count_{0};
    std::atomic<std::uint64_t> checkpointed_{0};

    std::mutex drain_mutex_;
    bool drained_ = false, started_ = false;
    std::thread log_thread_, maintain_thread_;
};

}  // namespace chain
