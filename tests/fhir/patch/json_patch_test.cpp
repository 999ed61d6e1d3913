// JSON Patch on resources: decimals, numbers by value, what is left empty, and each error.
#include "tests/fhir/patch/patching.hpp"

using patching::apply;
using patching::patched;
using patching::tree;

namespace {

constexpr auto kPatient =
    R"({"resourceType":"Patient","id":"1","active":true,"name":[{"family":"A","given":["x","y"]}],"telecom":[{"value":"1"}]})";
constexpr auto kObservation = R"({"resourceType":"Observation","valueQuantity":{"value":1.10,"unit":"mg"}})";

TEST(JsonPatch, AllSixOperations) {
    EXPECT_EQ(patched(R"([{"op":"test","path":"/active","value":true},{"op":"add","path":"/name/0/given/1","value":"z"},
                          {"op":"replace","path":"/active","value":false},{"op":"remove","path":"/telecom/0/value"},
                          {"op":"copy","from":"/name/0","path":"/name/-"},{"op":"move","from":"/name/0/family","path":"/name/1/text"}])",
                      kPatient),
              R"({"resourceType":"Patient","id":"1","active":false,"name":[{"given":["x","z","y"]},)"
              R"({"family":"A","given":["x","z","y"],"text":"A"}]})");
}

TEST(JsonPatch, DecimalsStayAsTheyWereWritten) {
    EXPECT_EQ(patched(R"([{"op":"add","path":"/referenceRange","value":[{"low":{"value":0.500}}]}])", kObservation),
              R"({"resourceType":"Observation","valueQuantity":{"value":1.10,"unit":"mg"},"referenceRange":[{"low":{"value":0.500}}]})");
}

TEST(JsonPatch, TestComparesNumbersByValue) {
    const auto tests = [](std::string_view number) {
        return patched(R"([{"op":"test","path":"/valueQuantity/value","value":)" + std::string(number) + "}]", kObservation).front() == '{';
    };
    for (const auto* same : {"1.1", "1.10", "11e-1", "0.11E+1", "1.100", "110e-2"}) EXPECT_TRUE(tests(same)) << same;
    for (const auto* other : {"1.01", "-1.1", "11", "1.1e1", "1.1e999999999999999999", "\"1.1\""}) EXPECT_FALSE(tests(other)) << other;
    EXPECT_EQ(patched(R"([{"op":"test","path":"/a","value":-0.0}])", R"({"resourceType":"Basic","a":0})").front(), '{');
    EXPECT_EQ(patched(R"([{"op":"test","path":"/a","value":0}])", R"({"resourceType":"Basic","a":0e99999999999999999999})").front(), '{');
}

TEST(JsonPatch, TestDoesNotMindTheOrderOfMembers) {
    EXPECT_EQ(patched(R"([{"op":"test","path":"/valueQuantity","value":{"unit":"mg","value":1.1}}])", kObservation), kObservation);
}

TEST(JsonPatch, WhatItLeavesEmptyIsTakenOut) {
    EXPECT_EQ(
        patched(R"([{"op":"remove","path":"/telecom/0"},{"op":"remove","path":"/name/0/given"},{"op":"remove","path":"/name/0/family"}])",
                kPatient),
        R"({"resourceType":"Patient","id":"1","active":true})");
    // Both halves of a primitive go together.
    EXPECT_EQ(patched(R"([{"op":"remove","path":"/name/0/_given/1/id"}])",
                      R"({"resourceType":"Patient","name":[{"given":["x",null],"_given":[null,{"id":"i"}]}]})"),
              R"({"resourceType":"Patient","name":[{"given":["x"]}]})");
}

TEST(JsonPatch, AFailureNamesOperationOpAndPath) {
    const auto out = apply(R"([{"op":"replace","path":"/active","value":false},{"op":"remove","path":"/name/7"}])", tree(kPatient));
    ASSERT_FALSE(out.has_value());
    EXPECT_EQ(out.error().kind, base::Kind::unprocessable);
    EXPECT_EQ(out.error().diagnostics, "operation 2 (remove): nothing stands there");
    EXPECT_EQ(out.error().expression, std::vector<std::string>{"/name/7"});
    EXPECT_EQ(out.error().issue, "not-found");
}

TEST(JsonPatch, ApplyingErrors) {
    const std::pair<const char*, const char*> kCases[] = {
        {R"([{"op":"test","path":"/active","value":false}])",
         "unprocessable: operation 1 (test): the test failed: another value stands there"},
        {R"([{"op":"test","path":"/gender","value":"male"}])", "unprocessable: operation 1 (test): nothing stands there to be tested"},
        {R"([{"op":"add","path":"/a/b","value":1}])",
         "unprocessable: operation 1 (add): there is nothing that could hold it: what the path names before its last part is not there"},
        {R"([{"op":"add","path":"/active/b","value":1}])",
         "unprocessable: operation 1 (add): neither an object nor an array stands above it"},
        {R"([{"op":"add","path":"/name/01","value":{}}])",
         "unprocessable: operation 1 (add): an array is reached by an index without leading zeros, or by '-' for its end"},
        {R"([{"op":"add","path":"/name/2","value":{}}])",
         "unprocessable: operation 1 (add): the index is behind the array's end: it has 1 elements"},
        {R"([{"op":"replace","path":"/name/1","value":{}}])", "unprocessable: operation 1 (replace): nothing stands there"},
        {R"([{"op":"copy","from":"/x","path":"/y"}])", "unprocessable: operation 1 (copy): nothing stands at 'from'"},
        {R"([{"op":"move","from":"/x","path":"/y"}])", "unprocessable: operation 1 (move): nothing stands at 'from'"},
        {R"([{"op":"move","from":"/x","path":"/x"}])", "unprocessable: operation 1 (move): nothing stands there"},
        {R"([{"op":"remove","path":""}])", "unprocessable: operation 1 (remove): the document itself cannot be taken away"},
        {R"([{"op":"replace","path":"","value":[]}])", "unprocessable: the patch makes something else than a Patient of it"},
        {R"([{"op":"replace","path":"/resourceType","value":"Person"}])",
         "unprocessable: the patch makes something else than a Patient of it"}};
    for (const auto& [patch, wanted] : kCases) EXPECT_EQ(patched(patch, kPatient), wanted) << patch;
}

TEST(JsonPatch, MalformedPatches) {
    const std::pair<const char*, const char*> kCases[] = {
        {R"([1])", "invalid: operation 1: an operation is an object"},
        {R"([{"path":"/a"}])", "invalid: operation 1: the member 'op' is missing"},
        {R"([{"op":"spam","path":"/a"}])", "invalid: operation 1: 'op' is none of add, remove, replace, move, copy, test"},
        {R"([{"op":"add","value":1}])", "invalid: operation 1 (add): the member 'path' is missing"},
        {R"([{"op":"add","path":null,"value":1}])", "invalid: operation 1 (add): the member 'path' is no string"},
        {R"([{"op":"add","path":"a","value":1}])", "invalid: operation 1 (add): 'path': a JSON pointer begins with a slash"},
        {R"([{"op":"add","path":"/~2","value":1}])", "invalid: operation 1 (add): 'path': in a JSON pointer '~' stands only as ~0 or ~1"},
        {R"([{"op":"add","path":"/~","value":1}])", "invalid: operation 1 (add): 'path': in a JSON pointer '~' stands only as ~0 or ~1"},
        {R"([{"op":"add","path":"/a"}])", "invalid: operation 1 (add): the member 'value' is missing (null is a value too)"},
        {R"([{"op":"copy","path":"/a"}])", "invalid: operation 1 (copy): the member 'from' is missing"},
        {R"([{"op":"move","from":"/a","path":"/a/b"}])",
         "invalid: operation 1 (move): 'from' lies above 'path': nothing can move into itself"}};
    for (const auto& [patch, wanted] : kCases) EXPECT_EQ(patched(patch, kPatient), wanted) << patch;
    const auto no_array = patch::parse(patch::kMediaTypes[0], R"({"op":"add"})");
    ASSERT_FALSE(no_array.has_value());
    EXPECT_EQ(no_array.error().diagnostics, "a JSON Patch is an array of operations");
    EXPECT_FALSE(patch::parse(patch::kMediaTypes[0], "[").has_value());
}

}  // namespace
