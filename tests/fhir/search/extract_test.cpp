#include "fhir/search/extract.hpp"

#include "fhir/codec/links.hpp"
#include "fhir/codec/resource.hpp"
#include "fhir/definitions/definitions.hpp"
#include "tests/fhir/search/support.hpp"

#include <map>
#include <set>

namespace {

using Texts = std::vector<std::string>;

search::Extraction extracted(std::string_view text) {
    const auto out = search::extract(*json::parse(text), {"http://127.0.0.1/fhir", "Organization/7"});
    EXPECT_TRUE(out.has_value()) << text;
    return out ? *out : search::Extraction{};
}
Texts rows(const search::Extraction& extraction) {
    Texts out;
    for (const auto& row : extraction.index) {
        out.push_back(row.param + (row.kind == store::IndexEntry::Kind::token ? "=" : "->") + row.system + "|" + row.value +
                      (row.direct_identifier ? "!" : ""));
    }
    return out;
}

TEST(Extract, RefusesWhatItCannotPlace) {
    for (const auto* bad : {R"({"id":"1"})", R"({"resourceType":"Nothing","id":"1"})", R"({"resourceType":"Patient"})",
                            R"({"resourceType":"Patient","id":"a b"})", "[]"}) {
        const auto out = search::extract(*json::parse(bad), {});
        ASSERT_FALSE(out.has_value()) << bad;
        EXPECT_EQ(out.error().kind, base::Kind::invalid);
    }
}

TEST(Extract, APatientBelongsToItself) {
    const auto out =
        extracted(R"({"resourceType":"Patient","id":"1","identifier":[{"system":"urn:s","value":"A"},{"value":"B"},{"system":"only"}],
      "link":[{"other":{"reference":"Patient/2"}},{"other":{"reference":"RelatedPerson/3"}}],"birthDate":"1970-01-01",
      "generalPractitioner":[{"reference":"Practitioner/4"}]})");
    EXPECT_EQ(out.patient, "1");
    EXPECT_EQ(out.patients, (Texts{"1", "2"}));
    EXPECT_EQ(rows(out), (Texts{"identifier=urn:s|A!", "identifier=|B!"}));
    EXPECT_EQ(out.facts.patients, out.patients);
    EXPECT_EQ(out.facts.owner_org, "Organization/7");
    EXPECT_EQ(out.facts.references, (Texts{"Patient/2", "RelatedPerson/3", "Practitioner/4"}));
    EXPECT_FALSE(out.facts.has_clinical_time);
}

TEST(Extract, AnObservation) {
    const auto out = extracted(R"({"resourceType":"Observation","id":"o","meta":{"profile":["http://p"],"source":"Organization/9#x",
        "security":[{"system":"http://c","code":"R"}]},
      "category":[{"coding":[{"system":"http://cat","code":"lab"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"1"},{"display":"no code"}]},
      "component":[{"code":{"coding":[{"system":"http://loinc.org","code":"2"}]}}],"valueCodeableConcept":{"coding":[{"code":"not-own"}]},
      "subject":{"reference":"http://127.0.0.1/fhir/Patient/1/_history/3"},"performer":[{"reference":"Practitioner/2"},{"reference":"Practitioner/2"}],
      "effectivePeriod":{"start":"2020-01-01","end":"2020-01-02"},"issued":"2021-01-01T00:00:00Z"})");
    EXPECT_EQ(out.patient, "1");
    EXPECT_EQ(out.facts.authors, (Texts{"Practitioner/2", "Organization/9"}));
    EXPECT_EQ(out.facts.codes, (Texts{"http://loinc.org|1", "http://cat|lab", "http://loinc.org|2"}));
    EXPECT_EQ(out.facts.labels, Texts{"http://c|R"});
    EXPECT_EQ(out.facts.profiles, Texts{"http://p"});
    EXPECT_EQ(out.facts.references, (Texts{"Patient/1", "Practitioner/2"}));
    EXPECT_TRUE(out.facts.has_clinical_time);
    EXPECT_EQ(base::format_instant(out.facts.clinical_low), "2020-01-01T00:00:00.000Z");
    EXPECT_EQ(base::format_instant(out.facts.clinical_high), "2020-01-03T00:00:00.000Z");
    EXPECT_EQ(rows(out), (Texts{"patient->Patient|1", "subject->Patient|1"}));
}

TEST(Extract, SeveralPatientsHaveNoOneKey) {
    const auto group =
        extracted(R"({"resourceType":"Group","id":"g","member":[{"entity":{"reference":"Patient/1"}},{"entity":{"reference":"Patient/2"}},
      {"entity":{"reference":"Practitioner/3"}}]})");
    EXPECT_EQ(group.patient, "");
    EXPECT_EQ(group.patients, (Texts{"1", "2"}));
    // A patient who performed an observation on another has it in the compartment too.
    const auto observation =
        extracted(R"({"resourceType":"Observation","id":"o","subject":{"reference":"Patient/1"},"performer":[{"reference":"Patient/2"}]})");
    EXPECT_EQ(observation.patient, "");
    EXPECT_EQ(observation.patients, (Texts{"1", "2"}));
}

TEST(Extract, Compartments) {
    const std::pair<const char*, const char*> of_patient_1[] = {
        {"RelatedPerson", R"("patient":{"reference":"Patient/1"})"},
        {"Consent", R"("patient":{"reference":"Patient/1"})"},
        {"Encounter", R"("subject":{"reference":"Patient/1"})"},
        {"AuditEvent", R"("entity":[{"what":{"reference":"Patient/1"}}],"agent":[{"who":{"reference":"Practitioner/1"}}])"},
        {"AuditEvent", R"("agent":[{"who":{"reference":"Patient/1"}}])"},
        {"Provenance", R"("target":[{"reference":"Patient/1"},{"reference":"Observation/1"}])"},
        {"Appointment", R"("participant":[{"actor":{"reference":"Patient/1"}},{"actor":{"reference":"Location/1"}}])"},
        {"Immunization", R"("patient":{"reference":"Patient/1"})"},
        {"Claim", R"("patient":{"reference":"Patient/1"})"},
        {"Coverage", R"("beneficiary":{"reference":"Patient/1"})"},
        {"DocumentReference", R"("subject":{"reference":"Patient/1"})"}};
    for (const auto& [type, members] : of_patient_1) {
        const auto out = extracted(std::string(R"({"resourceType":")") + type + R"(","id":"x",)" + members + "}");
        EXPECT_EQ(out.patient, "1") << type;
    }
    for (const auto* none :
         {R"({"resourceType":"Organization","id":"1"})", R"({"resourceType":"Observation","id":"1","subject":{"reference":"Group/1"}})",
          R"({"resourceType":"Observation","id":"1","subject":{"reference":"http://other/Patient/1"}})",
          R"({"resourceType":"Observation","id":"1","subject":{"reference":"#p"},"contained":[{"resourceType":"Patient","id":"p"}]})"}) {
        EXPECT_EQ(extracted(none).patients, Texts{}) << none;
    }
}

TEST(Extract, CodesOfContainedMedication) {
    const auto out = extracted(R"({"resourceType":"MedicationRequest","id":"1","contained":[{"resourceType":"Medication","id":"m",
      "code":{"coding":[{"system":"http://rx","code":"5"}]}}],"medicationReference":{"reference":"#m"},"subject":{"reference":"Patient/1"}})");
    EXPECT_EQ(out.facts.codes, Texts{"http://rx|5"});
}

TEST(Extract, ClinicalTimes) {
    const auto low = [](std::string_view text) {
        const auto out = extracted(text);
        return out.facts.has_clinical_time ? base::format_instant(out.facts.clinical_low) : std::string("none");
    };
    EXPECT_EQ(low(R"({"resourceType":"Condition","id":"1","onsetAge":{"value":5},"recordedDate":"2001"})"), "2001-01-01T00:00:00.000Z");
    EXPECT_EQ(low(R"({"resourceType":"Condition","id":"1","onsetDateTime":"2000-02","recordedDate":"2001"})"), "2000-02-01T00:00:00.000Z");
    EXPECT_EQ(low(R"({"resourceType":"Condition","id":"1","onsetDateTime":"nonsense"})"), "none");
    EXPECT_EQ(low(R"({"resourceType":"MedicationRequest","id":"1","authoredOn":"2003-01-01"})"), "2003-01-01T00:00:00.000Z");
    EXPECT_EQ(low(R"({"resourceType":"ServiceRequest","id":"1","occurrenceTiming":{"event":["2004-01-02","2004-01-01"]}})"),
              "2004-01-01T00:00:00.000Z");
    const auto open = extracted(R"({"resourceType":"Encounter","id":"1","period":{"start":"2005"}})");
    EXPECT_EQ(open.facts.clinical_high, INT64_MAX);
    const auto appointment =
        extracted(R"({"resourceType":"Appointment","id":"1","start":"2020-01-01T10:00:00Z","end":"2020-01-01T11:00:00Z"})");
    EXPECT_EQ(base::format_instant(appointment.facts.clinical_high), "2020-01-01T11:00:01.000Z");
}

TEST(Extract, NeverFailsOnHl7sExamples) {
    auto examples = read_all("r4-examples/json");
    if (examples.empty()) GTEST_SKIP() << support::test_data("r4-examples/json").skip;
    std::set<std::string_view> types;
    std::size_t with_patient = 0, with_time = 0, entries = 0;
    for (auto& example : examples) {
        if (codec::id(example).empty()) codec::set_id(example, "given");  // Parameters has none
        const auto out = search::extract(example, {"http://127.0.0.1/fhir", {}});
        ASSERT_TRUE(out.has_value()) << codec::resource_type(example) << '/' << codec::id(example);
        types.insert(codec::resource_type(example));
        with_patient += !out->patient.empty();
        with_time += out->facts.has_clinical_time;
        entries += out->index.size();
    }
    EXPECT_GE(examples.size(), 300u);
    EXPECT_GE(types.size(), 140u);
    EXPECT_GE(with_patient, 110u);
    EXPECT_GE(with_time, 120u);
    EXPECT_GE(entries, 300u);
}

TEST(Extract, SyntheaPatientsOwnTheirRecords) {
    const auto bundles = read_all("synthea/transactions");
    if (bundles.empty()) GTEST_SKIP() << support::test_data("synthea/transactions").skip;
    std::map<std::string, std::size_t> owned;
    for (const auto& bundle : bundles) {
        codec::LinkMap links;
        for (const auto& entry : *bundle.find("entry")->if_array()) {
            const auto& resource = *entry.find("resource");
            links[std::string(entry.text("fullUrl"))] = {
                std::string(codec::resource_type(resource)) + "/" + std::string(codec::id(resource)), "1"};
        }
        std::string patient;
        for (const auto& entry : *bundle.find("entry")->if_array()) {
            auto resource = *entry.find("resource");
            codec::rewrite_links(resource, links, entry.text("fullUrl"));
            const auto out = search::extract(resource, {"http://127.0.0.1/fhir", {}});
            ASSERT_TRUE(out.has_value());
            const auto& type = out->facts.type;
            if (type == "Patient") patient = out->facts.id;
            // All that a patient's transaction holds is the patient's own, but for what describes places, people and drugs.
            const bool own = !patient.empty() && type != "Medication" && type != "Organization" && type != "Practitioner" &&
                             type != "PractitionerRole" && type != "Location";
            EXPECT_EQ(out->patient, own ? patient : "") << type;
            if (own) ++owned[type];
            if (type != "Observation" && type != "Condition" && type != "Procedure") continue;
            EXPECT_FALSE(out->facts.codes.empty()) << type;
            EXPECT_TRUE(out->facts.has_clinical_time) << type;
        }
    }
    EXPECT_EQ(owned["Patient"], 10u);
    EXPECT_GE(owned["Observation"], 500u);
    EXPECT_GE(owned["Claim"], 200u);
    EXPECT_GE(owned["Provenance"], 10u);
}

}  // namespace
