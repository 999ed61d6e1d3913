// Brings index.db to where records.db is when a store is opened, and keeps erased patients out of it. Internal to storage/store.
#pragma once

#include "storage/store/connection.hpp"
#include "storage/store/index_table.hpp"

namespace store {

// Opens both files for writing. A damaged index.db is replaced by an empty one; `index_was_lost` says so.
struct OpenedFiles {
    std::unique_ptr<Connection> connection;
    std::unique_ptr<IndexTable> index;
    bool index_was_lost = false;
};
base::Result<OpenedFiles> open_files(const Core& core);

// Applies redo rows that the index lacks, or drops versions that the records lack, and purges erased patients. The state afterwards;
// `ready` is false when the redo rows do not reach back far enough: only a reindex helps.
struct CaughtUp {
    IndexTable::State state;
    bool ready = false;
};
base::Result<CaughtUp> catch_up(const Core& core, OpenedFiles& files, std::uint64_t last_seq);

// Takes one patient's rows out of the index. Outside any transaction; the caller then cuts the WALs and drops the redo rows, which hold
// them too.
base::Status purge_patient(Connection& connection, IndexTable& index, std::string_view patient, IndexTable::State& state);

}  // namespace store
