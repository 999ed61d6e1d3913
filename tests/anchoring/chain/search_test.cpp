#include "anchoring/chain/log.hpp"
#include "tests/anchoring/chain/fixture.hpp"

#include <atomic>
#include <map>
#include <random>

namespace {

using namespace chain_test;

struct Row {
    chain::IndexKeys keys;
    std::uint64_t seq;
};

// The definition of a search, row by row: the judge of the index.
std::vector<std::uint64_t> expected(const std::vector<Row>& rows, const chain::EventQuery& q) {
    const auto any = [](const auto& wanted, const auto& have) {
        return wanted.empty() || std::any_of(have.begin(), have.end(),
                                             [&](const auto& h) { return std::find(wanted.begin(), wanted.end(), h) != wanted.end(); });
    };
    std::vector<std::uint64_t> out;
    for (auto at = rows.rbegin(); at != rows.rend(); ++at) {
        const auto& k = at->keys;
        const bool ok = at->seq < q.before_seq && (!q.from_us || k.recorded_us >= *q.from_us) &&
                        (!q.before_us || k.recorded_us < *q.before_us) && any(q.patients, k.patients) && any(q.agents, k.agents) &&
                        any(q.entities, k.entities) && any(q.ids, std::vector{k.id}) &&
                        (q.actions.empty() || q.actions.find(k.action) != std::string::npos) && any(q.outcomes, std::vector{k.outcome}) &&
                        any(q.subtypes, std::vector{k.subtype});
        if (ok) out.push_back(at->seq);
    }
    return out;
}

class Search : public testing::TestWithParam<std::size_t> {};

TEST_P(Search, FindsWhatTheDefinitionFinds) {
    Fixture f(false);
    f.options.index_run_rows = GetParam();
    f.open();
    std::mt19937 random(7);
    const auto pick = [&](std::uint32_t n) { return std::to_string(random() % n); };
    std::vector<Row> rows;
    const base::TimeUs start = f.clock.now_us();
    const std::string actions = "CRUDE";
    for (std::uint64_t i = 0; i < 400; ++i) {
        auto s = submission("id-" + std::to_string(i), pick(6));
        auto& k = s.keys;
        k.recorded_us = start + static_cast<base::TimeUs>(i) * 20'000'000 - random() % 30'000'000;  // not in the log's order
        k.agents = {"Practitioner/" + pick(5), "kedge"};
        k.entities = {"Observation/" + pick(40), "Patient/" + s.key_patient};
        if (i % 9 == 0) k.patients.push_back("extra");
        k.action = actions[random() % actions.size()];
        k.outcome = static_cast<std::uint8_t>(random() % 4 * 4);
        k.subtype = i % 3 == 0 ? "vread" : i % 3 == 1 ? "read" : "search-type";
        ASSERT_EQ(f.append({s})->first_seq, i);
        rows.push_back({k, i});
    }
    const auto compare = [&](const std::string& what, chain::EventQuery q) {
        const auto want = expected(rows, q);
        q.count_total = true;
        const auto hits = f.log->search(q);
        ASSERT_TRUE(hits.has_value()) << what << hits.error().diagnostics;
        const auto shown =
            std::vector<std::uint64_t>(want.begin(), want.begin() + static_cast<std::ptrdiff_t>(std::min(q.limit, want.size())));
        EXPECT_EQ(hits->seqs, shown) << what;
        EXPECT_EQ(hits->more, want.size() > q.limit) << what;
        EXPECT_EQ(hits->total, want.size()) << what;
        q.count_total = false;
        EXPECT_EQ(f.log->search(q)->seqs, shown) << what;
    };
    for (int round = 0; round < 2; ++round) {
        std::size_t found = 0;
        for (int i = 0; i < 150; ++i) {
            chain::EventQuery q;
            if (random() % 2 == 0) q.patients = {pick(7)};
            if (random() % 4 == 0) q.patients.push_back("extra");
            if (random() % 3 == 0) q.agents = {"Practitioner/" + pick(6)};
            if (random() % 3 == 0) q.entities = {"Observation/" + pick(45), "Patient/" + pick(6)};
            if (random() % 8 == 0) q.ids = {"id-" + pick(420), "id-" + pick(420)};
            if (random() % 3 == 0) q.actions = actions.substr(random() % 3, 2);
            if (random() % 4 == 0) q.outcomes = {0, 8};
            if (random() % 4 == 0) q.subtypes = {"vread", "unheard-of"};
            if (random() % 3 == 0) q.from_us = start + static_cast<base::TimeUs>(random() % 400) * 20'000'000;
            if (random() % 3 == 0) q.before_us = start + static_cast<base::TimeUs>(random() % 400) * 20'000'000;
            if (random() % 4 == 0) q.before_seq = random() % 420;
            q.limit = 1 + random() % 30;
            found += expected(rows, q).size();
            compare("query " + std::to_string(i) + " of round " + std::to_string(round) + ": ", q);
        }
        EXPECT_GT(found, 500u);
        f.open();
    }
    // Pages, as a server walks them.
    chain::EventQuery q;
    q.patients = {"2"};
    q.limit = 7;
    std::vector<std::uint64_t> walked;
    for (bool more = true; more;) {
        const auto hits = f.log->search(q);
        walked.insert(walked.end(), hits->seqs.begin(), hits->seqs.end());
        more = hits->more;
        q.before_seq = walked.back();
    }
    q.before_seq = UINT64_MAX;
    EXPECT_EQ(walked, expected(rows, q));

    std::uint64_t told = 0;
    ASSERT_TRUE(f.log
                    ->reindex([&](std::uint64_t done, std::uint64_t total) {
                        EXPECT_EQ(total, 400u);
                        told = done;
                    })
                    .has_value());
    EXPECT_EQ(told, 400u);
    compare("after reindex: ", q);
    f.log.reset();
    std::filesystem::remove(f.file("audit-index.db"));
    f.open();
    compare("after the index was lost: ", q);
    EXPECT_TRUE(f.fsck().empty());
}

INSTANTIATE_TEST_SUITE_P(RunsOf, Search, testing::Values(1, 37, 150, 32768));

TEST(Index, OneThatIsNoIndexOfThisLogIsReplaced) {
    Fixture one;
    one.fill(0, 20);
    ASSERT_TRUE(one.log->search({}).has_value());
    one.log.reset();
    support::write_file(one.file("audit-index.db"), "no database at all, but some bytes that are long enough to look like one");
    EXPECT_EQ(one.fsck().size(), 1u);
    one.open();
    EXPECT_EQ(one.log->search({})->seqs.size(), 20u);
    EXPECT_TRUE(one.fsck().empty());
}

TEST(Index, BlocksThatBelongToNoRunAreRemoved) {
    Fixture f(false);
    f.options.index_run_rows = 10;
    f.open();
    f.fill(0, 30);
    f.log.reset();
    const chain::LogKeys log_keys(*f.keys);
    const auto open_index = [&] { return *store::Database::open(f.file("audit-index.db"), log_keys.index, {}); };
    {
        auto db = open_index();  // as a merge leaves them that was cut off
        const auto last = *chain::highest_run_number(db);
        for (std::uint64_t i = 0; i < 2500; ++i) {
            const auto key = chain::block_key({i, 0, 0});
            ASSERT_TRUE(chain::put_block(db, last + 1, key, key).has_value());
        }
        EXPECT_EQ(**chain::left_over(db, *chain::read_runs(db)), last + 1);
    }
    f.open();
    for (std::uint64_t i = 30; i < 300; ++i) ASSERT_TRUE(f.append({submission("e" + std::to_string(i))}).has_value());
    for (int turn = 0;; ++turn) {
        auto db = open_index();
        if (!*chain::left_over(db, *chain::read_runs(db))) break;
        ASSERT_LT(turn, 500) << "it is still there";
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_EQ(f.log->search({.limit = 400})->seqs.size(), 300u);
    EXPECT_TRUE(f.fsck().empty());
}

// Runs are written and merged while others search, and each search sees all that was acknowledged before it.
TEST(Index, ASearchMissesNothingWhileRunsAreMerged) {
    Fixture f(false);
    f.options.index_run_rows = 16;
    f.open();
    std::atomic<std::uint64_t> acknowledged{0};
    std::atomic<bool> stop{false};
    std::thread searcher([&] {
        while (!stop) {
            const auto before = acknowledged.load();
            chain::EventQuery query;
            query.patients = {"1"};
            query.limit = 5;
            query.count_total = true;
            const auto hits = f.log->search(query);
            if (!hits.has_value()) {
                ADD_FAILURE() << hits.error().diagnostics;
                return;
            }
            EXPECT_GE(*hits->total, before);
            for (std::size_t i = 0; i < hits->seqs.size(); ++i) EXPECT_EQ(hits->seqs[i], *hits->total - 1 - i);
        }
    });
    for (std::uint64_t i = 0; i < 1500; ++i) {
        ASSERT_TRUE(f.append({submission("e" + std::to_string(i))}).has_value());
        acknowledged = i + 1;
        if (i % 100 != 7) continue;
        EXPECT_EQ(**f.log->find("e" + std::to_string(i / 2)), i / 2);
    }
    stop = true;
    searcher.join();
    EXPECT_TRUE(f.fsck().empty());
}

}  // namespace
