#include "anchoring/chain/gather.hpp"

#include <gtest/gtest.h>

namespace {

using chain::Gather;

TEST(Gather, a_group_goes_at_once_before_anything_is_known) {
    EXPECT_EQ(Gather().wanted(), 1u);
}

TEST(Gather, half_of_the_callers_that_wait_at_once_are_waited_for) {
    Gather gather;
    gather.went(40, 24);
    EXPECT_EQ(gather.wanted(), 32u);
    gather.went(32, 30);  // a little less than before: forgotten slowly
    EXPECT_EQ(gather.wanted(), 31u);
}

TEST(Gather, few_callers_are_not_kept_waiting) {
    Gather gather;
    gather.went(16, 2 * Gather::kFewest - 17);
    EXPECT_EQ(gather.wanted(), 1u);
    gather.went(16, 2 * Gather::kFewest - 16);
    EXPECT_EQ(gather.wanted(), Gather::kFewest);
}

TEST(Gather, a_crowd_is_not_waited_for_as_a_whole) {
    Gather gather;
    gather.went(1000, 1000);
    EXPECT_EQ(gather.wanted(), Gather::kMost);
}

TEST(Gather, callers_that_stay_away_are_forgotten_over_some_groups) {
    Gather gather;
    gather.went(32, 32);
    for (int group = 0; group < 32; ++group) gather.went(1, 0);
    EXPECT_GT(gather.wanted(), 1u);
    EXPECT_LT(gather.wanted(), 32u);
    for (int group = 0; group < 64; ++group) gather.went(1, 0);
    EXPECT_EQ(gather.wanted(), 1u);
}

TEST(Gather, and_at_once_when_the_time_is_up) {
    Gather gather;
    gather.went(32, 32);
    gather.gave_up(3);
    EXPECT_EQ(gather.wanted(), 1u);
}

}  // namespace
