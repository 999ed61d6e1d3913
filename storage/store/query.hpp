// A search as the derived index understands it: which current resources (or which versions) in which order. Built by fhir/search
// and by the consent predicate; compiled to SQL in here.
#pragma once

#include "storage/store/record.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace store {

struct Criterion {
    enum class Op : std::uint8_t {
        equals,
        less,
        less_or_equal,
        greater,
        greater_or_equal,
        not_equals,
        overlaps,
        any_system,
        no_system,
        any_code
    };
    IndexEntry::Kind kind = IndexEntry::Kind::token;
    std::string param;  // "_id" and "_lastUpdated" are understood besides indexed parameters
    struct Value {
        Op op = Op::equals;
        std::string system, value;
        bool direct_identifier = false;
        std::int64_t low = 0, high = 0;
    };
    std::vector<Value> any_of;  // OR inside, AND between criteria
};

// One candidate as the index sees it, before anything is opened. Given to the consent predicate inside the query.
struct Candidate {
    std::uint64_t seq = 0;
    std::string_view type, id;
    std::uint32_t version = 0;
    base::TimeUs updated_us = 0;
    bool deleted = false;
    std::string_view patient;                // sealing patient
    std::vector<std::string_view> patients;  // all compartment patients
    std::string_view facts;                  // as stored by NewRecord::facts
};
// true: the caller may know of it. Called for every row that meets the criteria, before paging and counting.
using Predicate = std::function<bool(const Candidate&)>;

struct Query {
    std::string type;  // empty: all types (system history, system search)
    std::vector<Criterion> criteria;
    enum class Scope : std::uint8_t { current, history } scope = Scope::current;
    std::string history_id;  // with Scope::history: one instance; empty: type or system
    // Current: by seq of the current version descending (newest first). History: by seq descending. `before_seq`: strictly older than this.
    std::uint64_t before_seq = UINT64_MAX;
    std::uint64_t at_most_seq = UINT64_MAX;  // the snapshot of the first page: later versions are not seen
    std::optional<base::TimeUs> since_us;    // _since
    std::optional<base::TimeUs> at_us;       // _at
    std::size_t limit = 50;
    bool count_total = false;
    // Narrowing that the caller already knows (an optimisation, never the decision): only rows of these patients, or of none.
    std::optional<std::vector<std::string>> only_patients;
};

struct Hit {
    std::uint64_t seq = 0;
    std::string type, id;
    std::uint32_t version = 0;
    base::TimeUs updated_us = 0;
    bool deleted = false;
};
struct Hits {
    std::vector<Hit> rows;
    bool more = false;                   // at least one more permitted row follows
    std::optional<std::uint64_t> total;  // when asked; of permitted rows
};

}  // namespace store
