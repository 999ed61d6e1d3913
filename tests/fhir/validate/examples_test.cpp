// HL7's own examples are valid R4, or the checks are stricter than the standard.
#include "tests/fhir/validate/support.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <filesystem>
#include <map>

#include <gtest/gtest.h>

namespace {

TEST(Examples, OfficialOnesAreValid) {
    const auto data = support::test_data("r4-examples/json");
    if (!data.path) GTEST_SKIP() << data.skip;
    std::size_t files = 0, warnings = 0;
    for (const auto& file : std::filesystem::directory_iterator(*data.path)) {
        const auto resource = json::parse(support::read_file(file.path()));
        ASSERT_TRUE(resource.has_value()) << file.path();
        for (const auto& issue : validate::validate(*resource)) {
            if (issue.severity == validate::Severity::error) ADD_FAILURE() << file.path().filename() << ": " << validate_test::text_of(issue);
            else ++warnings;
        }
        ++files;
    }
    EXPECT_GE(files, 300u);
    RecordProperty("warnings", static_cast<int>(warnings));
}

}  // namespace
