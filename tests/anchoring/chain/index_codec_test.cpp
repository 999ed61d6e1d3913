#include "anchoring/chain/index_codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace {

using chain::Posting;

void expect_sorted_as_by_comparing(std::vector<Posting> postings) {
    auto expected = postings;
    std::sort(expected.begin(), expected.end());
    chain::sort_postings(postings);
    EXPECT_TRUE(postings == expected);
}

// A few tokens that most entries bear, and others that come once: as in a log.
TEST(SortPostings, PutsTokensInOrderAndTheirEntriesToo) {
    std::mt19937_64 random(7);
    const Posting patient{random(), random(), 0}, agent{random(), random(), 0};
    std::vector<Posting> postings;
    for (std::uint64_t seq = 0; seq < 5000; ++seq) {
        postings.push_back({random(), random(), seq});
        postings.push_back({patient.high, patient.low, seq});
        if (seq % 3 == 0) postings.push_back({agent.high, agent.low, seq});
    }
    expect_sorted_as_by_comparing(postings);
    std::shuffle(postings.begin(), postings.end(), random);
    expect_sorted_as_by_comparing(postings);
    expect_sorted_as_by_comparing({});
}

// What the passes do not look at: the last bits of `high`, and `low`.
TEST(SortPostings, TellsTokensApartThatBeginAlike) {
    std::vector<Posting> postings;
    for (std::uint64_t seq = 0; seq < 100; ++seq) postings.push_back({0xabcdef0123450000u | (100 - seq) / 2, 100 - seq, seq});
    expect_sorted_as_by_comparing(postings);
}

}  // namespace
