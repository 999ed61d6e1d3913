#include "storage/store/audit_duty.hpp"

#include <memory>

#include <gtest/gtest.h>

namespace {

using store::AuditDuty;

TEST(AuditDuty, NothingIsOwedWhenNothingWasSeen) {
    const AuditDuty duty;
    EXPECT_TRUE(duty.touched().empty());
}

TEST(AuditDuty, KeepsWhatWasTouchedInOrder) {
    AuditDuty duty;
    duty.note({"Patient", "1", 2, "1"});
    duty.note({"Observation", "9", 1, "1"});
    AuditDuty moved = std::move(duty);  // the duty moves with it: the first dies in peace
    ASSERT_EQ(moved.touched().size(), 2u);
    EXPECT_EQ(moved.touched()[1].type, "Observation");
    moved.discharge();
}

TEST(AuditDuty, TheSameVersionIsKeptOnce) {
    AuditDuty duty;
    for (int round = 0; round < 3; ++round) {
        for (std::uint32_t i = 0; i < 100; ++i) duty.note({"Patient", std::to_string(i % 50), 1 + i / 50, "p"});
        duty.note({"Group", "1", 1, "p"});
    }
    EXPECT_EQ(duty.touched().size(), 101u);
    duty.discharge();
}

TEST(AuditDuty, ExemptOwesNothing) {
    auto duty = AuditDuty::exempt("fsck");
    duty.note({"Patient", "1", 2, "1"});
    EXPECT_TRUE(duty.touched().empty());  // and it may be dropped: an owed one ends a debug build, below
}

#ifndef NDEBUG
TEST(AuditDutyDeathTest, DroppedWhileOwedStopsADebugBuild) {
    EXPECT_DEATH({ AuditDuty().note({"Patient", "1", 1, "1"}); }, "ALARM");
    EXPECT_DEATH(
        {
            AuditDuty duty;
            duty.note({"Patient", "1", 1, "1"});
            duty.discharge();
            duty.note({"Patient", "2", 1, "2"});  // owed again
        },
        "ALARM");
}
#endif

}  // namespace
