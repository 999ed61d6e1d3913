// Profiles given at run time: US Core's own examples meet US Core, and what breaks a profile is told.
#include "fhir/validate/profiles.hpp"

#include "tests/fhir/validate/support.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <gtest/gtest.h>

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

TEST(Profiles, PackagesThatAreNone) {
    validate::Profiles profiles;
    EXPECT_EQ(profiles.load("/nonexistent.tgz").error().kind, base::Kind::not_found);
    EXPECT_EQ(profiles.load(KEDGE_SOURCE_DIR "/LICENSE").error().kind, base::Kind::invalid);
    const auto no_snapshot = json::parse(R"({"resourceType":"StructureDefinition","url":"http://x.example/p","type":"Patient","derivation":"constraint"})");
    EXPECT_EQ(profiles.add(*no_snapshot).error().kind, base::Kind::invalid);
    EXPECT_EQ(profiles.find("http://x.example/p"), nullptr);
}

}  // namespace
