#include "storage/store/query_terms.hpp"

#include "storage/store/index_table.hpp"

#include <algorithm>

namespace store {
namespace {

using base::Kind;
using EntryKind = IndexEntry::Kind;

constexpr std::int64_t kNeverSeen = -1;

// Looks names up; a search never numbers a new one.
class Names {
  public:
    explicit Names(Database& db) : db_(db) {}

    base::Result<std::int64_t> number(std::string_view name) {
        auto read = db_.prepare("SELECT number FROM name WHERE text=?");
        if (!read) return base::pass(read);
        const auto row = read->bind(1, name).step();
        if (!row) return base::pass(row);
        return *row ? read->integer(0) : kNeverSeen;
    }

    // Of one name, or (all) of every name that begins with it.
    base::Result<std::vector<std::int64_t>> numbers(const std::string& name, bool all) {
        std::vector<std::int64_t> out;
        if (!all) {
            const auto one = number(name);
            if (!one) return base::pass(one);
            if (*one != kNeverSeen) out.push_back(*one);
            return out;
        }
        auto past = name;
        ++past.back();  // names begin with ASCII: no overflow
        auto read = db_.prepare("SELECT number FROM name WHERE text>=? AND text<?");
        if (!read) return base::pass(read);
        read->bind(1, name).bind(2, past);
        while (true) {
            const auto row = read->step();
            if (!row) return base::pass(row);
            if (!*row) return out;
            out.push_back(read->integer(0));
        }
    }

  private:
    Database& db_;
};

bool is_range(EntryKind kind) {
    return kind == EntryKind::date || kind == EntryKind::number || kind == EntryKind::quantity;
}

bool supported(EntryKind kind, Op op, bool direct_identifier) {
    if (is_range(kind)) return op <= Op::overlaps || op == Op::starts_after || op == Op::ends_before;
    switch (op) {
        case Op::equals:
        case Op::not_equals:
            return true;
        case Op::any_system:
            return kind == EntryKind::token || kind == EntryKind::reference;
        case Op::no_system:
        case Op::any_code:
            return kind == EntryKind::token;
        case Op::starts_with:
            return kind == EntryKind::string || (kind == EntryKind::uri && !direct_identifier);
        case Op::contains:
            return (kind == EntryKind::string || kind == EntryKind::uri) && !direct_identifier;
        default:
            return false;
    }
}

base::Status set_value(Wanted& wanted, const Criterion& criterion, const Criterion::Value& value, const Tokens& tokens) {
    if (!value.direct_identifier) {
        const bool id = criterion.kind == EntryKind::reference && value.value.size() <= kMostIdBytes &&
                        (!value.system.empty() || value.op == Op::any_system);
        wanted.shape = id ? Shape::packed : Shape::text;
        wanted.value = id ? std::string(base::as_text(pack_id(value.value))) : value.value;
        return {};
    }
    wanted.shape = Shape::packed;
    if (value.op != Op::starts_with) {
        wanted.value = tokens.whole(criterion.param, value.value);
        return {};
    }
    const auto lengths = prefix_lengths(value.value);
    if (!lengths.empty() && lengths.back() != value.value.size()) {
        return base::fail(Kind::too_large, "the beginning of a name or address can be searched by at most " +
                                               std::to_string(kLongestPrefix) + " characters");
    }
    wanted.value = tokens.beginning(criterion.param, value.value);
    wanted.op = Op::equals;  // the token of a beginning is a value of its own
    return {};
}

base::Result<Wanted> resolve_value(Names& names, const Criterion& criterion, const Criterion::Value& value, const std::string& type,
                                   const Tokens& tokens) {
    if (!supported(criterion.kind, value.op, value.direct_identifier)) {
        return base::fail(Kind::not_supported, "the index cannot answer this comparison for " + criterion.param);
    }
    Wanted wanted;
    wanted.op = value.op;
    const auto name = param_name_prefix(criterion.param, criterion.kind, value.direct_identifier && !is_range(criterion.kind)) + type;
    auto params = names.numbers(name, type.empty());
    if (!params) return base::pass(params);
    wanted.params = std::move(*params);
    const bool unsaid = value.system.empty();
    wanted.any_system = value.op == Op::any_system || (unsaid && (value.op == Op::not_equals || is_range(criterion.kind)));
    if (!unsaid && value.op != Op::any_system && value.op != Op::no_system) {
        const auto system = names.number(system_name(value.system));
        if (!system) return base::pass(system);
        wanted.system = *system;
    }
    if (is_range(criterion.kind)) {
        wanted.shape = Shape::range;
        wanted.value = value.value;
        wanted.low = value.low;
        wanted.high = value.high;
        return wanted;
    }
    if (auto set = set_value(wanted, criterion, value, tokens); !set) return base::pass(set);
    return wanted;
}

base::Result<Wanted> resolve_packed(Names& names, std::string_view anchor, const std::string& type, std::string_view id) {
    auto params = names.numbers(std::string(anchor) + type, type.empty());
    if (!params) return base::pass(params);
    Wanted wanted;
    wanted.shape = Shape::packed;
    wanted.any_system = true;
    wanted.params = std::move(*params);
    if (id.size() <= kMostIdBytes && !id.empty()) wanted.value = base::as_text(pack_id(id));
    return wanted;
}

// Set negation: everything but these. For ranges R4 means each value instead, which range_matches does.
base::Result<bool> is_negated(const Criterion& criterion) {
    if (is_range(criterion.kind)) return false;
    const auto negatives =
        std::count_if(criterion.any_of.begin(), criterion.any_of.end(), [](const auto& v) { return v.op == Op::not_equals; });
    if (negatives != 0 && static_cast<std::size_t>(negatives) != criterion.any_of.size()) {
        return base::fail(Kind::not_supported, "not-equals cannot be mixed with other comparisons for " + criterion.param);
    }
    return negatives != 0;
}

base::Result<WantedCriterion> resolve_criterion(Names& names, const Criterion& criterion, const std::string& type, const Tokens& tokens) {
    WantedCriterion out;
    const auto negated = is_negated(criterion);
    if (!negated) return base::pass(negated);
    out.negated = *negated;
    if (criterion.param == "_id") out.on = WantedCriterion::On::id;
    if (criterion.param == "_lastUpdated") out.on = WantedCriterion::On::updated;
    for (const auto& value : criterion.any_of) {
        auto wanted = base::Result<Wanted>(Wanted{value.op, Shape::range, {}, true, 0, {}, value.low, value.high});
        if (out.on == WantedCriterion::On::id) {
            const bool plain = value.op == Op::equals || value.op == Op::not_equals || value.op == Op::any_system;
            if (!plain) return base::fail(Kind::not_supported, "the index compares _id for equality only");
            wanted = resolve_packed(names, kAnyId, type, value.value);
        } else if (out.on == WantedCriterion::On::updated) {
            if (!supported(EntryKind::date, value.op, false)) return base::fail(Kind::not_supported, "_lastUpdated is compared as a date");
        } else {
            wanted = resolve_value(names, criterion, value, type, tokens);
        }
        if (!wanted) return base::pass(wanted);
        out.any_of.push_back(std::move(*wanted));
    }
    return out;
}

bool any_term_matches(const std::vector<Wanted>& any_of, base::ByteView terms) {
    TermWalk walk(terms);
    StoredTerm term;
    while (walk.next(term)) {
        if (std::any_of(any_of.begin(), any_of.end(), [&](const Wanted& wanted) { return wanted.matches(term); })) return true;
    }
    return false;
}

}  // namespace

bool range_matches(Op op, std::int64_t stored_low, std::int64_t stored_high, std::int64_t low, std::int64_t high) {
    const bool inside = stored_low >= low && stored_high <= high;
    switch (op) {
        case Op::equals:
            return inside;
        case Op::not_equals:
            return !inside;
        case Op::less:
            return stored_low < low;
        case Op::less_or_equal:
            return stored_low < low || inside;
        case Op::greater:
            return stored_high > high;
        case Op::greater_or_equal:
            return stored_high > high || inside;
        case Op::overlaps:
            return stored_low < high && stored_high > low;
        case Op::starts_after:
            return stored_low >= high;
        case Op::ends_before:
            return stored_high <= low;
        default:
            return false;
    }
}

bool Wanted::matches(const StoredTerm& term) const {
    if (term.shape != shape || std::find(params.begin(), params.end(), term.param) == params.end()) return false;
    if (!any_system && term.system != system) return false;
    if (shape == Shape::range) return (value.empty() || value == term.value) && range_matches(op, term.low, term.high, low, high);
    switch (op) {
        case Op::any_code:
            return true;
        case Op::starts_with:
            return term.value.starts_with(value);
        case Op::contains:
            return term.value.find(value) != std::string_view::npos;
        default:
            return term.value == value;
    }
}

bool WantedQuery::matches(base::TimeUs updated_us, std::string_view id, const Patients& patients, base::ByteView terms) const {
    if (only_patients && !patients.all.empty()) {
        const auto wanted = [&](const std::string& patient) { return only_patients->contains(patient); };
        if (std::none_of(patients.all.begin(), patients.all.end(), wanted)) return false;
    }
    for (const auto& criterion : criteria) {
        bool found = false;
        switch (criterion.on) {
            case WantedCriterion::On::terms:
                found = any_term_matches(criterion.any_of, terms);
                break;
            case WantedCriterion::On::id: {
                const auto packed = pack_id(id);
                found = std::any_of(criterion.any_of.begin(), criterion.any_of.end(),
                                    [&](const Wanted& wanted) { return wanted.value == base::as_text(packed); });
                break;
            }
            case WantedCriterion::On::updated:
                // A version was updated at an instant: the range of one microsecond.
                found = std::any_of(criterion.any_of.begin(), criterion.any_of.end(), [&](const Wanted& wanted) {
                    return range_matches(wanted.op, updated_us, updated_us + 1, wanted.low, wanted.high);
                });
                break;
        }
        if (found == criterion.negated) return false;
    }
    return true;
}

base::Result<WantedQuery> resolve(Database& index, const Query& query, const Tokens& tokens) {
    Names names(index);
    WantedQuery out;
    if (!query.type.empty()) {
        const auto type = names.number(type_name(query.type));
        if (!type) return base::pass(type);
        out.type = *type;
    }
    for (const auto& criterion : query.criteria) {
        auto wanted = resolve_criterion(names, criterion, query.type, tokens);
        if (!wanted) return base::pass(wanted);
        out.criteria.push_back(std::move(*wanted));
    }
    if (!query.history_id.empty()) {
        auto wanted = resolve_packed(names, kAnyId, query.type, query.history_id);
        if (!wanted) return base::pass(wanted);
        out.history.push_back(std::move(*wanted));
    }
    if (query.only_patients) {
        out.only_patients.emplace(query.only_patients->begin(), query.only_patients->end());
        auto none = resolve_packed(names, kAnyCompartment, query.type, {});
        if (!none) return base::pass(none);
        out.compartments.push_back(std::move(*none));
        for (const auto& patient : *query.only_patients) {
            auto wanted = resolve_packed(names, kAnyCompartment, query.type, patient);
            if (!wanted) return base::pass(wanted);
            if (!wanted->value.empty()) out.compartments.push_back(std::move(*wanted));
        }
    }
    return out;
}

}  // namespace store
