// The helpers that other tests lean on: what they claim must hold, or those tests prove nothing.
#include "tests/support/fake_clock.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

namespace {

TEST(FakeClock, MovesOnlyWhenMoved) {
    support::FakeClock clock;
    EXPECT_EQ(base::format_instant(clock.now_us()), "2026-11-22T07:24:00.000Z");
    clock.advance_seconds(60);
    EXPECT_EQ(base::format_instant(clock.now_us()), "2026-11-22T07:25:00.000Z");
    clock.set_us(0);
    EXPECT_EQ(clock.now_us(), 0);
}

TEST(TempDir, IsGoneWithItsContent) {
    std::filesystem::path seen;
    {
        support::TempDir dir;
        seen = dir.path();
        support::write_file(dir / "a", "x");
        EXPECT_TRUE(std::filesystem::exists(seen / "a"));
    }
    EXPECT_FALSE(std::filesystem::exists(seen));
}

TEST(ScanFor, FindsContentAndNamesInSubfolders) {
    support::TempDir dir;
    std::filesystem::create_directories(dir / "deep/er");
    support::write_file(dir / "deep/er/page", std::string(70'000, '\0') + "Fernandez" + std::string(10, '\0'));
    support::write_file(dir / "deep/Fernandez.json", "{}");
    support::write_file(dir / "clean", "fernandez");
    const auto scan = support::scan_for(dir.path(), "Fernandez");
    EXPECT_EQ(scan.files, 3u);
    EXPECT_EQ(scan.bytes, 70'019u + 2u + 9u);
    EXPECT_EQ(scan.hits.size(), 2u);
}

TEST(TestData, SaysWhatIsMissing) {
    const auto data = support::test_data("there/is/no/such/folder");
    EXPECT_FALSE(data.path);
    EXPECT_NE(data.skip.find("there/is/no/such/folder"), std::string::npos);
}

}  // namespace
