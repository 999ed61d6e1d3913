#include "storage/base/file.hpp"

#include "tests/support/files.hpp"

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

}  // namespace
