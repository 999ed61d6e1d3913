#include "fhir/definitions/rules.hpp"

#include "fhir/definitions/definitions.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace {

using namespace definitions;

const Element& child(std::string_view of, std::string_view name) {
    return *element(*group(of), name);
}

TEST(Rules, InvariantsStandAtTheirPlace) {
    EXPECT_EQ(all_constraints().size(), 238u);  // 240 distinct ones without ele-1 and ext-1
    const auto has = [](std::span<const Constraint* const> list, std::string_view key) {
        return std::any_of(list.begin(), list.end(), [&](const auto* c) { return c->key == key; });
    };
    EXPECT_TRUE(has(constraints(*group("Observation")), "obs-6"));
    EXPECT_TRUE(has(constraints(*group("Observation")), "dom-3"));
    EXPECT_TRUE(has(constraints(*group("Period")), "per-1"));
    // Of a backbone element that stands in several places, at the group they share.
    EXPECT_TRUE(has(constraints(*group("Questionnaire.item")), "que-1"));
    EXPECT_TRUE(has(rules(child("Organization", "address")).constraints, "org-2"));
    EXPECT_TRUE(constraints(*group("HumanName")).empty());
}

TEST(Rules, BindingsNameTheirValueSets) {
    const auto& gender = rules(child("Patient", "gender"));
    ASSERT_EQ(gender.strength, Strength::required);
    ASSERT_NE(gender.value_set, nullptr);
    EXPECT_EQ(gender.value_set->url, "http://hl7.org/fhir/ValueSet/administrative-gender");
    EXPECT_TRUE(gender.value_set->complete);
    EXPECT_EQ(gender.value_set->codes.size(), 4u);
    EXPECT_TRUE(gender.value_set->has("male"));
    EXPECT_TRUE(gender.value_set->has("male", "http://hl7.org/fhir/administrative-gender"));
    EXPECT_FALSE(gender.value_set->has("male", "http://x.example"));
    EXPECT_FALSE(gender.value_set->has("m"));
    EXPECT_EQ(rules(child("Observation", "code")).value_set, nullptr);  // an example binding binds nobody
    EXPECT_FALSE(value_set("http://hl7.org/fhir/ValueSet/mimetypes")->complete);
    EXPECT_EQ(value_set("http://hl7.org/fhir/ValueSet/nothing"), nullptr);
}

TEST(Rules, EveryRequiredBindingButFourIsEnumerated) {
    std::vector<std::string_view> open;
    std::size_t required = 0;
    for (const auto type : resource_types()) {
        for (const auto& element : group(type)->elements) {
            const auto& rule = rules(element);
            if (rule.strength != Strength::required) continue;
            ++required;
            if (!rule.value_set->complete && std::find(open.begin(), open.end(), rule.value_set->url) == open.end()) open.push_back(rule.value_set->url);
        }
    }
    EXPECT_GT(required, 150u);
    EXPECT_LE(open.size(), 4u);
}

TEST(Rules, ReferencesKnowTheirTargets) {
    const auto subject = rules(child("Observation", "subject")).targets;
    EXPECT_EQ(std::vector<std::string_view>(subject.begin(), subject.end()), (std::vector<std::string_view>{"Device", "Group", "Location", "Patient"}));
    EXPECT_TRUE(rules(child("Observation", "focus")).targets.empty());  // any
    EXPECT_TRUE(rules(child("Patient", "modifierExtension")).modifier);
    EXPECT_FALSE(rules(child("Patient", "name")).modifier);
    EXPECT_TRUE(rules(child("Patient", "name")).summary);
}

TEST(Rules, ExtensionsOfHl7) {
    const auto* race = extension_definition("http://hl7.org/fhir/StructureDefinition/patient-animal");
    ASSERT_NE(race, nullptr);
    EXPECT_EQ(race->contexts.size(), 1u);
    EXPECT_EQ(race->contexts[0], "Patient");
    EXPECT_EQ(race->parts.size(), 3u);
    EXPECT_TRUE(race->types.empty());
    EXPECT_EQ(extension_definition("http://x.example/extension"), nullptr);
}

// The walk keeps one bit for each element of a group.
TEST(Rules, NoGroupHasMoreThan64Elements) {
    for (const auto type : resource_types()) EXPECT_LE(group(type)->elements.size(), 64u) << type;
}

}  // namespace
