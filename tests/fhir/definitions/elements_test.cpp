#include "fhir/definitions/elements.hpp"

#include "fhir/definitions/definitions.hpp"

#include <gtest/gtest.h>

namespace {

using namespace definitions;

TEST(Elements, EveryResourceTypeHasItsGroup) {
    std::size_t elements = 0;
    for (const auto type : resource_types()) {
        const auto* found = group(type);
        ASSERT_NE(found, nullptr) << type;
        EXPECT_EQ(found->name, type);
        ASSERT_NE(element(*found, "id"), nullptr) << type;
        EXPECT_EQ(element(*found, "id")->types[0].code, "id") << type;
        elements += found->elements.size();
    }
    EXPECT_GT(elements, 3000u);
    EXPECT_EQ(group("string"), nullptr);
    EXPECT_EQ(group("Nothing"), nullptr);
}

TEST(Elements, ChoicesAreFoundByTheirJsonName) {
    const auto& observation = *group("Observation");
    const auto quantity = member(observation, "valueQuantity");
    ASSERT_TRUE(quantity);
    EXPECT_EQ(quantity.element->name, "value");
    EXPECT_EQ(quantity.type->code, "Quantity");
    EXPECT_EQ(quantity.type->group(), group("Quantity"));
    EXPECT_EQ(member(observation, "valueDateTime").type->code, "dateTime");
    EXPECT_FALSE(member(observation, "value"));
    EXPECT_FALSE(member(observation, "valuequantity"));
    EXPECT_FALSE(member(observation, "valueMoney"));
    EXPECT_FALSE(member(observation, "_valueString"));
    EXPECT_TRUE(element(observation, "value")->choice);
}

TEST(Elements, BackboneAndContentReference) {
    const auto component = member(*group("Observation"), "component");
    ASSERT_TRUE(component);
    EXPECT_TRUE(component.element->many);
    EXPECT_EQ(component.type->code, "Observation.component");
    ASSERT_NE(component.type->group(), nullptr);
    // Observation.component.referenceRange says "as Observation.referenceRange".
    EXPECT_EQ(member(*component.type->group(), "referenceRange").type->group(), group("Observation.referenceRange"));
    EXPECT_EQ(member(*group("Questionnaire.item"), "item").type->group(), group("Questionnaire.item"));
}

TEST(Elements, SystemTypesHaveTheirFhirType) {
    EXPECT_EQ(member(*group("Extension"), "url").type->code, "uri");
    EXPECT_EQ(member(*group("HumanName"), "id").type->code, "string");
    EXPECT_EQ(member(*group("Patient"), "contained").type->code, "Resource");
    EXPECT_TRUE(element(*group("Observation"), "status")->required);
}

}  // namespace
