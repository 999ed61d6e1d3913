// SQLite has signed integers only. A sequence number never comes near 2^63; "no bound" (UINT64_MAX) becomes the largest one.
// Internal to storage/store.
#pragma once

#include <cstdint>

namespace store {

inline std::int64_t to_sql(std::uint64_t number) {
    return number > static_cast<std::uint64_t>(INT64_MAX) ? INT64_MAX : static_cast<std::int64_t>(number);
}
inline std::uint64_t from_sql(std::int64_t number) {
    return number < 0 ? 0 : static_cast<std::uint64_t>(number);
}

}  // namespace store
