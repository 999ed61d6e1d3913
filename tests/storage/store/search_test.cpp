#include "storage/store/query_terms.hpp"
#include "tests/storage/store/store_fixture.hpp"

#include <set>
#include <thread>

namespace {

using namespace store_test;
using base::Kind;

constexpr auto kToken = EntryKind::token;
constexpr auto kReference = EntryKind::reference;
constexpr auto kString = EntryKind::string;
constexpr auto kUri = EntryKind::uri;
constexpr auto kDate = EntryKind::date;

// One store for all the tests that only read.
class Search : public ::testing::Test {
  protected:
    static void SetUpTestSuite() {
        dir_ = new TempDir;
        db_ = new Opened(dir_->path());
        const auto put = [](NewRecord made) { ASSERT_OK(db_->put(made)); };
        put(record("Patient", "p1", 1, "p1",
                   {token("identifier", "urn:mrn", "1", true),
                    token("gender", "urn:sex", "f"),
                    text("family", "m\xC3\xBCller", true),
                    text("nick", "molly"),
                    {kUri, "url", {}, "http://a/b", false, 0, 0}}));
        put(record("Patient", "p2", 1, "p2",
                   {token("identifier", "urn:mrn", "2", true), token("identifier", "urn:other", "1", true), token("gender", "urn:sex", "m"),
                    text("family", "m\xC3\xB6ller", true), text("nick", "moll")}));
        put(record("Patient", "p3", 1, "p3", {token("identifier", "", "1", true), token("gender", "", "f"), text("family", "mu", true)}));
        put(record("Observation", "o1", 1, "p1",
                   {token("code", "loinc", "8302-2"), token("code", "snomed", "8302-2"), reference("subject", "Patient", "p1"),
                    range(kDate, "date", 100, 200), range(EntryKind::quantity, "value", 50, 60, "cm")}));
        put(record("Observation", "o2", 1, "p1",
                   {token("code", "loinc", "8302-2"), reference("subject", "Patient", "p1"), range(kDate, "date", 150, 250),
                    range(EntryKind::quantity, "value", 50, 60, "m")}));
        put(record("Observation", "o3", 1, "p2",
                   {token("code", "loinc", "718-7"), reference("subject", "Patient", "p2"), range(kDate, "date", 300, 301)}));
        auto orphan = record("Observation", "o4", 1, "",
                             {reference("subject", "Group", "p1"), {kReference, "subject", {}, "http://x/Patient/p1", false, 0, 0}});
        put(orphan);
        put(record("Organization", "org", 1, "", {token("active", "", "true")}));
        // Replaced and deleted versions must not be found as current.
        put(record("Observation", "o3", 2, "p2",
                   {token("code", "loinc", "718-7"), reference("subject", "Patient", "p2"), range(kDate, "date", 400, 401)}));
        put(record("Observation", "o5", 1, "p1", {token("code", "loinc", "8302-2")}));
        auto mark = record("Observation", "o5", 2, "p1");
        mark.deleted = true;
        mark.body.clear();
        put(mark);
    }
    static void TearDownTestSuite() {
        delete db_;
        delete dir_;
    }
    std::string ids(std::string type, std::vector<Criterion> criteria) { return db_->ids(of_type(std::move(type), std::move(criteria))); }

    static TempDir* dir_;
    static Opened* db_;
};
TempDir* Search::dir_ = nullptr;
Opened* Search::db_ = nullptr;

TEST_F(Search, WithoutCriteriaNewestFirst) {
    EXPECT_EQ(ids("Patient", {}), "p3 p2 p1");
    EXPECT_EQ(ids("Observation", {}), "o3 o4 o2 o1");
    EXPECT_EQ(ids("", {}), "o3 org o4 o2 o1 p3 p2 p1");
    EXPECT_EQ(ids("Medication", {}), "");  // a type that was never stored
}

TEST_F(Search, Tokens) {
    EXPECT_EQ(ids("Observation", {criterion(kToken, "code", Op::equals, "loinc", "8302-2")}), "o2 o1");
    EXPECT_EQ(ids("Observation", {criterion(kToken, "code", Op::equals, "snomed", "8302-2")}), "o1");
    EXPECT_EQ(ids("Observation", {criterion(kToken, "code", Op::equals, "never-seen", "8302-2")}), "");
    EXPECT_EQ(ids("Observation", {criterion(kToken, "code", Op::any_system, "", "8302-2")}), "o2 o1");  // o1 once
    EXPECT_EQ(ids("Observation", {criterion(kToken, "code", Op::no_system, "", "8302-2")}), "");
    EXPECT_EQ(ids("Observation", {criterion(kToken, "code", Op::any_code, "snomed", "")}), "o1");
    EXPECT_EQ(ids("Patient", {criterion(kToken, "gender", Op::no_system, "", "f")}), "p3");
    EXPECT_EQ(ids("Patient", {criterion(kToken, "gender", Op::equals, "", "f")}), "p3");
    EXPECT_EQ(ids("Patient", {criterion(kToken, "gender", Op::any_system, "", "f")}), "p3 p1");
    EXPECT_EQ(ids("Patient", {criterion(kToken, "never-seen", Op::equals, "a", "b")}), "");
    // The parameter of one type is not that of another.
    EXPECT_EQ(ids("Patient", {criterion(kToken, "code", Op::equals, "loinc", "8302-2")}), "");
    EXPECT_EQ(ids("", {criterion(kToken, "code", Op::equals, "loinc", "8302-2")}), "o2 o1");
}

TEST_F(Search, NotEqualsIsTheWholeSetsNegation) {
    EXPECT_EQ(ids("Observation", {criterion(kToken, "code", Op::not_equals, "loinc", "8302-2")}), "o3 o4");  // o4 has no code at all
    EXPECT_EQ(ids("Observation", {criterion(kToken, "code", Op::not_equals, "", "8302-2")}), "o3 o4");
    auto both = criterion(kToken, "code", Op::not_equals, "loinc", "8302-2");
    both.any_of.push_back({Op::not_equals, "loinc", "718-7", false, 0, 0});
    EXPECT_EQ(ids("Observation", {both}), "o4");
    EXPECT_EQ(ids("Observation", {criterion(kToken, "never-seen", Op::not_equals, "", "x")}), "o3 o4 o2 o1");
    both.any_of.push_back({Op::equals, "loinc", "1", false, 0, 0});
    EXPECT_KIND(db_->search(of_type("Observation", {both})), Kind::not_supported);
}

TEST_F(Search, OrInsideAndBetween) {
    auto either = criterion(kToken, "code", Op::equals, "loinc", "8302-2");
    either.any_of.push_back({Op::equals, "loinc", "718-7", false, 0, 0});
    EXPECT_EQ(ids("Observation", {either}), "o3 o2 o1");
    EXPECT_EQ(ids("Observation", {either, criterion(kReference, "subject", Op::equals, "Patient", "p2")}), "o3");
    EXPECT_EQ(ids("Observation", {either, criterion(kReference, "subject", Op::equals, "Patient", "p9")}), "");
    EXPECT_EQ(ids("Observation",
                  {criterion(kToken, "code", Op::equals, "loinc", "718-7"), criterion(kToken, "code", Op::equals, "loinc", "8302-2")}),
              "");
}

TEST_F(Search, References) {
    EXPECT_EQ(ids("Observation", {criterion(kReference, "subject", Op::equals, "Patient", "p1")}), "o2 o1");
    EXPECT_EQ(ids("Observation", {criterion(kReference, "subject", Op::equals, "Group", "p1")}), "o4");
    EXPECT_EQ(ids("Observation", {criterion(kReference, "subject", Op::any_system, "", "p1")}), "o4 o2 o1");
    EXPECT_EQ(ids("Observation", {criterion(kReference, "subject", Op::equals, "", "http://x/Patient/p1")}), "o4");
}

TEST_F(Search, DirectIdentifiersAreTokensThatStillSearch) {
    EXPECT_EQ(ids("Patient", {criterion(kToken, "identifier", Op::equals, "urn:mrn", "1", true)}), "p1");
    EXPECT_EQ(ids("Patient", {criterion(kToken, "identifier", Op::any_system, "", "1", true)}), "p3 p2 p1");
    EXPECT_EQ(ids("Patient", {criterion(kToken, "identifier", Op::no_system, "", "1", true)}), "p3");
    EXPECT_EQ(ids("Patient", {criterion(kToken, "identifier", Op::any_code, "urn:other", "", true)}), "p2");
    EXPECT_EQ(ids("Patient", {criterion(kToken, "identifier", Op::equals, "urn:mrn", "1", false)}),
              "");  // said as text: there is no such row
    EXPECT_EQ(ids("Patient", {criterion(kString, "family", Op::equals, "", "m\xC3\xBCller", true)}), "p1");
    EXPECT_EQ(ids("Patient", {criterion(kString, "family", Op::starts_with, "", "m", true)}), "p3 p2 p1");
    EXPECT_EQ(ids("Patient", {criterion(kString, "family", Op::starts_with, "", "m\xC3\xBC", true)}), "p1");
    EXPECT_EQ(ids("Patient", {criterion(kString, "family", Op::starts_with, "", "m\xC3\xBCllers", true)}), "");
    EXPECT_KIND(db_->search(of_type("Patient", {criterion(kString, "family", Op::contains, "", "ll", true)})), Kind::not_supported);
    const auto longest = db_->search(of_type("Patient", {criterion(kString, "family", Op::starts_with, "", std::string(65, 'x'), true)}));
    EXPECT_KIND(longest, Kind::too_large);
    EXPECT_OK(db_->search(of_type("Patient", {criterion(kString, "family", Op::starts_with, "", std::string(64, 'x'), true)})));
}

TEST_F(Search, StringsAndUris) {
    EXPECT_EQ(ids("Patient", {criterion(kString, "nick", Op::starts_with, "", "moll")}), "p2 p1");
    EXPECT_EQ(ids("Patient", {criterion(kString, "nick", Op::equals, "", "moll")}), "p2");
    EXPECT_EQ(ids("Patient", {criterion(kString, "nick", Op::contains, "", "lly")}), "p1");
    EXPECT_EQ(ids("Patient", {criterion(kString, "nick", Op::starts_with, "", "")}), "p2 p1");
    EXPECT_EQ(ids("Patient", {criterion(kUri, "url", Op::equals, "", "http://a/b")}), "p1");
    EXPECT_EQ(ids("Patient", {criterion(kUri, "url", Op::starts_with, "", "http://a")}), "p1");
    EXPECT_EQ(ids("Patient", {criterion(kUri, "url", Op::equals, "", "http://a")}), "");
}

TEST_F(Search, Ranges) {
    const auto date = [&](Op op, std::int64_t low, std::int64_t high) {
        return ids("Observation", {criterion(kDate, "date", op, low, high)});
    };
    EXPECT_EQ(date(Op::equals, 100, 200), "o1");
    EXPECT_EQ(date(Op::equals, 90, 260), "o2 o1");
    EXPECT_EQ(date(Op::equals, 101, 200), "");
    EXPECT_EQ(date(Op::not_equals, 100, 200), "o3 o2");
    EXPECT_EQ(date(Op::less, 150, 160), "o1");
    EXPECT_EQ(date(Op::less_or_equal, 150, 260), "o2 o1");
    EXPECT_EQ(date(Op::greater, 100, 250), "o3");
    EXPECT_EQ(date(Op::greater_or_equal, 100, 250), "o3 o2 o1");
    EXPECT_EQ(date(Op::overlaps, 200, 201), "o2");
    EXPECT_EQ(date(Op::starts_after, 90, 150), "o3 o2");
    EXPECT_EQ(date(Op::ends_before, 250, 260), "o2 o1");
    EXPECT_EQ(date(Op::ends_before, 249, 260), "o1");
    auto quantity = criterion(EntryKind::quantity, "value", Op::equals, 50, 60);
    EXPECT_EQ(ids("Observation", {quantity}), "o2 o1");
    quantity.any_of[0].value = "cm";
    EXPECT_EQ(ids("Observation", {quantity}), "o1");
}

// The pre-selection by the tables and the final test must agree for every operation and every bound.
TEST_F(Search, EveryRangeOperationAgreesWithItsDefinition) {
    const TempDir dir;
    Opened db(dir.path());
    std::vector<std::pair<std::int64_t, std::int64_t>> stored;
    for (std::int64_t low = 0; low < 6; ++low) {
        for (auto high = low + 1; high <= 6; ++high) {
            stored.emplace_back(low, high);
            ASSERT_OK(db.put(record("T", std::to_string(stored.size() - 1), 1, "", {range(kDate, "d", low, high)})));
        }
    }
    for (const auto op : {Op::equals, Op::not_equals, Op::less, Op::less_or_equal, Op::greater, Op::greater_or_equal, Op::overlaps,
                          Op::starts_after, Op::ends_before}) {
        for (std::int64_t low = -1; low < 7; ++low) {
            for (auto high = low + 1; high <= 7; ++high) {
                std::string expected;
                for (auto i = stored.size(); i-- > 0;) {
                    if (store::range_matches(op, stored[i].first, stored[i].second, low, high))
                        expected += (expected.empty() ? "" : " ") + std::to_string(i);
                }
                ASSERT_EQ(db.ids(of_type("T", {criterion(kDate, "d", op, low, high)})), expected) << int(op) << " " << low << " " << high;
            }
        }
    }
}

TEST_F(Search, OperationsThatAKindLacksAreNotSupported) {
    for (const auto& bad : {criterion(kToken, "code", Op::less, "", "x"), criterion(kToken, "code", Op::starts_with, "", "x"),
                            criterion(kReference, "subject", Op::no_system, "", "x"), criterion(kString, "nick", Op::any_system, "", "x"),
                            criterion(kDate, "date", Op::contains, 0, 1), criterion(kToken, "_id", Op::starts_with, "", "x"),
                            criterion(kDate, "_lastUpdated", Op::any_code, 0, 1)}) {
        EXPECT_KIND(db_->search(of_type("Observation", {bad})), Kind::not_supported);
    }
}

TEST_F(Search, IdAndLastUpdated) {
    EXPECT_EQ(ids("Patient", {criterion(kToken, "_id", Op::equals, "", "p2")}), "p2");
    auto either = criterion(kToken, "_id", Op::equals, "", "p2");
    either.any_of.push_back({Op::equals, "", "p1", false, 0, 0});
    either.any_of.push_back({Op::equals, "", std::string(300, 'x'), false, 0, 0});
    EXPECT_EQ(ids("Patient", {either}), "p2 p1");
    EXPECT_EQ(ids("", {criterion(kToken, "_id", Op::equals, "", "o1")}), "o1");
    EXPECT_EQ(ids("Patient", {criterion(kToken, "_id", Op::not_equals, "", "p2")}), "p3 p1");
    EXPECT_EQ(ids("Observation", {criterion(kToken, "_id", Op::equals, "", "o5")}), "");  // deleted
    const std::int64_t base = 1'700'000'000'000'000;
    const auto updated = [&](Op op, std::int64_t low, std::int64_t high) {
        return ids("Observation", {criterion(kDate, "_lastUpdated", op, base + low, base + high)});
    };
    EXPECT_EQ(updated(Op::equals, 2, 3), "o3");
    EXPECT_EQ(updated(Op::greater, 1, 2), "o3");
    EXPECT_EQ(updated(Op::greater_or_equal, 1, 2), "o3 o4 o2 o1");
    EXPECT_EQ(updated(Op::less, 2, 3), "o4 o2 o1");
    EXPECT_EQ(updated(Op::less_or_equal, 2, 3), "o3 o4 o2 o1");
    EXPECT_EQ(updated(Op::starts_after, 1, 2), "o3");
    EXPECT_EQ(updated(Op::ends_before, 2, 3), "o4 o2 o1");
    EXPECT_EQ(updated(Op::not_equals, 2, 3), "o4 o2 o1");
    EXPECT_EQ(ids("", {criterion(kDate, "_lastUpdated", Op::equals, base + 2, base + 3)}), "o3");
}

TEST_F(Search, OnlyPatientsNarrows) {
    auto query = of_type("Observation");
    query.only_patients = {{"p1"}};
    EXPECT_EQ(db_->ids(query), "o4 o2 o1");  // o4 belongs to nobody
    query.only_patients = {{"p1", "p2", "never-seen"}};
    EXPECT_EQ(db_->ids(query), "o3 o4 o2 o1");
    query.only_patients.emplace();
    EXPECT_EQ(db_->ids(query), "o4");
    query.type.clear();
    query.only_patients = {{"p2"}};
    EXPECT_EQ(db_->ids(query), "o3 org o4 p2");
}

TEST_F(Search, PredicateIsAskedBeforeLimitAndCount) {
    auto query = of_type("Observation", {criterion(kToken, "code", Op::any_system, "", "8302-2")});
    query.limit = 1;
    query.count_total = true;
    std::vector<std::string> asked;
    const auto hits = db_->search(query, [&](const store::Candidate& candidate) {
        asked.emplace_back(candidate.id);
        EXPECT_EQ(candidate.type, "Observation");
        EXPECT_EQ(candidate.patient, "p1");
        EXPECT_EQ(candidate.patients, std::vector<std::string_view>{"p1"});
        EXPECT_EQ(candidate.facts, "facts of " + std::string(candidate.id));
        EXPECT_EQ(candidate.version, 1u);
        EXPECT_FALSE(candidate.deleted);
        return candidate.id == "o1";
    });
    ASSERT_OK(hits);
    ASSERT_EQ(hits->rows.size(), 1u);
    EXPECT_EQ(hits->rows[0].id, "o1");
    EXPECT_FALSE(hits->more);  // hidden cannot be told from absent
    EXPECT_EQ(hits->total, 1u);
    // Only rows that meet the criteria (o1 once, though its code stands under two systems): once for the rows, once for the total.
    std::sort(asked.begin(), asked.end());
    EXPECT_EQ(asked, (std::vector<std::string>{"o1", "o1", "o2", "o2"}));
    query.limit = 0;
    EXPECT_EQ(db_->search(query, kAll)->total, 2u);
    EXPECT_TRUE(db_->search(query, kAll)->rows.empty());
}

TEST_F(Search, MoreIsSaidOnlyForPermittedRows) {
    auto query = of_type("Patient");
    query.limit = 2;
    EXPECT_TRUE(db_->search(query)->more);
    const auto hits = db_->search(query, [](const store::Candidate& candidate) { return candidate.id != "p1"; });
    EXPECT_EQ(hits->rows.size(), 2u);
    EXPECT_FALSE(hits->more);
}

TEST_F(Search, LooksAtNoMoreThanItMay) {
    auto query = of_type("Observation");
    query.max_examined = 4;
    EXPECT_OK(db_->search(query));
    query.max_examined = 3;
    const auto hits = db_->search(query);
    EXPECT_KIND(hits, Kind::too_large);
    EXPECT_NE(hits.error().diagnostics.find("3"), std::string::npos);
    query.max_examined = 4;
    EXPECT_OK(db_->search(query));  // the connection is as good as before
}

TEST_F(Search, History) {
    Query query;
    query.scope = Query::Scope::history;
    query.type = "Observation";
    query.history_id = "o3";
    auto hits = db_->search(query).value();
    ASSERT_EQ(hits.rows.size(), 2u);
    EXPECT_EQ(hits.rows[0].version, 2u);
    EXPECT_EQ(hits.rows[1].version, 1u);
    query.history_id = "o5";
    hits = db_->search(query).value();
    ASSERT_EQ(hits.rows.size(), 2u);
    EXPECT_TRUE(hits.rows[0].deleted);
    EXPECT_FALSE(hits.rows[1].deleted);
    query.history_id.clear();
    EXPECT_EQ(db_->ids(query), "o5 o5 o3 o4 o3 o2 o1");
    query.type.clear();
    query.count_total = true;
    hits = db_->search(query).value();
    EXPECT_EQ(hits.total, 11u);
    for (std::size_t i = 1; i < hits.rows.size(); ++i) EXPECT_GT(hits.rows[i - 1].seq, hits.rows[i].seq);
    query.type = "Observation";
    query.count_total = false;
    query.since_us = 1'700'000'000'000'002;
    EXPECT_EQ(db_->ids(query), "o5 o3");
    query.since_us.reset();
    const base::TimeUs first = 1'700'000'000'000'001, second = first + 1;
    query.at = base::Period{first, first + 1};  // o3 and o5 were at version 1 then
    hits = db_->search(query).value();
    ASSERT_EQ(hits.rows.size(), 5u);
    for (const auto& hit : hits.rows) EXPECT_EQ(hit.version, 1u);
    query.at = base::Period{first - 1, first};
    EXPECT_EQ(db_->ids(query), "");
    query.at = base::Period{0, first + 1};  // begins before there was anything
    EXPECT_EQ(db_->ids(query), "o5 o4 o3 o2 o1");
    query.at = base::Period{first, second + 1};  // the versions that were replaced on the way as well, and the deletion of o5
    EXPECT_EQ(db_->ids(query), "o5 o5 o3 o4 o3 o2 o1");
    query.at = base::Period{second, second + 1};  // what was replaced as it began was not current in it
    EXPECT_EQ(db_->ids(query), "o5 o3 o4 o2 o1");
    query.at = base::Period{second + 1'000'000, second + 2'000'000};
    EXPECT_EQ(db_->ids(query), "o5 o3 o4 o2 o1") << "the newest are current from then on";
    query.history_id = "o3";
    query.at = base::Period{first, second + 1};
    EXPECT_EQ(db_->ids(query), "o3 o3");
    query.history_id = std::string(300, 'x');
    EXPECT_EQ(db_->ids(query), "");
}

// Enough records that the planner drives by one criterion, by the order of writing, or by a list; all must give the same pages.
TEST(SearchPaging, PagesAreStableWhileOthersWrite) {
    const TempDir dir;
    Opened db(dir.path());
    constexpr int kRecords = 700;
    ASSERT_OK(db.work([](store::Unit& unit) -> base::Status {
        for (int i = 0; i < kRecords; ++i) {
            auto made = record("Observation", "o" + std::to_string(i), 1, "p" + std::to_string(i % 7),
                               {token("status", "", "final"), token("code", i % 2 ? "loinc" : "snomed", "c" + std::to_string(i % 5)),
                                reference("subject", "Patient", "p" + std::to_string(i % 7)), range(kDate, "date", i, i + 1)});
            if (auto put = unit.put(made); !put) return base::pass(put);
        }
        return {};
    }));
    std::atomic<bool> stop = false;
    std::thread writing([&] {
        for (std::uint32_t version = 2; !stop; ++version) {
            for (int i = 0; i < kRecords && !stop; i += 97) {
                auto change =
                    record("Observation", "o" + std::to_string(i), version, "p" + std::to_string(i % 7), {token("status", "", "amended")});
                ASSERT_OK(db.put(change));
            }
            ASSERT_OK(db.put(record("Observation", "new" + std::to_string(version), 1, "p1", {token("status", "", "final")})));
        }
    });
    const std::vector<std::vector<Criterion>> searches = {
        {},
        {criterion(kToken, "status", Op::no_system, "", "final")},
        {criterion(kToken, "code", Op::any_system, "", "c3")},
        {criterion(kToken, "status", Op::no_system, "", "final"), criterion(kReference, "subject", Op::equals, "Patient", "p3")},
        {criterion(kDate, "date", Op::greater, 300, 301)},
        {criterion(kToken, "status", Op::not_equals, "", "amended")},
    };
    for (const auto& criteria : searches) {
        auto query = of_type("Observation", criteria);
        auto duty = AuditDuty::exempt("test");
        query.at_most_seq = db->snapshot(duty).value()->last_seq();
        query.limit = 100'000;
        query.count_total = true;
        const auto whole = db.search(query).value();
        EXPECT_EQ(whole.total, whole.rows.size());
        query.limit = 13;
        std::vector<std::uint64_t> paged;
        while (true) {
            const auto page = db.search(query).value();
            EXPECT_EQ(page.total, whole.total);
            for (const auto& hit : page.rows) paged.push_back(hit.seq);
            if (!page.more) break;
            ASSERT_FALSE(page.rows.empty());
            query.before_seq = page.rows.back().seq;
        }
        ASSERT_EQ(paged.size(), whole.rows.size());
        for (std::size_t i = 0; i < paged.size(); ++i) ASSERT_EQ(paged[i], whole.rows[i].seq);
    }
    stop = true;
    writing.join();
    auto nothing = of_type("Observation");
    nothing.before_seq = 0;
    EXPECT_EQ(db.ids(nothing), "");
    nothing.before_seq = 1;
    EXPECT_EQ(db.ids(nothing), "");
}

}  // namespace
