// Profiles given at run time: US Core's own examples meet US Core, and what breaks a profile is told.
#include "fhir/validate/profiles.hpp"

#include "tests/fhir/validate/support.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <gtest/gtest.h>

#include "fhir/definitions/canonicals.hpp"

namespace {

using validate_test::text_of;

const std::string kUsCore = "http://hl7.org/fhir/us/core/StructureDefinition/";

class UsCore : public testing::Test {
  protected:
    void SetUp() override {
        const auto data = support::test_data("us-core/hl7.fhir.us.core-6.1.0.tgz");
        if (!data.path) GTEST_SKIP() << data.skip;
        static const validate::Profiles* const kLoaded = [&] {
            auto* out = new validate::Profiles;
            const auto loaded = out->load(data.path->string());
            EXPECT_TRUE(loaded.has_value()) << loaded.error().diagnostics;
            return out;
        }();
        profiles_ = kLoaded;
        ASSERT_GE(profiles_->size(), 59u);
    }

    validate::Issues errors(const char* text, const std::string& profile) {
        const auto resource = json::parse(text);
        EXPECT_TRUE(resource.has_value());
        validate::Issues out;
        for (auto& issue : validate::validate(*resource, {.profiles = profiles_, .profile_urls = {kUsCore + profile}})) {
            if (issue.severity == validate::Severity::error) out.push_back(issue);
        }
        return out;
    }
    void expect_one(const char* text, const std::string& profile, const char* expression, const char* says) {
        const auto found = errors(text, profile);
        ASSERT_EQ(found.size(), 1u) << text_of(found);
        EXPECT_EQ(found[0].expression, expression) << text_of(found);
        EXPECT_NE(found[0].diagnostics.find(says), std::string::npos) << text_of(found);
    }

    const validate::Profiles* profiles_ = nullptr;
};

const char* const kPatient = R"({"resourceType":"Patient","identifier":[{"system":"http://x.example/mrn","value":"1"}],"name":[{"family":"x"}],"gender":"female"})";

TEST_F(UsCore, TakesWhatMeetsIt) {
    const auto found = errors(kPatient, "us-core-patient");
    EXPECT_TRUE(found.empty()) << text_of(found);
}

TEST_F(UsCore, MinimaOfTheProfile) {
    expect_one(R"({"resourceType":"Patient","identifier":[{"system":"http://x.example/mrn","value":"1"}],"name":[{"family":"x"}]})", "us-core-patient", "Patient.gender",
               "at least 1 must be given");
    expect_one(R"({"resourceType":"Patient","identifier":[{"value":"1"}],"name":[{"family":"x"}],"gender":"female"})", "us-core-patient", "Patient.identifier[0].system",
               "at least 1 must be given");
}

TEST_F(UsCore, ExtensionsBySlice) {
    expect_one(
        R"({"resourceType":"Patient","identifier":[{"system":"http://x.example/mrn","value":"1"}],"name":[{"family":"x"}],"gender":"female","extension":[{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race","extension":[{"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"2106-3"}}]}]})",
        "us-core-patient", "Patient.extension[0].extension", "extension:text: at least 1");
}

TEST_F(UsCore, FixedAndPatternValues) {
    const auto found = errors(
        R"({"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"1-1"}]},"subject":{"reference":"Patient/1"},"effectiveDateTime":"2020-01-01","valueQuantity":{"value":1,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}})",
        "us-core-body-weight");
    ASSERT_EQ(found.size(), 1u) << text_of(found);
    EXPECT_EQ(found[0].expression, "Observation.code");
    EXPECT_NE(found[0].diagnostics.find("29463-7"), std::string::npos);
}

TEST_F(UsCore, UnknownAndForeignProfiles) {
    expect_one(kPatient, "us-core-nothing", "Patient", "not known here");
    expect_one(kPatient, "us-core-body-weight", "Patient", "is for Observation");
}

// A value set of the package itself, of systems that R4 has: what is not in it is refused where the binding is required.
TEST_F(UsCore, ValueSetsOfThePackage) {
    const char* const kSmoking =
        R"({"resourceType":"Observation","status":"registered","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"social-history"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"72166-2"}]},"subject":{"reference":"Patient/1"},"effectiveDateTime":"2020-01-01","valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"266919005"}]}})";
    expect_one(kSmoking, "us-core-smokingstatus", "Observation.status", "us-core-observation-smoking-status-status");
}

// R4's own profiles on resources need no package.
TEST(Profiles, VitalSignsOfR4) {
    const auto errors_of = [](const std::string& unit, const std::string& category) {
        const auto resource = json::parse(
            R"({"resourceType":"Observation","meta":{"profile":["http://hl7.org/fhir/StructureDefinition/bodyweight"]},"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":")" +
            category + R"("}]}],"code":{"coding":[{"system":"http://loinc.org","code":"29463-7"}]},"subject":{"reference":"Patient/1"},"effectiveDateTime":"2020-01-01","valueQuantity":{"value":1,"unit":"x","system":"http://unitsofmeasure.org","code":")" +
            unit + R"("}})");
        validate::Issues out;
        for (auto& issue : validate::validate(*resource)) {
            if (issue.severity == validate::Severity::error) out.push_back(issue);
        }
        return out;
    };
    EXPECT_TRUE(errors_of("kg", "vital-signs").empty()) << text_of(errors_of("kg", "vital-signs"));
    ASSERT_EQ(errors_of("mm[Hg]", "vital-signs").size(), 1u) << text_of(errors_of("mm[Hg]", "vital-signs"));
    EXPECT_NE(errors_of("mm[Hg]", "vital-signs")[0].diagnostics.find("ucum-bodyweight"), std::string::npos);
    ASSERT_EQ(errors_of("kg", "laboratory").size(), 1u) << text_of(errors_of("kg", "laboratory"));
    EXPECT_NE(errors_of("kg", "laboratory")[0].diagnostics.find("category:VSCat"), std::string::npos);
}

// Every profile that R4 brings can be made: its expressions compile, its snapshot is whole.
TEST(Profiles, AllOfR4) {
    const auto rows = definitions::canonicals(definitions::CanonicalType::profile);
    for (const auto& row : rows) EXPECT_NE(validate::Profiles::r4()->find(row.url), nullptr) << row.url;
    EXPECT_EQ(rows.size(), 44u);
}

// Bindings of a profile: required refuses, extensible warns, and what nobody here can tell is told as such.
TEST(Profiles, BindingsToGivenValueSets) {
    validate::Profiles profiles;
    const auto add = [&](const std::string& text) { ASSERT_TRUE(profiles.add(*json::parse(text)).has_value()) << text; };
    add(R"({"resourceType":"CodeSystem","url":"http://x.example/cs","content":"complete","concept":[{"code":"a"},{"code":"b"}]})");
    add(R"({"resourceType":"ValueSet","url":"http://x.example/vs","compose":{"include":[{"system":"http://x.example/cs","concept":[{"code":"a"}]},{"system":"http://snomed.info/sct"}]}})");
    for (const auto* strength : {"required", "extensible"}) {
        add(std::string(R"({"resourceType":"StructureDefinition","url":"http://x.example/)") + strength + R"(","name":"P","type":"Patient","derivation":"constraint","snapshot":{"element":[{"id":"Patient","path":"Patient"},
            {"id":"Patient.maritalStatus","path":"Patient.maritalStatus","min":0,"max":"1","base":{"min":0,"max":"1"},"type":[{"code":"CodeableConcept"}],"binding":{"strength":")" + strength + R"(","valueSet":"http://x.example/vs"}}]}})");
    }
    const auto found = [&](const std::string& profile, const std::string& value) {
        const auto resource = json::parse(R"({"resourceType":"Patient","maritalStatus":)" + value + "}");
        std::string out;
        for (const auto& issue : validate::validate(*resource, {.profiles = &profiles, .profile_urls = {"http://x.example/" + profile}})) {
            if (issue.diagnostics.find("http://x.example/vs") != std::string::npos) out += std::string(to_string(issue.severity)) + " " + std::string(issue.code);
        }
        return out;
    };
    const auto coding = [](const std::string& system, const std::string& code) { return R"({"coding":[{"system":")" + system + R"(","code":")" + code + R"("}]})"; };
    EXPECT_EQ(found("required", coding("http://x.example/cs", "a")), "");
    EXPECT_EQ(found("required", coding("http://x.example/cs", "b")), "error code-invalid");
    EXPECT_EQ(found("required", coding("http://y.example", "a")), "error code-invalid");
    EXPECT_EQ(found("required", coding("http://snomed.info/sct", "1")), "warning incomplete");
    EXPECT_EQ(found("required", R"({"text":"married"})"), "error code-invalid");
    EXPECT_EQ(found("extensible", coding("http://x.example/cs", "b")), "warning code-invalid");
    EXPECT_EQ(found("extensible", R"({"text":"married"})"), "");
}

// Of several versions of one profile the newest active one counts, unless the canonical names another.
TEST(Profiles, VersionsOfOneProfile) {
    validate::Profiles profiles;
    const auto add = [&](const std::string& version, const std::string& status, const std::string& element) {
        const auto added = profiles.add(*json::parse(R"({"resourceType":"StructureDefinition","url":"http://x.example/p","version":")" + version + R"(","status":")" + status +
            R"(","name":"P","type":"Patient","derivation":"constraint","snapshot":{"element":[{"id":"Patient","path":"Patient"},{"id":"Patient.)" + element + R"(","path":"Patient.)" + element +
            R"(","min":1,"max":"1","base":{"min":0,"max":"1"}}]}})"));
        ASSERT_TRUE(added.has_value());
    };
    const auto wants = [&](const std::string& canonical) {
        const auto resource = json::parse(R"({"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}})");
        std::string out;
        for (const auto& issue : validate::validate(*resource, {.profiles = &profiles, .profile_urls = {canonical}})) out += issue.expression + ": " + issue.diagnostics;
        return out.substr(0, out.find(':'));
    };
    add("1.9.0", "active", "gender");
    EXPECT_EQ(wants("http://x.example/p"), "Patient.gender");
    add("1.10.0", "active", "birthDate");
    add("2.0.0", "draft", "language");
    EXPECT_EQ(wants("http://x.example/p"), "Patient.birthDate");
    EXPECT_EQ(wants("http://x.example/p|1.9.0"), "Patient.gender");
    EXPECT_EQ(wants("http://x.example/p|2.0.0"), "Patient.language");
    add("1.10.0", "active", "active");  // the same version again takes its place
    EXPECT_EQ(wants("http://x.example/p"), "Patient.active");
    const auto unknown = validate::validate(*json::parse(R"({"resourceType":"Patient","active":true})"), {.profiles = &profiles, .profile_urls = {"http://x.example/p|3"}});
    EXPECT_NE(text_of(unknown).find("error not-found at Patient: The profile http://x.example/p|3 is not known here with this version; known: 1.9.0, 1.10.0, 2.0.0"), std::string::npos) << text_of(unknown);
    // A layer above decides over what lies below it.
    validate::Profiles above(std::shared_ptr<const validate::Profiles>(&profiles, [](const validate::Profiles*) {}));
    ASSERT_TRUE(above.add(*json::parse(R"({"resourceType":"StructureDefinition","url":"http://x.example/p","version":"0.1","type":"Patient","derivation":"constraint","snapshot":{"element":[{"id":"Patient","path":"Patient"}]}})")).has_value());
    EXPECT_NE(above.find("http://x.example/p"), profiles.find("http://x.example/p"));
    EXPECT_EQ(above.find("http://x.example/p|1.9.0"), profiles.find("http://x.example/p|1.9.0"));
}

// A response is held against the questionnaire that a package brought or a client stored, in the version that it names.
TEST(Profiles, QuestionnairesThatAreKnown) {
    validate::Profiles profiles;
    for (const auto* version : {"1", "2"}) {
        ASSERT_TRUE(profiles.add(*json::parse(std::string(R"({"resourceType":"Questionnaire","url":"http://x.example/q","version":")") + version + R"(","status":"active","item":[{"linkId":"a)" + version + R"(","type":"boolean","required":true}]})")).has_value());
    }
    const auto errors = [&](const std::string& canonical, const std::string& link_id) {
        const auto response = json::parse(R"({"resourceType":"QuestionnaireResponse","questionnaire":")" + canonical + R"(","status":"completed","item":[{"linkId":")" + link_id + R"(","answer":[{"valueBoolean":true}]}]})");
        std::string out;
        for (const auto& issue : validate::validate(*response, {.profiles = &profiles})) {
            if (issue.severity == validate::Severity::error) out += issue.expression + " ";
        }
        return out;
    };
    EXPECT_EQ(errors("http://x.example/q", "a2"), "");
    EXPECT_EQ(errors("http://x.example/q|1", "a1"), "");
    EXPECT_EQ(errors("http://x.example/q", "a1"), "QuestionnaireResponse.item[0].linkId QuestionnaireResponse.item ");
    EXPECT_EQ(errors("http://x.example/q|3", "z"), "");
}

TEST(Profiles, PackagesThatAreNone) {
    validate::Profiles profiles;
    EXPECT_EQ(profiles.load("/nonexistent.tgz").error().kind, base::Kind::not_found);
    EXPECT_EQ(profiles.load(KEDGE_SOURCE_DIR "/LICENSE").error().kind, base::Kind::invalid);
    const auto no_snapshot = json::parse(R"({"resourceType":"StructureDefinition","url":"http://x.example/p","type":"Patient","derivation":"constraint"})");
    EXPECT_EQ(profiles.add(*no_snapshot).error().kind, base::Kind::invalid);
    EXPECT_EQ(profiles.find("http://x.example/p"), nullptr);
}

}  // namespace
