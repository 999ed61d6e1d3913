// https://hl7.org/fhir/R4/search.html#summary and #elements
#include "fhir/codec/subset.hpp"

#include "fhir/codec/xml.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <gtest/gtest.h>

namespace {

using Form = codec::Subset::Form;

constexpr std::string_view kTag =
    R"("tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED","display":"subsetted"}])";

std::string taken(std::string_view text, Form form, std::vector<std::string> elements = {}) {
    auto tree = *json::parse(text);
    codec::take_subset(tree, {form, std::move(elements)});
    return json::write(tree);
}
std::string with_tag(std::string_view text) {
    std::string out(text);
    out.replace(out.find("TAG"), 3, kTag);
    return out;
}

constexpr std::string_view kPatient =
    R"({"resourceType":"Patient","id":"1","meta":{"versionId":"2"},"implicitRules":"http://r","language":"de","text":{"status":"generated","div":"<div/>"},)"
    R"("extension":[{"url":"http://x","valueString":"y"}],"modifierExtension":[{"url":"http://m","valueBoolean":true}],)"
    R"("identifier":[{"system":"s","value":"v","extension":[{"url":"http://x","valueString":"y"}]}],"birthDate":"1970","_birthDate":{"id":"b"},)"
    R"("deceasedBoolean":false,"contact":[{"gender":"male"}],"link":[{"id":"l","other":{"reference":"Patient/2"},"type":"refer"}],"colour":"red"})";

TEST(Subset, SummaryKeepsWhatR4Marks) {
    EXPECT_EQ(
        taken(kPatient, Form::summary),
        with_tag(
            R"({"resourceType":"Patient","id":"1","meta":{"versionId":"2",TAG},"implicitRules":"http://r",)"
            R"("modifierExtension":[{"url":"http://m","valueBoolean":true}],"identifier":[{"system":"s","value":"v"}],"birthDate":"1970","_birthDate":{"id":"b"},)"
            R"("deceasedBoolean":false,"link":[{"other":{"reference":"Patient/2"},"type":"refer"}]})"));
}

TEST(Subset, TextDataAndElements) {
    EXPECT_EQ(
        taken(R"({"resourceType":"Observation","id":"1","text":{"status":"empty"},"status":"final","code":{"text":"c"},"valueString":"v"})",
              Form::text),
        with_tag(R"({"resourceType":"Observation","id":"1","meta":{TAG},"text":{"status":"empty"},"status":"final","code":{"text":"c"}})"));
    EXPECT_EQ(taken(R"({"resourceType":"Observation","id":"1","text":{"status":"empty"},"status":"final","colour":"red"})", Form::data),
              with_tag(R"({"resourceType":"Observation","id":"1","meta":{TAG},"status":"final","colour":"red"})"));
    EXPECT_EQ(
        taken(kPatient, Form::elements, {"birthDate", "deceased"}),
        with_tag(
            R"({"resourceType":"Patient","id":"1","meta":{"versionId":"2",TAG},"implicitRules":"http://r",)"
            R"("modifierExtension":[{"url":"http://m","valueBoolean":true}],"birthDate":"1970","_birthDate":{"id":"b"},"deceasedBoolean":false})"));
    EXPECT_EQ(
        taken(R"({"resourceType":"Observation","status":"final","code":{"text":"c"},"valueString":"v"})", Form::elements, {"valueString"}),
        with_tag(R"({"resourceType":"Observation","meta":{TAG},"status":"final","code":{"text":"c"},"valueString":"v"})"));
}

TEST(Subset, WholeIsLeftAloneAndTheMarkStandsOnce) {
    EXPECT_EQ(taken(kPatient, Form::whole), kPatient);
    const auto once = taken(kPatient, Form::data);
    EXPECT_EQ(taken(once, Form::data), once);
}

TEST(Subset, ResourcesInsideAreShortenedToo) {
    EXPECT_EQ(
        taken(
            R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","contact":[{"gender":"male"}]}}]})",
            Form::summary),
        "{\"resourceType\":\"Bundle\",\"meta\":{" + std::string(kTag) +
            "},\"type\":\"collection\",\"entry\":[{\"resource\":{\"resourceType\":\"Patient\",\"meta\":{" + std::string(kTag) + "}}}]}");
}

// What is left is a resource still: R4's order and types hold, and nothing that a summary keeps is empty.
TEST(Subset, OfEveryExampleCanBeWrittenAsXml) {
    const auto data = support::test_data("r4-examples/json");
    if (!data.path) GTEST_SKIP() << data.skip;
    std::size_t files = 0, smaller = 0;
    for (const auto& file : support::files_below(*data.path, ".json")) {
        const auto whole = json::parse(support::read_file(file));
        ASSERT_TRUE(whole.has_value());
        for (const auto form : {Form::summary, Form::text, Form::data, Form::elements}) {
            auto part = *whole;
            codec::take_subset(part, {form, {"identifier"}});
            const auto xml = codec::to_xml(part);
            ASSERT_TRUE(xml.has_value()) << file << ' ' << xml.error().diagnostics << " at " << xml.error().expression[0];
            smaller += json::write(part).size() < json::write(*whole).size() ? 1 : 0;
        }
        ++files;
    }
    EXPECT_GE(files, 300u);
    EXPECT_GE(smaller, 1000u);
}

}  // namespace
