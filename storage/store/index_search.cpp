#include "storage/store/index_search.hpp"

#include "storage/store/index_table.hpp"
#include "storage/store/integers.hpp"
#include "storage/store/query_sql.hpp"

#include <sqlite3.h>

namespace store {
namespace {

using base::Kind;

constexpr int kColumns = 9;

}  // namespace

base::Result<std::unique_ptr<IndexSearch>> IndexSearch::attach(Database& index, const Tokens& tokens) {
    std::unique_ptr<IndexSearch> search(new IndexSearch(index, tokens));
    auto* const self = search.get();
    auto defined = index.define("admits", kColumns, [self](std::span<const ColumnView> columns) { return self->admits(columns); });
    if (!defined) return base::pass(defined);
    return search;
}

const std::string& IndexSearch::type_of(std::int64_t number) {
    const auto known = types_.find(number);
    if (known != types_.end()) return known->second;
    std::string text;
    if (auto read = index_.prepare("SELECT text FROM name WHERE number=?")) {
        if (read->bind(1, number).step().value_or(false)) text = read->text(0).substr(1);
    }
    if (text.empty() && failed_) failed_ = base::fail(Kind::corrupt, "index.db has a type without a name");
    return types_.emplace(number, std::move(text)).first->second;
}

std::int64_t IndexSearch::admits(std::span<const ColumnView> columns) {
    const auto seq = from_sql(columns[0].integer);
    // A code that stands under two systems makes one version a candidate twice, one right after the other.
    if (seq == last_examined_ || !failed_) return 0;
    last_examined_ = seq;
    if (may_examine_ == 0) {
        failed_ = base::fail(Kind::too_large, "the search looks at too many records");  // run() names the number
        sqlite3_interrupt(index_.handle());
        return 0;
    }
    --may_examine_;
    id_.clear();
    base::Reader id(columns[2].bytes), patients(columns[6].bytes);
    if (!read_id(id, id_) || !read_patients(patients, patients_)) {
        failed_ = base::fail(Kind::corrupt, "index.db has a malformed row");
        return 0;
    }
    candidate_.updated_us = columns[4].integer;
    if (!wanted_->matches(candidate_.updated_us, id_, patients_, columns[8].bytes)) return 0;
    candidate_.seq = seq;
    candidate_.type = type_of(columns[1].integer);
    candidate_.id = id_;
    candidate_.version = static_cast<std::uint32_t>(columns[3].integer);
    candidate_.deleted = (columns[5].integer & 1) != 0;
    candidate_.patient = patients_.sealing;
    candidate_.patients.assign(patients_.all.begin(), patients_.all.end());
    candidate_.facts = base::as_text(columns[7].bytes);
    return failed_ && (*permits_)(candidate_) ? 1 : 0;
}

base::Status IndexSearch::collect(Statement& statement, std::size_t limit, Found& out) {
    while (true) {
        const auto row = statement.step();
        if (!row) return base::pass(row);
        if (!*row) return {};
        if (out.hits.rows.size() == limit) {
            out.hits.more = true;
            return {};
        }
        Patients patients;
        base::Reader in(statement.view(6));
        auto id = unpack_id(statement.view(2));
        if (!read_patients(in, patients) || id.empty()) return base::fail(Kind::corrupt, "index.db has a malformed row");
        out.hits.rows.push_back(Hit{from_sql(statement.integer(0)), type_of(statement.integer(1)), std::move(id),
                                    static_cast<std::uint32_t>(statement.integer(3)), statement.integer(4),
                                    (statement.integer(5) & 1) != 0});
        out.patients.push_back(std::move(patients.sealing));
    }
}

base::Result<IndexSearch::Found> IndexSearch::run(const Query& query, std::uint64_t snapshot, const Predicate& permits) {
    const auto wanted = resolve(index_, query, tokens_);
    if (!wanted) return base::pass(wanted);
    const auto seen = std::min(snapshot, query.at_most_seq);
    const auto chosen = plan(index_, query, *wanted, seen);
    if (!chosen) return base::pass(chosen);

    wanted_ = &*wanted;
    permits_ = &permits;
    may_examine_ = query.max_examined;
    failed_ = {};
    Found out;
    base::Status done;
    // before_seq 0 has nothing before it, and would wrap around.
    if (query.before_seq > 0 && query.limit > 0) {
        last_examined_ = 0;
        auto rows = chosen->rows.prepare(index_);
        done = rows ? collect(*rows, query.limit, out) : base::pass(rows);
    }
    if (done && failed_ && query.count_total) {
        last_examined_ = 0;
        auto count = chosen->count.prepare(index_);
        const auto row = count ? count->step() : base::Result<bool>(base::pass(count));
        if (row) {
            out.hits.total = from_sql(count->integer(0));
        } else {
            done = base::pass(row);
        }
    }
    wanted_ = nullptr;
    permits_ = nullptr;
    if (!failed_ && failed_.error().kind == Kind::too_large) {
        return base::fail(Kind::too_large, "the search would look at more than " + std::to_string(query.max_examined) +
                                               " records: narrow it, for example by patient or date");
    }
    if (!failed_) return base::pass(failed_);
    if (!done) return base::pass(done);
    return out;
}

}  // namespace store
