// The Unit that a work function gets. Internal to storage/store.
#pragma once

#include "storage/store/reading.hpp"
#include "storage/store/writer.hpp"

namespace store {

class WriterUnit final : public Unit {
  public:
    WriterUnit(Writer& writer, AuditDuty& duty) : writer_(writer), duty_(duty) {}

    base::Result<std::optional<Record>> current(std::string_view type, std::string_view id) override;
    base::Result<std::optional<Record>> version(std::string_view type, std::string_view id, std::uint32_t version) override;
    base::Result<Record> at(std::uint64_t seq) override;
    base::Result<Record> fetch(const Hit& hit) override;
    base::Result<Hits> search(const Query& query, const Predicate& permits) override;
    std::uint64_t last_seq() const override { return writer_.last_; }
    base::Result<Version> put(const NewRecord& record) override;
    base::Status journal(std::string_view event_id, base::ByteView submission) override;
    Database& database() override { return writer_.connection_->records; }

    // The index rows that this unit wrote, for the group's redo row.
    const base::Bytes& redo() const { return redo_.bytes(); }

  private:
    Reading reading() { return Reading(writer_.core_, nullptr, *writer_.connection_, duty_, writer_.last_); }

    Writer& writer_;
    AuditDuty& duty_;
    base::Writer redo_;
};

}  // namespace store
