#include "fhir/codec/structure.hpp"

#include <gtest/gtest.h>

namespace {

using Places = std::vector<std::string>;

Places faults(std::string_view text, const codec::Expected& expected = {}) {
    Places out;
    for (const auto& issue : codec::check_structure(*json::parse(text), expected)) {
        EXPECT_EQ(issue.kind, base::Kind::invalid);
        EXPECT_FALSE(issue.diagnostics.empty());
        EXPECT_FALSE(issue.issue.empty());
        out.push_back(issue.expression.empty() ? "" : issue.expression[0]);
    }
    return out;
}

TEST(Structure, SoundResources) {
    EXPECT_EQ(faults(R"({"resourceType":"Patient"})"), Places{});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","id":"1","active":false,"multipleBirthInteger":0})", {"Patient", "1"}), Places{});
    EXPECT_EQ(
        faults(
            R"({"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"id":"x"}]}],"birthDate":"1970","_birthDate":{"id":"b"}})"),
        Places{});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","_birthDate":{"extension":[{"url":"http://x","valueString":"y"}]}})"), Places{});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","name":[{"_given":[{"id":"x"}]}]})"), Places{});
}

TEST(Structure, RouteAndType) {
    EXPECT_EQ(faults("[]"), Places{""});
    EXPECT_EQ(faults("{}"), (Places{"Resource.resourceType", "Resource"}));
    EXPECT_EQ(faults(R"({"resourceType":7})"), Places{"Resource.resourceType"});
    EXPECT_EQ(faults(R"({"resourceType":"Nothing"})"), Places{"Nothing.resourceType"});
    EXPECT_EQ(faults(R"({"resourceType":"Patient"})", {"Observation", {}}), Places{"Patient.resourceType"});
    EXPECT_EQ(faults(R"({"resourceType":"Patient"})", {"Patient", "1"}), Places{"Patient.id"});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","id":"2"})", {"Patient", "1"}), Places{"Patient.id"});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","id":2})"), Places{"Patient.id"});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","id":"a b"})"), Places{"Patient.id"});
}

TEST(Structure, EmptyThingsAndNulls) {
    EXPECT_EQ(faults(R"({"resourceType":"Patient","name":[],"gender":"","text":{},"active":null})"),
              (Places{"Patient.name", "Patient.gender", "Patient.text", "Patient.active"}));
    EXPECT_EQ(faults(R"({"resourceType":"Patient","name":[{"given":["A",""]},{"given":[]}]})"),
              (Places{"Patient.name[0].given[1]", "Patient.name[1].given"}));
    EXPECT_EQ(faults(R"({"resourceType":"Patient","name":[null]})"), Places{"Patient.name[0]"});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","name":[{"family":"x"},null]})"), Places{"Patient.name[1]"});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","name":[{"given":["A",null]}]})"), Places{"Patient.name[0].given[1]"});
}

TEST(Structure, ArraysOfOneKind) {
    EXPECT_EQ(faults(R"({"resourceType":"Patient","name":[["x"]]})"), Places{"Patient.name[0]"});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","name":[{"family":"x"},"y"]})"), Places{"Patient.name[1]"});
}

TEST(Structure, ExtensionsOfPrimitives) {
    // Both halves null, lengths that differ, halves of different shape, foreign members.
    EXPECT_EQ(faults(R"({"resourceType":"Patient","name":[{"given":[null],"_given":[null]}]})"),
              (Places{"Patient.name[0].given[0]", "Patient.name[0]._given[0]"}));
    EXPECT_EQ(faults(R"({"resourceType":"Patient","name":[{"given":["A","B"],"_given":[null]}]})"), Places{"Patient.name[0].given"});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","name":[{"given":["A"],"_given":{"id":"x"}}]})"), Places{"Patient.name[0]._given"});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","gender":"male","_gender":[{"id":"x"}]})"), Places{"Patient._gender"});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","_gender":"male"})"), Places{"Patient._gender"});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","text":{"status":"empty"},"_text":{"id":"x"}})"), Places{"Patient._text"});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","name":[{"_given":[null,{"id":"x"}]}]})"), Places{"Patient.name[0]._given[0]"});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","_gender":{"code":"x"}})"), Places{"Patient._gender.code"});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","_gender":{}})"), Places{"Patient._gender"});
    EXPECT_EQ(faults(R"({"resourceType":"Patient","name":[{"_given":[]}]})"), Places{"Patient.name[0]._given"});
}

TEST(Structure, NestedResources) {
    EXPECT_EQ(
        faults(
            R"({"resourceType":"Patient","contained":[{"id":"x"},{"resourceType":"Nope","id":"y"},{"resourceType":"Patient","id":"#z"}]})"),
        (Places{"Patient.contained[0].resourceType", "Patient.contained[1].resourceType", "Patient.contained[2].id"}));
    EXPECT_EQ(faults(R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Nope"}}]})"),
              Places{"Bundle.entry[0].resource.resourceType"});
}

TEST(Structure, AllAreCollectedUpToTheStatedNumber) {
    std::string text = R"({"resourceType":"Patient","name":[)";
    for (int i = 0; i < 300; ++i) text += i == 0 ? R"({"family":""})" : R"(,{"family":""})";
    const auto issues = codec::check_structure(*json::parse(text + "]}"), {});
    ASSERT_EQ(issues.size(), codec::kMaxIssues + 1);
    EXPECT_EQ(issues.back().issue, "too-costly");
}

}  // namespace
