// A provider asks, the patient decides.
#include "fhir/rest/consent_rules.hpp"

#include <gtest/gtest.h>

namespace rest {
namespace {

Attempt by(consent::Role role, std::string subject) {
    Attempt a(http::Request{}, 0);
    auto caller = std::make_shared<auth::Caller>();
    caller->requester.role = role;
    caller->requester.subject = std::move(subject);
    a.caller = caller;
    return a;
}
json::Value consent_with(const std::string& status, const std::string& patient = "Patient/1") {
    return *json::parse(R"({"resourceType":"Consent","status":")" + status + R"(","patient":{"reference":")" + patient + R"("}})");
}

TEST(ConsentRules, LetThePatientGrantAndEnd) {
    const auto patient = by(consent::Role::patient, "Patient/1");
    const auto active = json::write(consent_with("active"));
    EXPECT_TRUE(check_consent_write(patient, nullptr, consent_with("active")));
    EXPECT_TRUE(check_consent_write(patient, &active, consent_with("inactive")));
    EXPECT_TRUE(check_consent_write(patient, &active, json::Value()));
}

TEST(ConsentRules, LetAProviderAskAndNoMore) {
    const auto doctor = by(consent::Role::practitioner, "Practitioner/7");
    const auto proposed = json::write(consent_with("proposed")), active = json::write(consent_with("active"));
    EXPECT_TRUE(check_consent_write(doctor, nullptr, consent_with("proposed")));
    EXPECT_EQ(check_consent_write(doctor, nullptr, consent_with("active")).error().kind, base::Kind::forbidden);
    EXPECT_EQ(check_consent_write(doctor, &proposed, consent_with("active")).error().kind, base::Kind::forbidden);
    EXPECT_EQ(check_consent_write(doctor, &active, consent_with("inactive")).error().kind, base::Kind::forbidden);
    EXPECT_EQ(check_consent_write(doctor, &active, json::Value()).error().kind, base::Kind::forbidden);
}

TEST(ConsentRules, KeepTheGrantToItsPatient) {
    const auto other = by(consent::Role::patient, "Patient/2");
    EXPECT_EQ(check_consent_write(other, nullptr, consent_with("active")).error().kind, base::Kind::forbidden);
    const auto active = json::write(consent_with("active"));
    EXPECT_EQ(check_consent_write(other, &active, consent_with("active", "Patient/2")).error().kind, base::Kind::unprocessable);
    EXPECT_EQ(check_consent_write(other, nullptr, consent_with("active", "")).error().kind, base::Kind::unprocessable);
}

TEST(ConsentRules, LeaveOtherTypesAlone) {
    EXPECT_TRUE(check_consent_write(by(consent::Role::system, "Device/1"), nullptr, *json::parse(R"({"resourceType":"Patient"})")));
}

}  // namespace
}  // namespace rest
