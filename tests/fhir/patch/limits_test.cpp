// What a patch may cost, and what is said when it costs more.
#include "tests/fhir/patch/patching.hpp"

using patching::patched;

namespace {

constexpr auto kPatient = R"({"resourceType":"Patient","name":[{"text":"a"}]})";

std::string error_of(std::string_view patch, const patch::Limits& limits, std::string_view resource = kPatient) {
    return patched(patch, resource, limits);
}

TEST(Limits, Operations) {
    const std::string two_json = R"([{"op":"test","path":"","value":1},{"op":"test","path":"","value":1}])";
    const auto one = patching::operation("delete", "Patient.name");
    const std::string two_xml = R"(<diff><remove sel="a"/><remove sel="b"/></diff>)";
    for (const auto& patch : {two_json, patching::parameters(one + "," + one), two_xml}) {
        EXPECT_EQ(error_of(patch, {.operations = 1}), "too-large: the patch has 2 operations; the limit is 1");
    }
}

TEST(Limits, ACopyBombStopsBeforeItIsLarge) {
    std::string patch = R"([{"op":"add","path":"/a","value":["0123456789"]})";
    for (int i = 0; i < 60; ++i) patch += R"(,{"op":"copy","from":"/a","path":"/a/-"})";
    EXPECT_EQ(error_of(patch + "]", {.growth_bytes = 1u << 20}).substr(0, 80),
              "too-large: operation 18 (copy): the patch adds too many bytes (growth_bytes); th");
    // Copies into themselves also grow in depth.
    std::string deep = R"([{"op":"add","path":"/a","value":[]})";
    for (int i = 0; i < 60; ++i) deep += R"(,{"op":"copy","from":"","path":"/b"},{"op":"move","from":"/b","path":"/a/0"})";
    EXPECT_NE(error_of(deep + "]", {.depth = 12}).find("(depth); the limit is 12"), std::string::npos);
}

TEST(Limits, Values) {
    EXPECT_EQ(error_of(R"([{"op":"add","path":"/a","value":[1,2,3,4]}])", {.growth_values = 4}),
              "too-large: operation 1 (add): the patch adds too many values (growth_values); the limit is 4");
    const auto add = patching::add("Patient", "name", patching::value("valueHumanName", R"({"text":"b"})"));
    EXPECT_EQ(error_of(patching::parameters(add), {.growth_values = 2}),
              "too-large: operation 1 (add): the patch adds too many values (growth_values); the limit is 2");
    const auto xml = R"(<diff xmlns="http://hl7.org/fhir"><add sel="Patient"><name><text value="b"/></name></add></diff>)";
    EXPECT_EQ(error_of(xml, {.growth_values = 2}),
              "too-large: operation 1 (add): the patch adds too many values (growth_values); the limit is 2");
}

TEST(Limits, Depth) {
    EXPECT_EQ(error_of(R"([{"op":"add","path":"/a","value":[[[]]]}])", {.depth = 3}),
              "too-large: operation 1 (add): the result would be nested too deep (depth); the limit is 3");
    const auto xml = R"(<diff xmlns="http://hl7.org/fhir"><add sel="Patient/name"><period><start value="2020"/></period></add></diff>)";
    EXPECT_EQ(error_of(xml, {.depth = 3}), "too-large: operation 1 (add): the result would be nested too deep (depth); the limit is 3");
}

TEST(Limits, Paths) {
    const patch::Limits limits{.path_bytes = 10};
    EXPECT_EQ(error_of(R"([{"op":"remove","path":"/aaaaaaaaaa"}])", limits),
              "too-large: operation 1 (remove): the member 'path' is longer than the limit of 10 bytes");
    EXPECT_EQ(error_of(patching::parameters(patching::operation("delete", "Patient.name")), limits).substr(0, 32),
              "too-large: operation 1 (delete):");
    EXPECT_EQ(error_of(R"(<diff><remove sel="aaaaaaaaaaa"/></diff>)", limits),
              "too-large: operation 1 (remove): 'sel' is longer than the limit of 10 bytes");
}

TEST(Limits, Time) {
    const patch::Limits none{.time = std::chrono::milliseconds(0)};
    for (const auto& patch :
         {std::string(R"([{"op":"remove","path":"/name"}])"), patching::parameters(patching::operation("delete", "Patient.name")),
          std::string(R"(<diff><remove sel="a"/></diff>)")}) {
        EXPECT_NE(error_of(patch, none).find("the patch takes longer than the limit of 0 ms"), std::string::npos) << patch;
    }
}

TEST(Limits, TheStepsOfAPathAndRegularExpressions) {
    std::string resource = R"({"resourceType":"Patient","name":[)";
    for (int i = 0; i < 3000; ++i) resource += R"({"text":"a"},)";
    resource += R"({"text":"b"}]})";
    const auto path = "Patient.name.where(%resource.name.where(%resource.name.where(text = 'c').exists()).exists())";
    EXPECT_NE(error_of(patching::parameters(patching::operation("delete", path)), {}, resource).find("too-large: operation 1 (delete):"),
              std::string::npos);
    EXPECT_EQ(error_of(patching::parameters(patching::operation("delete", "Patient.name.where(text.matches('a+'))")), {}),
              "not-supported: operation 1 (delete): regular expressions are not for the path of a patch");
}

TEST(Limits, TheDocument) {
    patch::Limits limits;
    limits.document.bytes = 5;
    for (const auto* patch : {R"([{"op":"remove","path":"/name"}])", R"({"resourceType":"Parameters"})", "<diff></diff>"}) {
        EXPECT_EQ(error_of(patch, limits).substr(0, 9), "too-large") << patch;
    }
}

TEST(Forms, ByMediaType) {
    ASSERT_NE(patch::media_type("application/json-patch+json"), nullptr);
    EXPECT_EQ(patch::media_type("application/json"), nullptr);
    EXPECT_EQ(patch::accepted_media_types(),
              "application/json-patch+json, application/xml-patch+xml, application/fhir+json, application/fhir+xml");
    EXPECT_EQ(patch::to_string(patch::Form::json), "JSON Patch");
    EXPECT_EQ(patch::to_string(patch::Form::fhirpath), "FHIRPath Patch");
    EXPECT_EQ(patch::to_string(patch::Form::xml), "XML Patch");
}

TEST(Forms, ByContent) {
    const std::tuple<const char*, patch::Form, std::size_t> kCases[] = {
        {" [] ", patch::Form::json, 0},
        {R"({"resourceType":"Parameters"})", patch::Form::fhirpath, 0},
        {R"(<Parameters xmlns="http://hl7.org/fhir"/>)", patch::Form::fhirpath, 0},
        {R"(<?xml version="1.0"?><diff><remove sel="a"/></diff>)", patch::Form::xml, 1},
        {R"(<p:patch xmlns:p="urn:ietf:rfc:7351"><p:remove sel="a"/></p:patch>)", patch::Form::xml, 1}};
    for (const auto& [text, form, size] : kCases) {
        const auto read = patch::parse_any(text);
        ASSERT_TRUE(read.has_value()) << text << read.error().diagnostics;
        EXPECT_EQ(read->form(), form);
        EXPECT_EQ(read->size(), size);
    }
    for (const auto* text : {"", "x", "<a/>", R"({"resourceType":"Patient"})"}) EXPECT_FALSE(patch::parse_any(text).has_value()) << text;
}

}  // namespace
