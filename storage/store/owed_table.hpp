// The table of keys.db that holds what must still be said of destroyed keys (FORMAT.md section 3). Internal to storage/store.
#pragma once

#include "storage/store/database.hpp"
#include "storage/store/key_ring.hpp"

namespace store::owed_table {

base::Status make_when_absent(Database& rows);  // it is younger than the other tables
base::Status add(Database& rows, base::ByteView what);
base::Result<std::vector<KeyRing::Owed>> all(Database& rows);
base::Status remove(Database& rows, std::int64_t id);

}  // namespace store::owed_table
