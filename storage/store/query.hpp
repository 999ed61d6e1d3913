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
    // token: equals (system|code; an empty system means "without a system"), any_system (code), no_system (|code), any_code (system|),
    //   not_equals (:not; negates the whole set, so it also finds records without a value; an empty system means any).
    // reference: equals (target type, id; or an absolute URL with an empty system), any_system (id of any type), not_equals.
    // string, uri: equals, not_equals (negates the set), starts_with, contains (no direct identifiers: those are tokens).
    // date, number, quantity: ranges as in R4 search.html#prefix; overlaps is `ap`. not_equals means a value that is not inside. A
    // quantity's `value` (unit) and `system` narrow when they are not empty. _id: token, equals or not_equals. _lastUpdated: date. Several
    // not_equals in one any_of exclude all of their values; they do not mix with other operations.
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
        any_code,
        starts_with,
        contains,
        starts_after,  // `sa`: begins when the searched range is over, or later
        ends_before    // `eb`: is over when the searched range begins, or sooner
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
    std::optional<base::Period> at;          // _at: versions that were current at some point of [low, high)
    std::size_t limit = 50;
    bool count_total = false;
    // Candidates that may be looked at, over rows and total; beyond: Kind::too_large, which names the number. Bounds the time (one
    // candidate takes about 2 us).
    std::uint64_t max_examined = 2'000'000;
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
