// The values of FHIRPath Patch: simple and complex types, parts for types that have no value[x], and what is refused.
#include "fhir/codec/xml.hpp"
#include "tests/fhir/patch/patching.hpp"

using patching::add;
using patching::parameters;
using patching::part;
using patching::value;

namespace {

constexpr auto kEmpty = R"({"resourceType":"Patient"})";
constexpr auto kObservation = R"({"resourceType":"Observation","status":"final"})";

std::string run(const std::string& operations, std::string_view resource = kEmpty) {
    return patching::patched(parameters(operations), resource);
}
std::string parts(const std::string& list) {
    return R"({"name":"value","part":[)" + list + "]}";
}
std::string nested(std::string_view name, const std::string& list) {
    return R"({"name":")" + std::string(name) + R"(","part":[)" + list + "]}";
}

TEST(FhirpathValue, PartsMakeAnAnonymousType) {
    EXPECT_EQ(run(add("Patient", "contact", parts(part("name", "valueHumanName", R"({"text":"a name"})")))),
              R"({"resourceType":"Patient","contact":[{"name":{"text":"a name"}}]})");
    // Nested, with a list, and a choice that is named without its type.
    const auto range =
        nested("referenceRange", part("low", "valueQuantity", R"({"value":1.0})") + "," + part("text", "valueString", "\"t\""));
    const auto component = part("code", "valueCodeableConcept", R"({"text":"c"})") + "," +
                           part("value", "valueQuantity", R"({"value":2.50})") + "," + range + "," + range;
    EXPECT_EQ(run(add("Observation", "component", parts(component)), kObservation),
              R"({"resourceType":"Observation","status":"final","component":[{"code":{"text":"c"},"valueQuantity":{"value":2.50},)"
              R"("referenceRange":[{"low":{"value":1.0},"text":"t"},{"low":{"value":1.0},"text":"t"}]}]})");
}

TEST(FhirpathValue, PartsMakeANamedTypeToo) {
    EXPECT_EQ(run(add("Patient", "name", parts(part("given", "valueString", "\"a\"") + "," + part("given", "valueString", "\"b\"")))),
              R"({"resourceType":"Patient","name":[{"given":["a","b"]}]})");
    EXPECT_EQ(
        run(add("Patient", "text", parts(part("status", "valueCode", "\"generated\"") + "," + part("div", "valueString", "\"<div/>\"")))),
        R"({"resourceType":"Patient","text":{"status":"generated","div":"<div/>"}})");
    EXPECT_EQ(run(add("Observation", "valueQuantity", parts(part("value", "valueDecimal", "1.10"))), kObservation),
              R"({"resourceType":"Observation","status":"final","valueQuantity":{"value":1.10}})");
}

TEST(FhirpathValue, Extensions) {
    const auto simple = parts(part("url", "valueUri", R"("urn:x")") + "," + part("value", "valueCode", R"("c")"));
    EXPECT_EQ(run(add("Patient", "extension", simple)), R"({"resourceType":"Patient","extension":[{"url":"urn:x","valueCode":"c"}]})");
    const auto inner = nested("extension", part("url", "valueString", R"("in")") + "," + part("value[x]", "valueBoolean", "true"));
    EXPECT_EQ(run(add("Patient", "extension", parts(part("url", "valueUri", R"("urn:x")") + "," + inner))),
              R"({"resourceType":"Patient","extension":[{"url":"urn:x","extension":[{"url":"in","valueBoolean":true}]}]})");
    // A primitive that has only an extension.
    EXPECT_EQ(run(add("Patient", "birthDate", parts(inner))),
              R"({"resourceType":"Patient","_birthDate":{"extension":[{"url":"in","valueBoolean":true}]}})");
    EXPECT_EQ(run(add("Patient", "birthDate", R"({"name":"value","valueDate":"2020","_valueDate":{"id":"i"}})")),
              R"({"resourceType":"Patient","birthDate":"2020","_birthDate":{"id":"i"}})");
}

TEST(FhirpathValue, TypesThatAreWrittenAlike) {
    EXPECT_EQ(run(add("Patient", "gender", value("valueString", "\"male\""))), R"({"resourceType":"Patient","gender":"male"})");
    EXPECT_EQ(run(add("Patient", "implicitRules", value("valueUrl", "\"urn:x\""))),
              R"({"resourceType":"Patient","implicitRules":"urn:x"})");
    EXPECT_EQ(run(add("Patient", "multipleBirth", value("valueInteger", "2"))), R"({"resourceType":"Patient","multipleBirthInteger":2})");
    EXPECT_EQ(run(add("Patient.telecom", "rank", value("valueInteger", "1")), R"({"resourceType":"Patient","telecom":[{"value":"1"}]})"),
              R"({"resourceType":"Patient","telecom":[{"value":"1","rank":1}]})");
    EXPECT_EQ(run(add("Encounter", "length", value("valueQuantity", R"({"value":3})")), R"({"resourceType":"Encounter"})"),
              R"({"resourceType":"Encounter","length":{"value":3}})");
}

TEST(FhirpathValue, WrongTypes) {
    const std::tuple<std::string, const char*, const char*> kCases[] = {
        {add("Patient", "birthDate", value("valueString", "\"2020\"")), kEmpty,
         "unprocessable: operation 1 (add): 'birthDate' takes date, not string"},
        {add("Patient", "active", value("valueString", "\"true\"")), kEmpty,
         "unprocessable: operation 1 (add): 'active' takes boolean, not string"},
        {add("Patient", "name", value("valueAddress", "{}")), kEmpty,
         "unprocessable: operation 1 (add): 'name' takes HumanName, not Address"},
        {add("Patient", "name", value("valueString", "\"x\"")), kEmpty,
         "unprocessable: operation 1 (add): 'name' takes HumanName, not string"},
        {add("Patient", "contact", value("valueString", "\"x\"")), kEmpty,
         "unprocessable: operation 1 (add): 'contact' takes Patient.contact, not string"},
        {add("Patient", "deceased", value("valueString", "\"x\"")), kEmpty,
         "unprocessable: operation 1 (add): 'deceased' takes boolean, dateTime, not string"},
        {add("Patient", "deceasedBoolean", value("valueDateTime", "\"2020\"")), kEmpty,
         "unprocessable: operation 1 (add): 'deceased' takes boolean, not dateTime"},
        {add("Patient", "deceased", parts(part("id", "valueString", "\"x\""))), kEmpty,
         "unprocessable: operation 1 (add): 'deceased' may be of several types: give value[x], or name it with its type, such as "
         "deceasedBoolean"},
        {add("Patient", "contained", parts(part("id", "valueString", "\"x\""))), kEmpty,
         "unprocessable: operation 1 (add): 'contained' is a resource: give it as 'resource'"},
        {add("Patient", "name", R"({"name":"value","resource":{"resourceType":"Basic"}})"), kEmpty,
         "unprocessable: operation 1 (add): 'name' takes HumanName, not a resource"},
        {add("Patient", "contact", parts(part("colour", "valueString", "\"x\""))), kEmpty,
         "unprocessable: operation 1 (add): Patient.contact has no element 'colour'"},
        {add("Patient", "contact", parts(part("gender", "valueCode", "\"male\"") + "," + part("gender", "valueCode", "\"male\""))), kEmpty,
         "unprocessable: operation 1 (add): 'gender' is there already and does not repeat"},
        {add("Patient", "birthDate", parts(part("value", "valueDate", "\"2020\""))), kEmpty,
         "unprocessable: operation 1 (add): Element has no element 'value'"}};
    for (const auto& [patch, resource, wanted] : kCases) EXPECT_EQ(run(patch, resource), wanted) << patch;
}

TEST(FhirpathValue, WhatHoldsNothingOrTooMuch) {
    const auto none = "invalid: operation 1 (add): the value is missing: value[x], part or resource";
    EXPECT_EQ(run(add("Patient", "name", R"({"name":"value"})")), none);
    EXPECT_EQ(run(add("Patient", "name", R"({"name":"value","valueString":"x","part":[{"name":"text","valueString":"x"}]})")),
              "invalid: operation 1 (add): a value is one of value[x], part and resource");
    EXPECT_EQ(run(add("Patient", "name", R"({"name":"value","valueString":"x","valueCode":"x"})")),
              "invalid: operation 1 (add): a part has one value[x]");
    EXPECT_EQ(run(add("Patient", "name", R"({"name":"value","part":[]})")), "invalid: operation 1 (add): 'part' is an array with elements");
    EXPECT_EQ(run(add("Patient", "name", R"({"name":"value","part":[{"valueString":"x"}]})")),
              "invalid: operation 1 (add): a part has a name");
    EXPECT_EQ(run(add("Patient", "name", R"({"name":"value","part":[1]})")), "invalid: operation 1 (add): a part has a name");
}

// R4's own examples of fhirpatch.html, in XML.
TEST(FhirpathValue, PatchesInXml) {
    const auto patch = R"(<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/>
      <part><name value="type"/><valueCode value="add"/></part><part><name value="path"/><valueString value="Patient"/></part>
      <part><name value="name"/><valueString value="contact"/></part>
      <part><name value="value"/><part><name value="name"/><valueHumanName><text value="a name"/></valueHumanName></part></part></parameter></Parameters>)";
    EXPECT_EQ(patching::patched(patch, kEmpty), R"({"resourceType":"Patient","contact":[{"name":{"text":"a name"}}]})");
    const auto index = R"(<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="operation"/>
      <part><name value="type"/><valueCode value="insert"/></part><part><name value="path"/><valueString value="Patient.identifier"/></part>
      <part><name value="index"/><valueInteger value="0"/></part><part><name value="value"/><valueIdentifier><value value="n"/></valueIdentifier></part></parameter></Parameters>)";
    EXPECT_EQ(patching::patched(index, R"({"resourceType":"Patient","identifier":[{"value":"a"}]})"),
              R"({"resourceType":"Patient","identifier":[{"value":"n"},{"value":"a"}]})");
}

}  // namespace
