// From a resolved query to SQL: which table leads, and the text with its parameters. Internal to storage/store.
#pragma once

#include "storage/store/query_terms.hpp"

#include <variant>

namespace store {

struct Sql {
    std::string text;
    std::vector<std::variant<std::int64_t, std::string, base::Bytes>> parameters;

    Sql& add(std::string_view more) {
        text += more;
        return *this;
    }
    Sql& with(std::variant<std::int64_t, std::string, base::Bytes> parameter) {
        parameters.push_back(std::move(parameter));
        return *this;
    }
    base::Result<Statement> prepare(Database& db) const;
};

// The rows of one page, newest first: seq, type, id, version, updated, flags, patients; one more than `limit`.
// Or (count) one row with their number, over all pages.
struct Plan {
    Sql rows, count;
};
// Looks at the index to learn which criterion has the fewest candidates.
base::Result<Plan> plan(Database& index, const Query& query, const WantedQuery& wanted, std::uint64_t snapshot);

}  // namespace store
