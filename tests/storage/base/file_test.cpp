#include "storage/base/file.hpp"

#include "tests/support/files.hpp"

#include <csignal>
#include <filesystem>

#include <sys/resource.h>

#include <gtest/gtest.h>

namespace {

TEST(ReadFile, GivesEveryByteAndNamesWhatItCannotRead) {
    const support::TempDir dir;
    const auto path = (dir / "f").string();
    std::string large(200'000, '\0');
    large += "\n\xff";
    for (const auto& text : {std::string(), std::string("a"), large}) {
        support::write_file(path, text);
        EXPECT_EQ(base::read_file(path).value(), text);
    }
    EXPECT_EQ(base::read_file(path, large.size()).value(), large);
    const auto kind_of = [](const base::Result<std::string>& read, const std::string& named) {
        EXPECT_FALSE(read);
        EXPECT_NE(read.error().diagnostics.find(named), std::string::npos) << read.error().diagnostics;
        return read.error().kind;
    };
    EXPECT_EQ(kind_of(base::read_file(path, large.size() - 1), path), base::Kind::too_large);
    EXPECT_EQ(kind_of(base::read_file((dir / "nowhere").string()), "nowhere: No such file"), base::Kind::not_found);
    EXPECT_EQ(kind_of(base::read_file(path + "/below"), "f/below: "), base::Kind::not_found);
    EXPECT_EQ(kind_of(base::read_file(dir.path().string()), "Is a directory"), base::Kind::invalid);
}

TEST(WriteFile, AppendsReplacesAndLeavesWhatWasThereWhenItFails) {
    const support::TempDir dir;
    const auto path = (dir / "f").string();
    EXPECT_TRUE(base::append_durably(path, "one\n"));
    EXPECT_TRUE(base::append_durably(path, "two\n"));
    EXPECT_EQ(base::read_file(path).value(), "one\ntwo\n");
    EXPECT_TRUE(base::replace_durably(path, "three\n"));
    EXPECT_EQ(base::read_file(path).value(), "three\n");
    EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms(0600));

    // The disk has room for a part of it.
    const auto ignored = ::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit small{10, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const auto appended = base::append_durably(path, "much more than fits\n");
    const auto replaced = base::replace_durably(path, "much more than fits\n");
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    ::signal(SIGXFSZ, ignored);
    for (const auto& failed : {appended, replaced}) {
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().kind, base::Kind::fault);
        EXPECT_NE(failed.error().diagnostics.find(path), std::string::npos) << failed.error().diagnostics;
    }
    EXPECT_EQ(base::read_file(path).value(), "three\n");
    EXPECT_EQ(base::append_durably((dir / "nowhere/f").string(), "x").error().kind, base::Kind::fault);
}

}  // namespace
