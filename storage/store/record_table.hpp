// records.db: what is true. Rows in the one order of all writes, the versions of each record, the journal of audit submissions, and
// the redo rows from which a lagging index catches up. Statements only; no transactions, no threads. Internal to storage/store.
#pragma once

#include "storage/store/database.hpp"
#include "storage/store/envelope.hpp"

#include <optional>

namespace store {

class RecordTable {
  public:
    explicit RecordTable(Database& db) : db_(db) {}

    // Makes the tables of a new file. Errors: Kind::corrupt when the file has another format.
    base::Status prepare();

    base::Result<std::uint64_t> last_seq();
    struct Head {
        std::uint32_t version = 0;
        std::uint64_t seq = 0;
    };
    // The newest version not newer than at_most_seq.
    base::Result<std::optional<Head>> head(const RecordId& rid, std::uint64_t at_most_seq);
    base::Result<std::optional<std::uint64_t>> seq_of(const RecordId& rid, std::uint32_t version);
    base::Status append(const RowPlace& place, const SealedRow& row);

    // Views into the row; valid while the Row lives.
    struct Row {
        Statement statement;
        RowPlace place;
        base::ByteView name, body;
    };
    base::Result<std::optional<Row>> row(std::uint64_t seq);
    // The newest row of a record in one step.
    base::Result<std::optional<Row>> newest(const RecordId& rid);

    base::Status add_journal(std::string_view event_id, base::ByteView sealed);
    base::Status remove_journal(std::string_view event_id);

    // What a commit did to the index, sealed; kept until the index is known to be on disk.
    base::Status add_redo(std::uint64_t last_seq, base::ByteView sealed);
    base::Status drop_redo(std::uint64_t up_to_seq);

  private:
    Database& db_;
};

}  // namespace store
