#include "storage/store/query_sql.hpp"

#include "storage/store/integers.hpp"

namespace store {
namespace {

// Candidates are counted up to the first number; while every criterion has more, up to the next. Counting 64 entries takes some 5 us, and
// finding the best never costs much more than walking the best does.
constexpr std::int64_t kCountUpTo[] = {64, 512, 4096, 32'768};
// More alternatives than this (an OR of hundreds of codes) are not counted, so they never lead: another criterion or the order of writing does.
constexpr std::size_t kCountedAlternatives = 64;

bool is_exact(const Wanted& wanted) {
    return wanted.shape != Shape::range && wanted.op != Op::any_code && wanted.op != Op::contains && wanted.op != Op::starts_with &&
           wanted.op != Op::not_equals;
}

void add_value(Sql& sql, const Wanted& wanted) {
    if (wanted.shape == Shape::packed) {
        sql.with_bytes(wanted.value);
    } else {
        sql.with(wanted.value);
    }
}

// The text right after every text that begins with this one; empty: there is none.
std::string past_prefix(std::string prefix) {
    while (!prefix.empty() && static_cast<std::uint8_t>(prefix.back()) == 0xff) prefix.pop_back();
    if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<std::uint8_t>(prefix.back()) + 1);
    return prefix;
}

// Bounds on `low` and `high` that every match keeps (others may too: admits() decides).
void add_range(Sql& sql, const Wanted& wanted) {
    switch (wanted.op) {
        case Op::equals:
            sql.add(" AND low>=? AND low<=? AND high<=?").with(wanted.low).with(wanted.high).with(wanted.high);
            break;
        case Op::less:
            sql.add(" AND low<?").with(wanted.low);
            break;
        case Op::less_or_equal:
            sql.add(" AND low<=?").with(std::max(wanted.low, wanted.high));
            break;
        case Op::greater:
            sql.add(" AND high>?").with(wanted.high);
            break;
        case Op::greater_or_equal:
            sql.add(" AND high>=?").with(std::min(wanted.low, wanted.high));
            break;
        case Op::overlaps:
            sql.add(" AND low<? AND high>?").with(wanted.high).with(wanted.low);
            break;
        case Op::starts_after:
            sql.add(" AND low>=?").with(wanted.high);
            break;
        case Op::ends_before:
            sql.add(" AND low<=? AND high<=?").with(wanted.low).with(wanted.low);
            break;
        default:
            break;
    }
}

// The same for _lastUpdated, an instant: the range [updated, updated + 1).
void add_updated(Sql& sql, const Wanted& wanted) {
    switch (wanted.op) {
        case Op::equals:
        case Op::overlaps:
            sql.add(" AND updated>=? AND updated<?").with(wanted.low).with(wanted.high);
            break;
        case Op::ends_before:
        case Op::less:
            sql.add(" AND updated<?").with(wanted.low);
            break;
        case Op::less_or_equal:
            sql.add(" AND updated<?").with(std::max(wanted.low, wanted.high));
            break;
        case Op::starts_after:
        case Op::greater:
            sql.add(" AND updated>=?").with(wanted.high);
            break;
        case Op::greater_or_equal:
            sql.add(" AND updated>=?").with(std::min(wanted.low, wanted.high));
            break;
        default:
            break;
    }
}

// "SELECT seq FROM ... WHERE ..." that yields at least every version with this value; false when only a scan does.
bool add_candidates(Sql& sql, const Wanted& wanted) {
    if (wanted.op == Op::contains || wanted.op == Op::any_code) return false;
    sql.add(wanted.shape == Shape::range ? "SELECT seq FROM span WHERE param IN (" : "SELECT seq FROM term WHERE param IN (");
    for (std::size_t i = 0; i < wanted.params.size(); ++i) sql.add(i == 0 ? "?" : ",?").with(wanted.params[i]);
    sql.add(")");
    if (wanted.shape == Shape::range) {
        add_range(sql, wanted);
    } else if (wanted.op == Op::starts_with) {
        sql.add(" AND value>=?").with(wanted.value);
        if (const auto past = past_prefix(wanted.value); !past.empty()) sql.add(" AND value<?").with(past);
    } else {
        sql.add(" AND value=?");
        add_value(sql, wanted);
    }
    return true;
}

// Where candidates come from.
struct Driver {
    const std::vector<Wanted>* any_of = nullptr;  // nullptr: the order of writing
    bool by_time = false;                         // any_of is about _lastUpdated
};

bool add_candidates(Sql& sql, const Driver& driver, const WantedQuery& wanted) {
    bool first = true;
    for (const auto& value : *driver.any_of) {
        if (!first) sql.add(" UNION ALL ");
        first = false;
        if (driver.by_time) {
            sql.add("SELECT seq FROM doc WHERE type=?").with(*wanted.type);
            add_updated(sql, value);
        } else if (!add_candidates(sql, value)) {
            return false;
        }
    }
    return !first;
}

base::Result<std::int64_t> count_candidates(Database& index, const Driver& driver, const WantedQuery& wanted, std::int64_t most) {
    Sql sql;
    sql.add("SELECT count(*) FROM (SELECT 1 FROM (");
    if (driver.any_of->size() > kCountedAlternatives || !add_candidates(sql, driver, wanted)) return most;
    sql.add(") LIMIT ?)").with(most);
    auto count = sql.prepare(index);
    if (!count) return base::pass(count);
    if (auto row = count->step(); !row) return base::pass(row);
    return count->integer(0);
}

std::vector<Driver> drivers_of(const WantedQuery& wanted) {
    std::vector<Driver> out;
    if (!wanted.history.empty()) out.push_back({&wanted.history, false});
    if (!wanted.compartments.empty()) out.push_back({&wanted.compartments, false});
    for (const auto& criterion : wanted.criteria) {
        if (criterion.negated) continue;
        const bool by_time = criterion.on == WantedCriterion::On::updated;
        if (by_time && !wanted.type) continue;
        Sql attempt;
        if (add_candidates(attempt, Driver{&criterion.any_of, by_time}, wanted)) out.push_back({&criterion.any_of, by_time});
    }
    return out;
}

// Found in the order of writing already: nothing has to be gathered and sorted first.
bool streams(const Driver& driver) {
    return driver.any_of != nullptr && !driver.by_time && driver.any_of->size() == 1 && is_exact(driver.any_of->front()) &&
           driver.any_of->front().params.size() == 1;
}

// The order of writing streams page by page and stops at the limit, so it leads whenever no criterion is known to be selective.
base::Result<Driver> choose(Database& index, const WantedQuery& wanted) {
    const auto drivers = drivers_of(wanted);
    if (drivers.size() == 1 && streams(drivers.front())) return drivers.front();
    for (const auto most : kCountUpTo) {
        std::optional<Driver> best;
        std::int64_t fewest = most;
        for (const auto& driver : drivers) {
            const auto count = count_candidates(index, driver, wanted, most);
            if (!count) return base::pass(count);
            if (*count < fewest) {
                fewest = *count;
                best = driver;
            }
        }
        if (best) return *best;
    }
    // A single exact value streams as well, and passes over everything else.
    for (const auto& driver : drivers) {
        if (streams(driver)) return driver;
    }
    return Driver{};
}

// What another single value would have to find as well: a probe costs a third of looking at the whole row.
void add_probes(Sql& sql, const WantedQuery& wanted, const Driver& driver, std::string_view seq) {
    for (const auto& criterion : wanted.criteria) {
        const bool probed = criterion.on == WantedCriterion::On::terms && !criterion.negated && &criterion.any_of != driver.any_of &&
                            criterion.any_of.size() == 1 && is_exact(criterion.any_of.front());
        if (!probed) continue;
        sql.add(" AND EXISTS (");
        add_candidates(sql, criterion.any_of.front());
        sql.add(" AND seq=").add(seq).add(")");
    }
}

// FROM and WHERE up to the order. `before`: for the rows of a page; the count is over all pages.
void add_from_where(Sql& sql, const Query& query, const WantedQuery& wanted, const Driver& driver, std::uint64_t snapshot, bool before) {
    const bool streaming = streams(driver);
    const auto bound = before && query.before_seq <= snapshot ? query.before_seq - 1 : snapshot;
    if (streaming) {
        const auto& value = driver.any_of->front();
        sql.add(" FROM term m CROSS JOIN doc d ON d.seq=m.seq WHERE m.param=?").with(value.params.front()).add(" AND m.value=?");
        add_value(sql, value);
        sql.add(" AND m.seq<=?").with(to_sql(bound));
        add_probes(sql, wanted, driver, "m.seq");
    } else {
        // NOT INDEXED by type when candidates are listed: the list is the index then.
        sql.add(driver.any_of != nullptr ? " FROM doc d NOT INDEXED" : wanted.type ? " FROM doc d INDEXED BY doc_type" : " FROM doc d");
        sql.add(" WHERE d.seq<=?").with(to_sql(bound));
        if (driver.any_of != nullptr) {
            sql.add(" AND d.seq IN (");
            add_candidates(sql, driver, wanted);
            sql.add(")");
            add_probes(sql, wanted, driver, "d.seq");
        }
    }
    if (wanted.type) sql.add(" AND d.type=?").with(*wanted.type);
    // CASE keeps the order: the predicate is asked only about rows that meet everything else.
    sql.add(" AND CASE WHEN 1");
    if (query.scope == Query::Scope::current) sql.add(" AND d.flags&1=0 AND (d.until IS NULL OR d.until>?)").with(to_sql(snapshot));
    if (query.since_us) sql.add(" AND d.updated>=?").with(*query.since_us);
    if (query.at) {
        // Current at some point of the period: written before it ended, and not yet replaced when it began (in what this snapshot can see).
        sql.add(" AND d.updated<? AND (d.until IS NULL OR d.until>? OR (SELECT n.updated FROM doc n WHERE n.seq=d.until)>?)");
        sql.with(query.at->high).with(to_sql(snapshot)).with(query.at->low);
    }
    if (!query.history_id.empty()) {
        const auto packed = query.history_id.size() <= kMostIdBytes ? pack_id(query.history_id) : base::Bytes();
        sql.add(" AND d.id=?").with_bytes(base::as_text(packed));
    }
    sql.add(" THEN admits(d.seq,d.type,d.id,d.version,d.updated,d.flags,d.patients,d.facts,d.terms) ELSE 0 END");
}

}  // namespace

base::Result<Statement> Sql::prepare(Database& db) const {
    auto statement = db.prepare(text);
    if (!statement) return statement;
    int at = 0;
    for (const auto& parameter : parameters) {
        ++at;
        switch (parameter.is) {
            case Parameter::Is::number:
                statement->bind(at, parameter.number);
                break;
            case Parameter::Is::text:
                statement->bind(at, std::string_view(parameter.content));
                break;
            case Parameter::Is::bytes:
                statement->bind(at, base::as_bytes(parameter.content));
                break;
        }
    }
    return statement;
}

base::Result<Plan> plan(Database& index, const Query& query, const WantedQuery& wanted, std::uint64_t snapshot) {
    const auto driver = choose(index, wanted);
    if (!driver) return base::pass(driver);
    Plan out;
    out.rows.add("SELECT d.seq,d.type,d.id,d.version,d.updated,d.flags,d.patients");
    add_from_where(out.rows, query, wanted, *driver, snapshot, true);
    out.rows.add(streams(*driver) ? " ORDER BY m.seq DESC LIMIT ?" : " ORDER BY d.seq DESC LIMIT ?");
    out.rows.with(to_sql(static_cast<std::uint64_t>(query.limit) + 1));
    if (query.count_total) {
        out.count.add("SELECT count(*)");
        add_from_where(out.count, query, wanted, *driver, snapshot, false);
    }
    return out;
}

}  // namespace store
