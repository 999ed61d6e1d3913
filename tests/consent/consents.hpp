// Consents, requesters and facts for the tests, written as short as they can be read.
#pragma once

#include "consent/policy/policy.hpp"
#include "storage/base/json.hpp"

#include <string>
#include <vector>

namespace consent_test {

using namespace consent;

inline const base::TimeUs kNow = base::parse_datetime("2026-11-22T12:00:00Z")->low;

inline std::string v3(const char* system, const char* code) {
    return std::string(R"({"system":"http://terminology.hl7.org/CodeSystem/)") + system + R"(","code":")" + code + R"("})";
}
inline std::string purpose(const char* code) {
    return v3("v3-ActReason", code);
}
inline std::string label(const char* code) {
    return v3("v3-Confidentiality", code);
}
inline std::string sensitivity(const char* code) {
    return v3("v3-ActCode", code);
}
inline std::string action(const char* code) {
    return R"({"coding":[)" + v3("consentaction", code) + "]}";
}
inline std::string actor(const char* reference, const char* role = "IRCP") {
    return R"({"role":{"coding":[)" + v3("v3-ParticipationType", role) + R"(]},"reference":{"reference":")" + reference + R"("}})";
}
inline const std::string kTpo = purpose("TREAT") + "," + purpose("HPAYMT") + "," + purpose("HOPERAT");

// `provision` without its braces; `more`: further members of the Consent, each with a comma in front.
inline std::string consent_json(const std::string& provision, const std::string& more = "", const char* status = "active") {
    return std::string(R"({"resourceType":"Consent","id":"c","status":")") + status + R"(","scope":{"coding":[)" +
           v3("consentscope", "patient-privacy") +
           R"(]},"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"patient":{"reference":"Patient/1"})" + more +
           R"(,"provision":{)" + provision + "}}";
}
inline const std::string kOptIn = R"(,"policyRule":{"coding":[)" + v3("v3-ActCode", "OPTIN") + "]}";
inline const std::string kOptOut = R"(,"policyRule":{"coding":[)" + v3("v3-ActCode", "OPTOUT") + "]}";
inline std::string policy_uri(const std::string& uri) {
    return R"(,"policy":[{"uri":")" + uri + R"("}])";
}
inline std::string pcf(const char* name) {
    return policy_uri(std::string("https://profiles.ihe.net/ITI/PCF/Policy-") + name);
}

inline ParsedConsent parsed(const std::string& text, const ParseOptions& options = {}) {
    const auto value = json::parse(text);
    if (!value) throw std::runtime_error(value.error().diagnostics + " in " + text);
    return parse_consent(*value, options).value();
}
inline ActiveConsent active(const std::string& text, bool effective = true, const ParseOptions& options = {}) {
    return to_active(parsed(text, options), "Consent/c/_history/1", effective);
}
inline ActiveConsent permitting(const std::string& rest, const std::string& more = "") {
    return active(consent_json(R"("type":"permit")" + (rest.empty() ? "" : "," + rest), more));
}
inline ActiveConsent denying(const std::string& rest, const std::string& more = "") {
    return active(consent_json(R"("type":"deny")" + (rest.empty() ? "" : "," + rest), more));
}

inline Requester practitioner(std::vector<std::string> purposes = {"TREAT"}) {
    return {Role::practitioner, "Practitioner/7", "Organization/2", {}, std::move(purposes)};
}
inline Requester patient_user(const char* id = "1") {
    return {Role::patient, std::string("Patient/") + id, "", {}, {"PATRQT"}};
}

// An Observation of Patient/1, of normal confidentiality, written by Practitioner/3 of Organization/1 in June 2022.
inline Facts observation() {
    Facts facts;
    facts.type = "Observation";
    facts.id = "o1";
    facts.patients = {"1"};
    facts.authors = {"Practitioner/3"};
    facts.owner_org = "Organization/1";
    facts.codes = {"http://loinc.org|8867-4"};
    facts.labels = {"http://terminology.hl7.org/CodeSystem/v3-Confidentiality|N"};
    facts.references = {"Patient/1", "Encounter/e1"};
    facts.has_clinical_time = true;
    facts.clinical_low = facts.clinical_high = base::parse_datetime("2022-06-15T10:00:00Z")->low;
    return facts;
}
inline Facts labelled(std::initializer_list<const char*> confidentiality, std::initializer_list<const char*> sensitivities = {}) {
    Facts facts = observation();
    facts.labels.clear();
    for (const auto* code : confidentiality)
        facts.labels.push_back(std::string("http://terminology.hl7.org/CodeSystem/v3-Confidentiality|") + code);
    for (const auto* code : sensitivities) facts.labels.push_back(std::string("http://terminology.hl7.org/CodeSystem/v3-ActCode|") + code);
    return facts;
}

inline Decision ask(const std::vector<ActiveConsent>& consents, const Requester& who = practitioner(), const Facts& facts = observation(),
                    Action action = Action::read, const Policy& policy = {}, base::TimeUs now = kNow) {
    return decide(who, action, facts, "1", consents, policy, now);
}

}  // namespace consent_test
