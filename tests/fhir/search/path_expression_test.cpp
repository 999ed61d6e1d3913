#include "fhir/search/path_expression.hpp"

#include "fhir/definitions/definitions.hpp"

#include <map>
#include <set>

#include <gtest/gtest.h>

namespace {

using search::PathExpression;

// What the expression gives on the resource, as "type=json" for each node.
std::vector<std::string> values(std::string_view expression, std::string_view text) {
    const auto resource = *json::parse(text);
    const auto path = PathExpression::compile(expression, resource.text("resourceType"));
    if (!path) return {"error: " + path.error().diagnostics};
    std::vector<search::Node> nodes;
    path->evaluate(resource, nodes);
    std::vector<std::string> out;
    for (const auto& node : nodes) out.push_back(std::string(node.type) + "=" + json::write(*node.value));
    return out;
}
using V = std::vector<std::string>;

TEST(PathExpression, PathsAndUnions) {
    const auto* patient = R"({"resourceType":"Patient","name":[{"family":"A","given":["B",null,"C"]},{"family":"D"}],"active":true})";
    EXPECT_EQ(values("Patient.name.given", patient), (V{R"(string="B")", R"(string="C")"}));
    EXPECT_EQ(values("Patient.name.family | Patient.active", patient), (V{R"(string="A")", R"(string="D")", "boolean=true"}));
    EXPECT_EQ(values("Observation.code | Patient.active | Practitioner.active", patient), V{"boolean=true"});
    EXPECT_EQ(values("Patient.name[1].family", patient), V{R"(string="D")"});
    EXPECT_EQ(values("Patient.name[5].family", patient), V{});
    EXPECT_EQ(values("name | alias", R"({"resourceType":"InsurancePlan","name":"n","alias":["a"]})"),
              (V{R"(string="n")", R"(string="a")"}));
    EXPECT_EQ(values("Resource.meta.profile", R"({"resourceType":"Basic","meta":{"profile":["http://p"]}})"), V{R"(canonical="http://p")"});
}

TEST(PathExpression, Choices) {
    const auto* quantity = R"({"resourceType":"Observation","valueQuantity":{"value":1.10}})";
    const auto* text = R"({"resourceType":"Observation","valueString":"x"})";
    EXPECT_EQ(values("Observation.value", quantity), V{R"(Quantity={"value":1.10})"});
    EXPECT_EQ(values("(Observation.value as Quantity) | (Observation.value as string)", quantity), V{R"(Quantity={"value":1.10})"});
    EXPECT_EQ(values("(Observation.value as Quantity)", text), V{});
    EXPECT_EQ(values("Observation.value.as(string)", text), V{R"(string="x")"});
    EXPECT_EQ(values("Observation.value.ofType(string)", text), V{R"(string="x")"});
    EXPECT_EQ(values("Observation.value as string", text), V{R"(string="x")"});
    EXPECT_EQ(
        values("(Observation.value as CodeableConcept).text", R"({"resourceType":"Observation","valueCodeableConcept":{"text":"t"}})"),
        V{R"(string="t")"});
    EXPECT_EQ(values("(Observation.value as CodeableConcept).text", text), V{});
}

TEST(PathExpression, Filters) {
    const auto with = [](std::string subject) {
        return R"({"resourceType":"Observation","contained":[{"resourceType":"Patient","id":"p"}],"subject":)" + subject + "}";
    };
    const auto* expression = "Observation.subject.where(resolve() is Patient)";
    for (const auto* yes : {R"({"reference":"Patient/1"})", R"({"reference":"http://x.org/Patient/1/_history/2"})", R"({"reference":"#p"})",
                            R"({"type":"Patient","identifier":{"value":"1"}})", R"({"reference":"urn:uuid:1","type":"Patient"})"}) {
        EXPECT_EQ(values(expression, with(yes)), V{"Reference=" + std::string(yes)});
    }
    for (const auto* no : {R"({"reference":"Group/1"})", R"({"reference":"#q"})", R"({"reference":"#"})", R"({"reference":"urn:uuid:1"})",
                           R"({"display":"x"})", R"({"reference":"Group/1","type":"Patient"})"}) {
        EXPECT_EQ(values(expression, with(no)), V{}) << no;
    }
    EXPECT_EQ(values("Patient.telecom.where(system='phone')",
                     R"({"resourceType":"Patient","telecom":[{"system":"email","value":"a"},{"system":"phone","value":"b"}]})"),
              V{R"(ContactPoint={"system":"phone","value":"b"})"});
}

TEST(PathExpression, Deceased) {
    const auto* expression = "Patient.deceased.exists() and Patient.deceased != false";
    EXPECT_EQ(values(expression, R"({"resourceType":"Patient"})"), V{"boolean=false"});
    EXPECT_EQ(values(expression, R"({"resourceType":"Patient","deceasedBoolean":false})"), V{"boolean=false"});
    EXPECT_EQ(values(expression, R"({"resourceType":"Patient","deceasedBoolean":true})"), V{"boolean=true"});
    EXPECT_EQ(values(expression, R"({"resourceType":"Patient","deceasedDateTime":"2020"})"), V{"boolean=true"});
}

TEST(PathExpression, WhatItDoesNotKnowIsRefused) {
    using base::Kind;
    const std::pair<const char*, Kind> cases[] = {{"Patient.nothing", Kind::not_supported},
                                                  {"Patient.name.first()", Kind::not_supported},
                                                  {"Patient.active |", Kind::not_supported},
                                                  {"(Patient.active", Kind::not_supported},
                                                  {"", Kind::not_supported},
                                                  {"Patient.active and Patient.gender", Kind::not_supported},
                                                  {"Patient.name.where(use = official)", Kind::not_supported},
                                                  {"Patient.deceased.as(Quantity)", Kind::not_supported},
                                                  {"Patient.name[x]", Kind::not_supported},
                                                  {"Patient.name.where(use='x", Kind::not_supported},
                                                  {"Observation.code", Kind::not_found},
                                                  {"Patient.name + 1", Kind::not_supported},
                                                  {"Patient.link.other.where(resolve() is Nothing)", Kind::not_supported}};
    for (const auto& [expression, kind] : cases) {
        const auto path = PathExpression::compile(expression, "Patient");
        ASSERT_FALSE(path.has_value()) << expression;
        EXPECT_EQ(path.error().kind, kind) << expression;
    }
    EXPECT_FALSE(PathExpression::compile("Patient.name", "Nothing").has_value());
}

// Every expression of R4 compiles for every one of its base types; what does not is named here, so that none is lost unseen.
TEST(PathExpression, CompilesAllOfR4) {
    const std::set<std::string> known_gaps{};
    std::set<std::string> gaps;
    std::size_t compiled = 0;
    for (const auto type : definitions::resource_types()) {
        for (const auto base : {type, std::string_view("Resource")}) {
            for (const auto& parameter : definitions::search_parameters(base)) {
                if (parameter.expression.empty()) continue;
                const auto path = PathExpression::compile(parameter.expression, type);
                if (path) {
                    ++compiled;
                    EXPECT_FALSE(path->result_types().empty()) << type << ' ' << parameter.code;
                } else {
                    gaps.insert(std::string(type) + "." + std::string(parameter.code));
                    ADD_FAILURE() << type << '.' << parameter.code << ": " << path.error().diagnostics << " in "
                                  << parameter.expression.substr(0, 200);
                }
            }
        }
    }
    EXPECT_EQ(gaps, known_gaps);
    EXPECT_GE(compiled, 1697u + 6 * 146);
}

}  // namespace
