// HL7's own examples are valid R4, or the checks are stricter than the standard.
#include "tests/fhir/validate/support.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <filesystem>
#include <map>

#include <gtest/gtest.h>

namespace {

// Where HL7's example breaks HL7's rule: file and what is wrong in it. Nothing else may be found in these, and no other file has errors.
const std::map<std::string, std::string> kWrongExamples{
    {"deviceusestatement-example.json", "DeviceUseStatement.reasonReference[0].reference"},          // a Procedure, which the element does not take
    {"devicemetric-example.json", "DeviceMetric.parent.reference"},                                  // a DeviceDefinition, where a Device is taken
    {"observation-example-clinical-gender.json", "Observation.performer[0].reference"},              // an Encounter as the performer
    {"questionnaire-zika-virus-exposure-assessment.json", "Questionnaire.text.div"},                 // an empty narrative (txt-2)
    {"organization-example-good-health-care.json", "Organization.identifier[0].value"},              // an OID without urn:oid:, as a URI
    {"eventdefinition-example.json", "EventDefinition.text.div"},                                    // an empty narrative (txt-2)
};

TEST(Examples, OfficialOnesAreValid) {
    const auto data = support::test_data("r4-examples/json");
    if (!data.path) GTEST_SKIP() << data.skip;
    std::size_t files = 0, warnings = 0, wrong = 0;
    for (const auto& file : std::filesystem::directory_iterator(*data.path)) {
        const auto resource = json::parse(support::read_file(file.path()));
        ASSERT_TRUE(resource.has_value()) << file.path();
        for (const auto& issue : validate::validate(*resource)) {
            const auto known = kWrongExamples.find(file.path().filename().string());
            if (known != kWrongExamples.end() && known->second == issue.expression) ++wrong;
            else if (issue.severity == validate::Severity::error) ADD_FAILURE() << file.path().filename() << ": " << validate_test::text_of(issue);
            else ++warnings;
            EXPECT_EQ(issue.diagnostics.find("could not be evaluated"), std::string::npos) << file.path().filename() << ": " << validate_test::text_of(issue);
        }
        ++files;
    }
    EXPECT_GE(files, 300u);
    EXPECT_EQ(wrong, kWrongExamples.size()) << "an example of the list is not refused any more";
    RecordProperty("warnings", static_cast<int>(warnings));
}

// What a widely used generator of test data writes must be taken as it is: all its bundles, entry by entry.
TEST(Examples, SyntheaIsValid) {
    std::size_t files = 0, entries = 0;
    for (const auto* folder : {"synthea/transactions", "synthea/smart-2019"}) {
        const auto data = support::test_data(folder);
        if (!data.path) GTEST_SKIP() << data.skip;
        for (const auto& file : std::filesystem::directory_iterator(*data.path)) {
            const auto bundle = json::parse(support::read_file(file.path()));
            ASSERT_TRUE(bundle.has_value()) << file.path();
            std::map<std::string, std::string> first;  // of each kind of error
            for (const auto& issue : validate::validate(*bundle, {.max_issues = 100'000})) {
                if (issue.severity == validate::Severity::error) first.emplace(issue.diagnostics, issue.expression);
            }
            for (const auto& [diagnostics, expression] : first) ADD_FAILURE() << file.path().filename() << ": " << expression << ": " << diagnostics;
            ++files;
            entries += bundle->find("entry")->if_array()->size();
        }
    }
    EXPECT_GE(files, 32u);
    EXPECT_GE(entries, 5'400u);
}

}  // namespace
