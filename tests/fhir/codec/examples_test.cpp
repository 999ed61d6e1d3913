// HL7's own examples must pass, or the checks are stricter than the standard.
#include "fhir/codec/references.hpp"
#include "fhir/codec/resource.hpp"
#include "fhir/codec/structure.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <filesystem>

#include <gtest/gtest.h>

namespace {

TEST(Examples, AreStructurallySound) {
    const auto data = support::test_data("r4-examples/json");
    if (!data.path) GTEST_SKIP() << data.skip;
    std::size_t files = 0, references = 0;
    for (const auto& file : std::filesystem::directory_iterator(*data.path)) {
        auto resource = json::parse(support::read_file(file.path()));
        ASSERT_TRUE(resource.has_value()) << file.path() << ' ' << resource.error().diagnostics;
        for (const auto& issue : codec::check_structure(*resource, {})) {
            ADD_FAILURE() << file.path().filename() << ": " << issue.diagnostics << " at "
                          << (issue.expression.empty() ? "" : issue.expression[0]);
        }
        codec::visit_references(std::as_const(*resource), [&](const std::string&) { ++references; });
        const auto before = *resource;
        codec::set_meta(*resource, 5, 0);
        EXPECT_TRUE(codec::same_content(before, *resource)) << file.path();
        ++files;
    }
    EXPECT_GE(files, 300u);
    EXPECT_GE(references, 830u);
}

}  // namespace
