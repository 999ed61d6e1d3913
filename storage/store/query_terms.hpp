// A query with its names turned into index.db's numbers: what each criterion wants of a version's terms. Internal to storage/store.
#pragma once

#include "storage/store/database.hpp"
#include "storage/store/index_entries.hpp"
#include "storage/store/query.hpp"

#include <unordered_set>

namespace store {

using Op = Criterion::Op;

// One acceptable value.
struct Wanted {
    Op op = Op::equals;
    Shape shape = Shape::text;
    std::vector<std::int64_t> params;  // any of these; empty: the index has never seen the parameter, nothing matches
    bool any_system = false;
    std::int64_t system = 0;  // 0: none; -1: one that the index has never seen
    std::string value;
    std::int64_t low = 0, high = 0;
    bool matches(const StoredTerm& term) const;
};
bool range_matches(Op op, std::int64_t stored_low, std::int64_t stored_high, std::int64_t low, std::int64_t high);

struct WantedCriterion {
    enum class On : std::uint8_t { terms, id, updated } on = On::terms;
    bool negated = false;
    std::vector<Wanted> any_of;
};

struct WantedQuery {
    std::optional<std::int64_t> type;  // nullopt: all types; -1: one that the index has never seen
    std::vector<WantedCriterion> criteria;
    std::optional<std::unordered_set<std::string>> only_patients;
    std::vector<Wanted> compartments;  // where candidates of only_patients are found
    std::vector<Wanted> history;       // where the versions of history_id are found

    bool matches(base::TimeUs updated_us, std::string_view id, const Patients& patients, base::ByteView terms) const;
};

// Errors: Kind::not_supported for an operation that the kind does not have; Kind::too_large for a prefix longer than kLongestPrefix
// characters of a direct identifier; those of the database.
base::Result<WantedQuery> resolve(Database& index, const Query& query, const Tokens& tokens);

}  // namespace store
