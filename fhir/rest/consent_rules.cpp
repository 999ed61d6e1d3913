#include "fhir/rest/consent_rules.hpp"

namespace rest {

using base::Kind;

std::string patient_of_consent(const json::Value& consent) {
    const auto* patient = consent.find("patient");
    std::string_view reference = patient == nullptr ? std::string_view{} : patient->text("reference");
    const auto at = reference.rfind("Patient/");
    if (at == std::string_view::npos) return {};
    reference.remove_prefix(at + 8);
    return std::string(reference.substr(0, reference.find('/')));
}

base::Status check_consent_write(const Attempt& attempt, const std::string* before, const json::Value& after) {
    json::Value old;
    if (before != nullptr) {
        auto parsed = json::parse(*before);
        if (!parsed) return base::fail(Kind::corrupt, "a stored resource does not parse");
        old = std::move(*parsed);
    }
    const auto& present = after.is_null() ? old : after;
    if (present.text("resourceType") != "Consent") return {};
    const auto patient = patient_of_consent(present);
    const auto& who = attempt.caller->requester;
    const bool own = !patient.empty() && who.role == consent::Role::patient && who.subject == "Patient/" + patient;
    if (before != nullptr && !after.is_null() && patient_of_consent(old) != patient) {
        return base::fail(Kind::unprocessable, "a Consent keeps its patient; write a new one instead", {"Consent.patient"});
    }
    const bool takes_effect = !after.is_null() && after.text("status") == "active";
    const bool in_effect = before != nullptr && old.text("status") == "active";
    if (takes_effect && patient.empty()) {
        return base::fail(Kind::unprocessable, "an active Consent must name its patient as a reference Patient/[id]", {"Consent.patient"});
    }
    if ((takes_effect || in_effect) && !own) {
        return base::fail(Kind::forbidden, "only the patient makes, changes or ends an active Consent; a provider asks with status 'proposed'",
                          {"Consent.status"});
    }
    return {};
}

}  // namespace rest
