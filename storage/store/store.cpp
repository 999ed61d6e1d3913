#include "storage/base/log.hpp"
#include "storage/crypto/aead.hpp"
#include "storage/store/catch_up.hpp"
#include "storage/store/store_impl.hpp"

namespace store {
namespace {

using base::Kind;

// Holds no transaction and no connection: rows up to `last` never change, and an index row says until when it was current. So a slow
// client holds nothing back.
class PooledSnapshot final : public Snapshot {
  public:
    PooledSnapshot(Core& core, ConnectionPool& pool, AuditDuty& duty) : core_(core), pool_(pool), duty_(duty), last_(core.acknowledged) {}

    base::Result<std::optional<Record>> current(std::string_view type, std::string_view id) override {
        return reading([&](Reading reading) { return reading.current(type, id); });
    }
    base::Result<std::optional<Record>> version(std::string_view type, std::string_view id, std::uint32_t version) override {
        return reading([&](Reading reading) { return reading.version(type, id, version); });
    }
    base::Result<Record> at(std::uint64_t seq) override {
        return reading([&](Reading reading) { return reading.at(seq); });
    }
    base::Result<Record> fetch(const Hit& hit) override {
        return reading([&](Reading reading) { return reading.fetch(hit); });
    }
    base::Result<Hits> search(const Query& query, const Predicate& permits) override {
        return reading([&](Reading reading) { return reading.search(query, permits); });
    }
    std::uint64_t last_seq() const override { return last_; }

  private:
    template <class Read>
    auto reading(Read read) -> decltype(read(std::declval<Reading>())) {
        const auto connection = pool_.lease();
        if (!connection) return base::pass(connection);
        return read(Reading(core_, &core_.cache, **connection, duty_, last_));
    }

    Core& core_;
    ConnectionPool& pool_;
    AuditDuty& duty_;
    const std::uint64_t last_;
};

}  // namespace

base::Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options, KeyRing& keys, const base::Clock& clock) {
    if (auto made = files::make_directory(options.dir); !made) return base::pass(made);
    auto lock = files::lock_directory(options.dir);
    if (!lock) return base::pass(lock);
    if (auto same = keys.expect_unrotated(); !same) return base::pass(same);
    auto store = std::make_unique<StoreImpl>(options, keys, clock, std::move(*lock));
    if (auto started = store->start(); !started) return base::pass(started);
    return std::unique_ptr<Store>(std::move(store));
}

StoreImpl::StoreImpl(const StoreOptions& options, KeyRing& keys, const base::Clock& clock, files::Lock lock)
    : lock_(std::move(lock)), core_(options, keys, clock), pool_(core_) {}

base::Status StoreImpl::start() {
    auto opened = open_files(core_);
    if (!opened) return base::pass(opened);
    const auto last = opened->connection->table.last_seq();
    if (!last) return base::pass(last);
    auto caught_up = catch_up(core_, *opened, *last);
    if (!caught_up) return base::pass(caught_up);
    core_.index_ready = caught_up->ready;
    core_.acknowledged = *last;
    writer_ = std::make_unique<Writer>(core_, std::move(opened->connection), std::move(opened->index), caught_up->state, *last);
    subscription_ = core_.keys.on_erase([this](std::string_view patient) { forget(std::string(patient)); });
    return {};
}

StoreImpl::~StoreImpl() {
    if (subscription_ != 0) core_.keys.stop_on_erase(subscription_);
    if (writer_ == nullptr) return;
    if (auto drained = writer_->drain(); !drained) base::log::error("the store was closed in haste: " + drained.error().diagnostics);
}

// The opened records go now, on the thread that erases. The index rows go on the writer's, which may be the caller.
void StoreImpl::forget(std::string patient) {
    core_.cache.forget_patient(patient);
    writer_->run_alone([patient = std::move(patient)](Writer& writer) {
        auto done = purge_patient(writer.connection(), writer.index(), patient, writer.state());
        if (done) done = writer.checkpoint_all();
        // On the next start the number of erasures differs from the index's, and the purge is done then.
        if (!done) writer.fail_for_good("taking an erased patient out of the index failed: " + done.error().diagnostics);
    });
}

base::Result<std::unique_ptr<Snapshot>> StoreImpl::snapshot(AuditDuty& duty) {
    return std::unique_ptr<Snapshot>(std::make_unique<PooledSnapshot>(core_, pool_, duty));
}

base::Result<std::optional<Record>> StoreImpl::read(AuditDuty& duty, std::string_view type, std::string_view id) {
    return read_newest(core_, pool_, duty, type, id);
}

void StoreImpl::submit(AuditDuty& duty, Work work, std::function<void(base::Status)> done) {
    writer_->submit(duty, std::move(work), std::move(done));
}

base::Result<std::vector<Store::JournalRow>> StoreImpl::journal_pending() {
    const auto removing = writer_->journal_being_removed();
    const auto connection = pool_.lease();
    if (!connection) return base::pass(connection);
    auto read = (*connection)->records.prepare("SELECT event_id,submission FROM journal ORDER BY n");
    if (!read) return base::pass(read);
    std::vector<JournalRow> out;
    while (true) {
        const auto row = read->step();
        if (!row) return base::pass(row);
        if (!*row) return out;
        auto event_id = read->text(0);
        if (removing.contains(event_id)) continue;
        auto submission = crypto::open(core_.journal_key, read->view(1), journal_associated(event_id));
        if (!submission) return base::pass(submission);
        out.push_back({std::move(event_id), std::move(*submission)});
    }
}

void StoreImpl::journal_done(std::vector<std::string> event_ids) {
    writer_->remove_journal(std::move(event_ids));
}

base::Result<std::uint64_t> StoreImpl::last_seq() {
    return core_.acknowledged.load();
}

base::Status StoreImpl::drain() {
    return writer_->drain();
}

// The order keeps the copy usable while writes go on. Each file is consistent by itself. The index is copied after the records, so it
// can only be ahead, and opening the copy drops what is ahead; were it behind, the redo rows for the gap might be gone already. The
// keys come last, so that every record's key is there; one that was destroyed meanwhile is rightly missing.
base::Status StoreImpl::backup_to(const std::string& dir) {
    if (auto made = files::make_directory(dir); !made) return made;
    for (const char* name : {"/records.db", "/index.db", "/keys.db"}) {
        if (files::exists(dir + name)) return base::fail(Kind::conflict, "the backup directory holds a backup already");
    }
    {
        const auto connection = pool_.lease();
        if (!connection) return base::pass(connection);
        if (auto copied = (*connection)->records.backup_to(dir + "/records.db", core_.records_key); !copied) return copied;
        if (auto copied = (*connection)->index.backup_to(dir + "/index.db", core_.index_key); !copied) return copied;
    }
    if (auto copied = core_.keys.backup_to(dir); !copied) return copied;
    return files::sync_directory(dir);
}

RecordId StoreImpl::record_id(std::string_view type, std::string_view id) const {
    return core_.envelope.record_id(type, id);
}

}  // namespace store
