// R4's invariants: every expression that is used compiles, those that were mended were really as published, and each kind bites.
#include "fhir/validate/invariants.hpp"

#include "fhir/fhirpath/fhirpath.hpp"
#include "fhir/validate/mended_invariants.hpp"
#include "tests/fhir/validate/support.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace {

using validate_test::text_of;

TEST(Invariants, EachCompiles) {
    std::size_t used = 0;
    for (const auto& constraint : definitions::all_constraints()) {
        const auto text = validate::mended_expression(constraint);
        if (text.empty()) continue;
        const auto compiled = fhirpath::compile(text);
        EXPECT_TRUE(compiled.has_value()) << constraint.key << ": " << text << ": " << compiled.error().diagnostics;
        ++used;
    }
    EXPECT_GE(used, 220u);
}

TEST(Invariants, MendedOnesAreThoseOfTheDefinitions) {
    for (const auto& mended : validate::mended_invariants()) {
        const auto all = definitions::all_constraints();
        const auto found = std::find_if(all.begin(), all.end(), [&](const auto& c) { return c.key == mended.key; });
        ASSERT_NE(found, all.end()) << mended.key;
        EXPECT_NE(found->expression, mended.expression) << mended.key << " is right in the definitions: nothing to mend";
        EXPECT_FALSE(mended.why.empty()) << mended.key;
    }
}

struct Broken {
    const char* key;
    const char* resource;
};
void PrintTo(const Broken& broken, std::ostream* out) {
    *out << broken.key;
}
class Bites : public testing::TestWithParam<Broken> {};

TEST_P(Bites, WhereItIsBroken) {
    const auto resource = json::parse(GetParam().resource);
    ASSERT_TRUE(resource.has_value());
    const auto issues = validate::validate(*resource);
    const auto told = [&](const validate::Issue& issue) { return issue.severity == validate::Severity::error && issue.diagnostics.starts_with(std::string(GetParam().key) + ":"); };
    EXPECT_EQ(std::count_if(issues.begin(), issues.end(), told), 1) << text_of(issues);
    EXPECT_EQ(std::count_if(issues.begin(), issues.end(), [](const auto& i) { return i.severity == validate::Severity::error; }), 1) << text_of(issues);
}

const Broken kBroken[] = {
    {"obs-6", R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"valueString":"x","dataAbsentReason":{"text":"y"}})"},
    {"obs-7", R"({"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://x.example","code":"a"}]},"valueString":"x","component":[{"code":{"coding":[{"system":"http://x.example","code":"a"}]},"valueString":"y"}]})"},
    {"obs-3", R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"referenceRange":[{"type":{"text":"x"}}]})"},
    {"per-1", R"({"resourceType":"Patient","name":[{"family":"x","period":{"start":"2020-02","end":"2020-01"}}]})"},
    {"pat-1", R"({"resourceType":"Patient","contact":[{"gender":"male"}]})"},
    {"cpt-2", R"({"resourceType":"Patient","telecom":[{"value":"1"}]})"},
    {"org-1", R"({"resourceType":"Organization","active":true})"},
    {"org-2", R"({"resourceType":"Organization","name":"x","address":[{"use":"home","city":"x"}]})"},
    {"app-4", R"({"resourceType":"Appointment","status":"booked","start":"2020-01-01T00:00:00Z","end":"2020-01-01T00:00:01Z","cancelationReason":{"text":"x"},"participant":[{"status":"accepted","actor":{"reference":"Patient/1"}}]})"},
    {"bdl-1", R"({"resourceType":"Bundle","type":"collection","total":1})"},
    {"bdl-3", R"({"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","active":true}}]})"},
    {"bdl-7", R"({"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://x.example/Patient/1","resource":{"resourceType":"Patient","id":"1"}},{"fullUrl":"http://x.example/Patient/1","resource":{"resourceType":"Patient","id":"1"}}]})"},
    {"bdl-8", R"({"resourceType":"Bundle","type":"history","entry":[{"fullUrl":"http://x.example/Patient/1/_history/2","request":{"method":"GET","url":"x"},"response":{"status":"200"},"resource":{"resourceType":"Patient","id":"1"}}]})"},
    {"que-12", R"({"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"a","type":"boolean"},{"linkId":"b","type":"string","enableWhen":[{"question":"a","operator":"exists","answerBoolean":true},{"question":"a","operator":"=","answerBoolean":true}]}]})"},
    {"que-7", R"({"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"a","type":"boolean"},{"linkId":"b","type":"string","enableWhen":[{"question":"a","operator":"exists","answerString":"x"}]}]})"},
    {"tim-9", R"({"resourceType":"MedicationRequest","status":"active","intent":"order","medicationCodeableConcept":{"text":"x"},"subject":{"reference":"Patient/1"},"dosageInstruction":[{"timing":{"repeat":{"offset":5,"when":["C","MORN"]}}}]})"},
    {"tim-1", R"({"resourceType":"MedicationRequest","status":"active","intent":"order","medicationCodeableConcept":{"text":"x"},"subject":{"reference":"Patient/1"},"dosageInstruction":[{"timing":{"repeat":{"duration":5}}}]})"},
    {"con-4", R"({"resourceType":"Condition","subject":{"reference":"Patient/1"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"abatementDateTime":"2020"})"},
    {"rat-1", R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"valueRatio":{"numerator":{"value":1}}})"},
    {"rng-2", R"({"resourceType":"Observation","status":"final","code":{"text":"x"},"valueRange":{"low":{"value":2,"system":"http://unitsofmeasure.org","code":"kg"},"high":{"value":1,"system":"http://unitsofmeasure.org","code":"kg"}}})"},
    {"att-1", R"({"resourceType":"Patient","photo":[{"data":"YWJj"}]})"},
    {"ppc-1", R"({"resourceType":"Consent","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"research"}]},"patient":{"reference":"Patient/1"},"category":[{"text":"x"}]})"},
    {"ctm-1", R"({"resourceType":"CareTeam","contained":[{"resourceType":"Organization","id":"o","name":"x"}],"participant":[{"member":{"reference":"#o"},"onBehalfOf":{"reference":"#o"}}]})"},
};
INSTANTIATE_TEST_SUITE_P(Keys, Bites, testing::ValuesIn(kBroken), [](const auto& info) {
    std::string name = info.param.key;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

}  // namespace
