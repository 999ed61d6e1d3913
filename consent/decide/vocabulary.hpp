// The code systems whose order a decision needs, as HL7 published them with R4 (v3-codesystems.json): purposes, confidentiality,
// sensitivity. Small closed tables; a code outside them is either compared as text or not understood, as each function says.
#pragma once

#include <optional>
#include <string_view>

namespace consent {

inline constexpr std::string_view kActReason = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
inline constexpr std::string_view kActCode = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
inline constexpr std::string_view kConfidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
inline constexpr std::string_view kParticipationType = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
inline constexpr std::string_view kConsentAction = "http://terminology.hl7.org/CodeSystem/consentaction";
inline constexpr std::string_view kConsentScope = "http://terminology.hl7.org/CodeSystem/consentscope";
inline constexpr std::string_view kResourceTypes = "http://hl7.org/fhir/resource-types";
// How fhir/search/extract says a Consent's status in Facts::codes.
inline constexpr std::string_view kConsentState = "http://hl7.org/fhir/consent-state-codes";

bool is_purpose(std::string_view code);  // a code below v3-ActReason PurposeOfUse
// `purpose` is `ancestor` or stands below it in v3-ActReason. Others than v3-ActReason are only ever themselves.
bool purpose_within(std::string_view purpose, std::string_view ancestor);
// A permit for `granted` covers a request for `asked`: as purpose_within, except that break-glass must be granted by its own name.
bool purpose_granted(std::string_view granted, std::string_view asked);
// A deny of `denied` may touch a request for `asked`: one stands within the other, or both are of one foreign code system whose order
// is not known. Emergency purposes below TREAT are only meant when they are declared.
bool purpose_denied(std::string_view denied, std::string_view asked);

// U 0, L 1, M 2, N 3, R 4, V 5; nothing for another code.
std::optional<int> confidentiality_level(std::string_view code);
inline constexpr int kRestricted = 4, kVeryRestricted = 5;

bool is_sensitivity(std::string_view code);  // a code below v3-ActCode _InformationSensitivityPolicy
bool sensitivity_within(std::string_view code, std::string_view ancestor);

}  // namespace consent
