// A revocation outlives the process, and a damaged list lets nobody in.
#include "fhir/auth/revocation.hpp"

#include "tests/support/files.hpp"

#include <gtest/gtest.h>

namespace auth {
namespace {

TEST(RevocationList, OutlivesTheProcess) {
    const support::TempDir dir;
    const auto path = (dir / "revoked").string();
    {
        auto list = RevocationList::open(path, 0).value();
        ASSERT_TRUE(list.add("t1", 1000));
        ASSERT_TRUE(list.add("t2", 2000));
        EXPECT_TRUE(list.contains("t1"));
        EXPECT_FALSE(list.contains("t3"));
    }
    EXPECT_EQ(RevocationList::open(path, 0).value().size(), 2u);
    const auto later = RevocationList::open(path, 1000).value();  // t1 has expired by itself
    EXPECT_FALSE(later.contains("t1"));
    EXPECT_TRUE(later.contains("t2"));
}

TEST(RevocationList, ATornLastLineIsCutAndTheNextOneStandsAlone) {
    const support::TempDir dir;
    const auto path = (dir / "revoked").string();
    support::write_file(path, "t1 1000\nt2 20");
    {
        auto list = RevocationList::open(path, 0).value();
        EXPECT_TRUE(list.contains("t1"));
        EXPECT_FALSE(list.contains("t2"));
        ASSERT_TRUE(list.add("t3", 3000));
    }
    EXPECT_EQ(support::read_file(path), "t1 1000\nt3 3000\n");
}

TEST(RevocationList, AListThatCannotBeReadIsNoEmptyOne) {
    const support::TempDir dir;
    EXPECT_FALSE(RevocationList::open(dir.path().string(), 0));  // a directory
    EXPECT_TRUE(RevocationList::open((dir / "not-there").string(), 0));
}

TEST(RevocationList, ADamagedLineIsCorrupt) {
    const support::TempDir dir;
    const auto path = (dir / "revoked").string();
    for (const char* text : {"t1\n", "t1 x\n", " 5\n", "t1 5x\nt2 9\n", "\n", "t1 -5\n"}) {
        support::write_file(path, text);
        const auto list = RevocationList::open(path, 0);
        ASSERT_FALSE(list) << text;
        EXPECT_EQ(list.error().kind, base::Kind::corrupt);
    }
}

TEST(RevocationList, RefusesWhatIsNoTokenId) {
    auto list = RevocationList::open("", 0).value();
    for (const auto& jti : {std::string(), std::string("a b"), std::string("a\nb"), std::string(257, 'a')}) {
        EXPECT_EQ(list.add(jti, 1).error().kind, base::Kind::invalid);
    }
    EXPECT_EQ(list.size(), 0u);
}

TEST(RevocationList, CountsInMemoryEvenWhenTheDiskRefuses) {
    const support::TempDir dir;
    auto list = RevocationList::open((dir / "no_such_folder/revoked").string(), 0).value();
    EXPECT_EQ(list.add("t1", 1000).error().kind, base::Kind::fault);
    EXPECT_TRUE(list.contains("t1"));
}

}  // namespace
}  // namespace auth
