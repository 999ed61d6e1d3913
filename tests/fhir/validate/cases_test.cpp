// A table of resources that R4 takes and refuses, in cases/*.txt: what kedge validate says of each. The form of a row is told in
// cases/README.md.
#include "tests/fhir/validate/support.hpp"
#include "tests/support/files.hpp"

#include "fhir/codec/xml.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

namespace {

using validate::Severity;
using validate_test::text_of;

struct Case {
    std::string place, verdict, code, expression, name, body;
};

std::vector<Case> read_cases(const std::filesystem::path& file) {
    std::vector<Case> out;
    std::ifstream in(file);
    std::string line;
    for (std::size_t number = 1; std::getline(in, line); ++number) {
        if (line.empty() || line.starts_with('#')) continue;
        const auto bar = line.find(" | ");
        EXPECT_NE(bar, std::string::npos) << file << ":" << number;
        Case one;
        one.place = file.filename().string() + ":" + std::to_string(number);
        std::istringstream head(line.substr(0, bar));
        head >> one.verdict >> one.code >> one.expression;
        one.name = line.substr(bar == std::string::npos ? 0 : bar + 3);
        std::getline(in, one.body);
        ++number;
        out.push_back(std::move(one));
    }
    return out;
}

// As kedge validate does it: what cannot be read is one error.
validate::Issues issues_of(const std::string& body) {
    const auto tree = codec::from_either(body);
    if (tree) return validate::validate(*tree);
    return {{Severity::error, "structure", tree.error().diagnostics, tree.error().expression.empty() ? std::string() : tree.error().expression.front()}};
}

void check(const Case& one) {
    SCOPED_TRACE(one.place + " " + one.name);
    const auto issues = issues_of(one.body);
    validate::Issues errors;
    std::copy_if(issues.begin(), issues.end(), std::back_inserter(errors), [](const auto& issue) { return issue.severity == Severity::error; });
    const auto wanted = [&](const validate::Issue& issue) { return issue.code == one.code && (one.expression.empty() || issue.expression == one.expression); };
    if (one.verdict == "refuse") {
        // One mistake, one error: no second sentence about the same thing.
        ASSERT_EQ(errors.size(), 1u) << text_of(errors);
        EXPECT_TRUE(wanted(errors[0])) << text_of(errors);
        EXPECT_GE(errors[0].diagnostics.size(), 15u) << text_of(errors);
        return;
    }
    EXPECT_TRUE(errors.empty()) << text_of(errors);
    if (one.verdict == "warn") {
        EXPECT_EQ(std::count_if(issues.begin(), issues.end(), wanted), 1) << text_of(issues);
    } else {
        EXPECT_EQ(one.verdict, "accept");
    }
}

TEST(Cases, AreJudgedAsR4Has) {
    std::size_t accepted = 0, refused = 0, warned = 0;
    for (const auto& file : std::filesystem::directory_iterator(KEDGE_SOURCE_DIR "/tests/fhir/validate/cases")) {
        if (file.path().extension() != ".txt") continue;
        for (const auto& one : read_cases(file.path())) {
            check(one);
            accepted += one.verdict == "accept" ? 1 : 0;
            refused += one.verdict == "refuse" ? 1 : 0;
            warned += one.verdict == "warn" ? 1 : 0;
        }
    }
    EXPECT_GE(accepted, 80u);
    EXPECT_GE(refused, 240u);
    EXPECT_GE(warned, 16u);
}

// What an author sees who got much wrong at once: every issue, in the order of the document.
TEST(Cases, EveryMistakeInOneAnswer) {
    const auto issues = issues_of(
        R"({"resourceType":"Observation","id":"under_score","status":"done","category":{"text":"x"},"code":{"coding":[{"system":"loinc","code":"1-1"}]},"subject":{"reference":"Organization/1"},)"
        R"("effectiveDateTime":"2023-02-30","issued":"2023-02-03","valueQuantity":{"value":"5","system":"http://unitsofmeasure.org","code":"mg/"},"valueString":"x","colour":"red",)"
        R"("referenceRange":[{"low":{"value":1,"comparator":"<"}}],"component":[{"valueString":""}]})");
    std::multiset<std::string> places;
    for (const auto& issue : issues) {
        if (issue.severity == Severity::error) places.insert(issue.expression);
    }
    const std::multiset<std::string> wanted{"Observation.category", "Observation.code.coding[0].system", "Observation.colour", "Observation.component[0].code", "Observation.component[0].value",
                                            "Observation.effective", "Observation.id", "Observation.issued", "Observation.referenceRange[0].low.comparator", "Observation.status",
                                            "Observation.subject.reference", "Observation.value", "Observation.value.code", "Observation.value.value"};
    EXPECT_EQ(places, wanted) << text_of(issues);
}

}  // namespace
