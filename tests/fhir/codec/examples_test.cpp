// HL7's own examples must pass, or the checks are stricter than the standard.
#include "fhir/codec/references.hpp"
#include "fhir/codec/resource.hpp"
#include "fhir/codec/structure.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace {

std::filesystem::path data() {
    const char* given = std::getenv("KEDGE_TEST_DATA");
    return given != nullptr ? given : KEDGE_SOURCE_DIR "/../shared/data";
}

TEST(Examples, AreStructurallySound) {
    const auto folder = data() / "r4-examples/json";
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no R4 examples below " << data() << "; set KEDGE_TEST_DATA";
    std::size_t files = 0, references = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        std::ifstream in(file.path(), std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        auto resource = json::parse(text);
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
