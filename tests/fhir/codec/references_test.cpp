#include "fhir/codec/references.hpp"

#include <gtest/gtest.h>

namespace {

using codec::parse_reference;
using codec::Reference;
using Form = codec::Reference::Form;
constexpr auto kBase = "http://127.0.0.1:8080/fhir";

struct Case {
    const char* text;
    Form form;
    const char *type, *id, *version;
};

TEST(ParseReference, EveryForm) {
    const Case cases[] = {
        {"Patient/1", Form::local, "Patient", "1", ""},
        {"Patient/1/_history/7", Form::local, "Patient", "1", "7"},
        {"http://127.0.0.1:8080/fhir/Patient/1", Form::local, "Patient", "1", ""},
        {"https://127.0.0.1:8080/fhir/Patient/1/_history/2", Form::local, "Patient", "1", "2"},
        {"http://127.0.0.1:8080/fhir2/Patient/1", Form::external, "Patient", "1", ""},
        {"http://127.0.0.1:8081/fhir/Patient/1", Form::external, "Patient", "1", ""},
        {"https://example.org/r4/Observation/o.2/_history/9", Form::external, "Observation", "o.2", "9"},
        {"https://example.org/", Form::external, "", "", ""},
        {"urn:uuid:c72aa430-2ddc-456e-7a09-dea8264671d8", Form::urn, "", "", ""},
        {"urn:oid:1.2.3", Form::urn, "", "", ""},
        {"#p1", Form::contained, "", "p1", ""},
        {"#", Form::contained, "", "", ""},
        {"Patient?identifier=12345", Form::conditional, "Patient", "", ""},
        {"Organization?identifier=http://a.example/b|1", Form::conditional, "Organization", "", ""},
        {"http://127.0.0.1:8080/fhir/Patient?identifier=1", Form::conditional, "Patient", "", ""},
        {"Nothing?identifier=12345", Form::other, "", "", ""},
        {"", Form::other, "", "", ""},
        {"Patient", Form::other, "", "", ""},
        {"Patient/", Form::other, "", "", ""},
        {"/Patient/1", Form::other, "", "", ""},
        {"fhir/Patient/1", Form::other, "", "", ""},
        {"Nothing/1", Form::other, "", "", ""},
        {"patient/1", Form::other, "", "", ""},
        {"Patient/a b", Form::other, "", "", ""},
        {"Patient/1/_history/", Form::other, "", "", ""},
    };
    for (const auto& c : cases) {
        const auto got = parse_reference(c.text, kBase);
        EXPECT_EQ(got.form, c.form) << c.text;
        EXPECT_EQ(got.type, c.type) << c.text;
        EXPECT_EQ(got.id, c.id) << c.text;
        EXPECT_EQ(got.version, c.version) << c.text;
    }
    EXPECT_EQ(parse_reference("Patient?identifier=a|b", kBase).query, "identifier=a|b");
    EXPECT_TRUE(parse_reference("Patient/1", kBase).is_local("Patient"));
    EXPECT_FALSE(parse_reference("http://x/Patient/1", kBase).is_local("Patient"));
    EXPECT_EQ(parse_reference("Patient/1/_history/7", kBase).relative(), "Patient/1");
}

std::vector<std::string> references_of(std::string_view text) {
    std::vector<std::string> out;
    codec::visit_references(*json::parse(text), [&](const std::string& r) { out.push_back(r); });
    return out;
}

TEST(VisitReferences, FindsThemEverywhere) {
    const auto found = references_of(R"({"resourceType":"Observation",
      "contained":[{"resourceType":"Patient","id":"p","generalPractitioner":[{"reference":"Practitioner/2"}]}],
      "extension":[{"url":"http://x","valueReference":{"reference":"Group/1"}}],
      "subject":{"reference":"#p"},"performer":[{"reference":"Practitioner/1"},{"display":"none"}],
      "_status":{"extension":[{"url":"http://y","valueReference":{"reference":"Location/1"}}]},
      "unknownMember":{"deep":[{"reference":"Device/9"}]}})");
    EXPECT_EQ(found, (std::vector<std::string>{"Practitioner/2", "Group/1", "#p", "Practitioner/1", "Location/1", "Device/9"}));
}

TEST(VisitReferences, TypesDecideAndNotNames) {
    EXPECT_EQ(references_of(R"({"resourceType":"DetectedIssue","reference":"http://guide","patient":{"reference":"Patient/1"}})"),
              std::vector<std::string>{"Patient/1"});
    EXPECT_EQ(references_of(R"({"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Encounter",
      "subject":{"reference":"Patient/3"}}}]})"),
              std::vector<std::string>{"Patient/3"});
    EXPECT_EQ(references_of(R"({"resourceType":"CarePlan","activity":[{"reference":{"reference":"Task/1"}}]})"),
              std::vector<std::string>{"Task/1"});
}

TEST(VisitReferences, CanChangeThem) {
    auto value = *json::parse(R"({"resourceType":"Observation","subject":{"reference":"Patient?identifier=1"}})");
    codec::visit_references(value, [](std::string& r) { r = "Patient/77"; });
    EXPECT_EQ(json::write(value), R"({"resourceType":"Observation","subject":{"reference":"Patient/77"}})");
}

}  // namespace
