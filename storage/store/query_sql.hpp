// From a resolved query to SQL: which table leads, and the text with its parameters. Internal to storage/store.
#pragma once

#include "storage/store/query_terms.hpp"

namespace store {

struct Sql {
    struct Parameter {
        enum class Is : std::uint8_t { number, text, bytes } is = Is::number;
        std::int64_t number = 0;
        std::string content;  // of text and bytes
    };
    std::string text;
    std::vector<Parameter> parameters;

    Sql& add(std::string_view more) {
        text += more;
        return *this;
    }
    Sql& with(std::int64_t number) {
        parameters.push_back({Parameter::Is::number, number, {}});
        return *this;
    }
    Sql& with(std::string content) {
        parameters.push_back({Parameter::Is::text, 0, std::move(content)});
        return *this;
    }
    Sql& with_bytes(std::string_view content) {
        parameters.push_back({Parameter::Is::bytes, 0, std::string(content)});
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
