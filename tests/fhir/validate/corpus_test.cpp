// What others published and hold for valid must be taken: HL7's own 4,474 definitions of R4, and the package of US Core with its examples.
#include "fhir/validate/profiles.hpp"

#include "tests/fhir/validate/support.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include <gtest/gtest.h>

namespace {

using validate_test::text_of;
using Wrong = std::map<std::string, std::string>;  // "Type/id": where the publication breaks R4's rule

// Checks one resource; a listed mistake must be found, and be the only one.
void expect_valid(const json::Value& resource, const validate::Options& options, const Wrong& wrong, std::set<std::string>& found) {
    const auto name = std::string(resource.text("resourceType")) + "/" + std::string(resource.text("id"));
    for (const auto& issue : validate::validate(resource, options)) {
        if (issue.severity != validate::Severity::error) continue;
        const auto known = wrong.find(name);
        if (known != wrong.end() && issue.expression.starts_with(known->second)) found.insert(name);
        else ADD_FAILURE() << name << ": " << text_of(issue);
    }
}

TEST(Corpus, DefinitionsOfR4) {
    const std::filesystem::path folder = KEDGE_R4_DEFINITIONS;
    // Medplum's own three, which the package mixes with HL7's.
    const std::set<std::string> foreign{"Project-name", "JsonWebKey-active", "User-email"};
    const Wrong wrong{{"StructureDefinition/Consent", "StructureDefinition."},  // an example identifier: a UUID that should be a URI
                      {"ValueSet/example-hierarchical", "ValueSet.compose.include[0].system"}};
    std::set<std::string> found;
    std::size_t count = 0;
    for (const auto* file : {"profiles-types", "profiles-resources", "profiles-others", "extension-definitions", "search-parameters", "valuesets", "v3-codesystems", "v2-tables", "conceptmaps"}) {
        const auto bundle = json::parse(support::read_file(folder / (std::string(file) + ".json")), {.bytes = SIZE_MAX, .depth = 256, .values = SIZE_MAX});
        ASSERT_TRUE(bundle.has_value()) << file << ": " << bundle.error().diagnostics;
        for (const auto& entry : *bundle->find("entry")->if_array()) {
            const auto& resource = *entry.find("resource");
            if (foreign.contains(std::string(resource.text("id")))) continue;
            expect_valid(resource, {}, wrong, found);
            ++count;
        }
    }
    EXPECT_GE(count, 4474u);
    EXPECT_EQ(found.size(), wrong.size());
}

TEST(Corpus, UsCore) {
    const auto data = support::test_data("us-core/hl7.fhir.us.core-6.1.0.tgz");
    if (!data.path) GTEST_SKIP() << data.skip;
    validate::Profiles profiles;
    ASSERT_TRUE(profiles.load(data.path->string()).has_value());
    const auto folder = std::filesystem::path(testing::TempDir()) / "kedge_us_core";
    std::filesystem::create_directories(folder);
    ASSERT_EQ(std::system(("tar -xzf '" + data.path->string() + "' -C '" + folder.string() + "'").c_str()), 0);
    const Wrong wrong{{"Bundle/66c8856b-ba11-4876-8aa8-467aad8c11a2", "Bundle.entry[2].fullUrl"},  // ends with another id
                      {"Bundle/docref-example-2", "Bundle.entry[2].fullUrl"},
                      {"CodeSystem/us-core-documentreference-category", "CodeSystem.count"}};      // says 2 of 1
    std::set<std::string> found;
    std::size_t count = 0;
    for (const auto* part : {"package", "package/example"}) {
        for (const auto& file : std::filesystem::directory_iterator(folder / part)) {
            if (file.path().extension() != ".json" || file.path().filename() == "package.json" || file.path().filename() == ".index.json") continue;
            const auto resource = json::parse(support::read_file(file.path()));
            ASSERT_TRUE(resource.has_value()) << file.path();
            expect_valid(*resource, {.profiles = &profiles}, wrong, found);
            ++count;
        }
    }
    std::filesystem::remove_all(folder);
    EXPECT_GE(count, 390u);
    EXPECT_EQ(found.size(), wrong.size());
}

}  // namespace
