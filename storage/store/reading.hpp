// How stored versions are read, the same for a snapshot, a unit and the hot path; each finding is noted in the duty. Internal to
// storage/store.
#pragma once

#include "storage/store/connection.hpp"

namespace store {

class Reading {
  public:
    // Sees versions up to `last`. `cache` may be null (a unit sees what nobody else may see yet).
    Reading(const Core& core, RecordCache* cache, Connection& connection, AuditDuty& duty, std::uint64_t last)
        : core_(core), cache_(cache), connection_(connection), duty_(duty), last_(last) {}

    base::Result<std::optional<Record>> current(std::string_view type, std::string_view id);
    base::Result<std::optional<Record>> version(std::string_view type, std::string_view id, std::uint32_t version);
    base::Result<Record> at(std::uint64_t seq);
    base::Result<Record> fetch(const Hit& hit);
    base::Result<Hits> search(const Query& query, const Predicate& permits);

  private:
    base::Result<Record> open(std::uint64_t seq, std::string_view type, std::string_view id, std::uint32_t version);

    const Core& core_;
    RecordCache* cache_;
    Connection& connection_;
    AuditDuty& duty_;
    std::uint64_t last_;
};

Touched touched_of(const Record& record);

// The whole hot path of Store::read.
base::Result<std::optional<Record>> read_newest(Core& core, ConnectionPool& pool, AuditDuty& duty, std::string_view type,
                                                std::string_view id);

}  // namespace store
