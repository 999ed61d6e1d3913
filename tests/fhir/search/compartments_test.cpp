#include "fhir/search/compartments.hpp"

#include "fhir/codec/resource.hpp"
#include "fhir/search/extract.hpp"
#include "fhir/search/parse_query.hpp"
#include "tests/fhir/search/support.hpp"

#include <algorithm>

namespace {

using Ids = std::vector<std::string>;

std::optional<Ids> narrowed(std::string type, search::Pairs pairs) {
    search::QueryContext context;
    context.type = std::move(type);
    const auto out = search::parse_query(pairs, context);
    EXPECT_TRUE(out.has_value());
    return out ? out->query.only_patients : std::nullopt;
}

TEST(PatientsNamed, WhenTheCriteriaSaySo) {
    EXPECT_EQ(narrowed("Observation", {{"patient", "1"}}), (Ids{"1"}));
    EXPECT_EQ(narrowed("Observation", {{"subject", "Patient/1,Patient/2"}}), (Ids{"1", "2"}));
    EXPECT_EQ(narrowed("Observation", {{"subject", "Patient/1,Patient/2"}, {"patient", "2,3"}}), (Ids{"2"}));
    EXPECT_EQ(narrowed("Patient", {{"_id", "1"}}), (Ids{"1"}));
    EXPECT_EQ(narrowed("Task", {{"patient", "1"}}), (Ids{"1"}));
    EXPECT_EQ(narrowed("Coverage", {{"patient", "1"}}), (Ids{"1"}));
}

TEST(PatientsNamed, NotWhenOthersCouldMatch) {
    EXPECT_EQ(narrowed("Observation", {}), std::nullopt);
    EXPECT_EQ(narrowed("Observation", {{"subject", "1"}}), std::nullopt);
    EXPECT_EQ(narrowed("Observation", {{"subject", "Patient/1,Group/2"}}), std::nullopt);
    EXPECT_EQ(narrowed("Observation", {{"subject", "http://other/Patient/1"}}), std::nullopt);
    EXPECT_EQ(narrowed("Observation", {{"_id", "1"}}), std::nullopt);
    EXPECT_EQ(narrowed("MedicinalProductIndication", {{"subject", "Medication/1"}}), std::nullopt);
}

TEST(PatientsNamed, TypesThatR4sCompartmentLeavesOut) {
    for (const auto* type : {"Contract", "Device", "GuidanceResponse", "Task", "Observation", "Patient", "AuditEvent"}) {
        EXPECT_TRUE(search::in_patient_compartment(type)) << type;
    }
    for (const auto* type : {"Organization", "Medication", "ValueSet", "Practitioner", "Nothing"})
        EXPECT_FALSE(search::in_patient_compartment(type)) << type;
    const auto task = search::extract(*json::parse(R"({"resourceType":"Task","id":"t","for":{"reference":"Patient/1"}})"), {});
    ASSERT_TRUE(task.has_value());
    EXPECT_EQ(task->patient, "1");
}

// The narrowing must never lose a match: whatever a row of `patient` or `subject` finds lies with the patient it names.
TEST(PatientsNamed, HoldsForEveryIndexRowOfTheExamples) {
    auto examples = read_all("r4-examples/json");
    if (examples.empty()) GTEST_SKIP() << support::test_data("r4-examples/json").skip;
    std::size_t rows = 0;
    for (auto& example : examples) {
        if (codec::id(example).empty()) codec::set_id(example, "given");
        const auto out = search::extract(example, {});
        ASSERT_TRUE(out.has_value());
        for (const auto& row : out->index) {
            if (row.system != "Patient" || !narrowed(out->facts.type, {{row.param, "Patient/" + row.value}})) continue;
            EXPECT_NE(std::find(out->patients.begin(), out->patients.end(), row.value), out->patients.end())
                << out->facts.type << ' ' << row.param;
            ++rows;
        }
    }
    EXPECT_GE(rows, 190u);
}

}  // namespace
