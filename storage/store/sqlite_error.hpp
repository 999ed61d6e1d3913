// How SQLite's result codes become Kinds. Internal to storage/store.
#pragma once

#include "storage/base/error.hpp"

#include <string_view>

struct sqlite3;

namespace store {

// `doing` says which step failed, for the operator. SQLite's own message is left out of what a client may see: it can quote SQL.
tl::unexpected<base::Error> sqlite_failed(sqlite3* handle, int code, std::string_view doing);

}  // namespace store
