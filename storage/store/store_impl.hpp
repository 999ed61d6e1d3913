// The Store on SQLite. Internal to storage/store: callers see store.hpp.
#pragma once

#include "storage/store/files.hpp"
#include "storage/store/reading.hpp"
#include "storage/store/writer.hpp"

namespace store {

class StoreImpl final : public Store {
  public:
    StoreImpl(const StoreOptions& options, KeyRing& keys, const base::Clock& clock, files::Lock lock);
    ~StoreImpl() override;
    base::Status start();

    base::Result<std::unique_ptr<Snapshot>> snapshot(AuditDuty& duty) override;
    base::Result<std::optional<Record>> read(AuditDuty& duty, std::string_view type, std::string_view id) override;
    void submit(AuditDuty& duty, Work work, std::function<void(base::Status)> done) override;
    base::Status takes_writes() const override { return writer_->takes_writes(); }
    base::Result<std::vector<JournalRow>> journal_pending() override;
    void journal_done(std::vector<std::string> event_ids) override;
    base::Result<std::uint64_t> last_seq() override;
    base::Status drain() override;
    base::Status backup_to(const std::string& dir) override;
    RecordId record_id(std::string_view type, std::string_view id) const override;

    // maintenance.cpp, fsck.cpp
    base::Result<std::size_t> fsck(const std::function<void(const std::string&)>& each) override;
    base::Status walk(const std::function<base::Status(std::uint64_t seq, const RecordId&, const Version&)>& each) override;
    base::Status reindex(const Extract& extract, const std::function<void(std::uint64_t done, std::uint64_t total)>& progress) override;

  private:
    void forget(std::string patient);

    files::Lock lock_;  // first in, last out
    Core core_;
    ConnectionPool pool_;
    std::unique_ptr<Writer> writer_;
    std::uint64_t subscription_ = 0;
};

}  // namespace store
