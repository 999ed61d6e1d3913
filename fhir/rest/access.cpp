#include "fhir/rest/access.hpp"

#include "fhir/definitions/definitions.hpp"
#include "storage/base/log.hpp"

namespace rest {

using consent::Decision;
using consent::Verdict;

Access::Access(const Services& services, const Attempt& attempt)
    : services_(services), requester_(attempt.caller->requester), now_(attempt.started_us) {}

std::shared_ptr<const consent::Registry::View> Access::view(const std::string& patient) {
    if (const auto found = views_.find(patient); found != views_.end()) return found->second;
    auto loaded = services_.registry.view(patient);
    if (!loaded) {
        base::log::error("consent view failed: " + std::string(base::to_string(loaded.error().kind)) + ": " + loaded.error().diagnostics);
        if (!failed_) failed_ = loaded.error();
        return nullptr;
    }
    return views_.emplace(patient, std::move(*loaded)).first->second;
}

Decision Access::may(consent::Action action, const consent::Facts& facts) {
    if (facts.patients.empty()) return consent::decide_unowned(requester_, action, facts, services_.settings.consent);
    Decision all;
    for (const auto& patient : facts.patients) {
        const auto state = view(patient);
        if (!state) return Decision{Verdict::deny, "consent-state-unavailable", {}};
        const bool own = requester_.role == consent::Role::patient && requester_.subject == "Patient/" + patient;
        if (state->stale && !own) return Decision{Verdict::deny, "ledger-mirror-stale", {}};
        auto one = consent::decide(requester_, action, facts, patient, state->consents, services_.settings.consent, now_);
        all.consents.insert(all.consents.end(), one.consents.begin(), one.consents.end());
        all.rule = one.rule;
        if (!one.permits()) return Decision{Verdict::deny, std::move(all.rule), std::move(all.consents)};
    }
    all.verdict = Verdict::permit;
    return all;
}

bool Access::sees(consent::Action action, const store::Candidate& candidate) {
    const auto facts = consent::Facts::decode(candidate.facts);
    if (!facts) {
        base::log::error("facts of an indexed resource do not decode; it is withheld");
        return false;
    }
    return may(action, *facts).permits();
}

std::optional<std::vector<std::string>> Access::only_patients(const std::string& type) const {
    constexpr std::string_view kPatient = "Patient/";
    const bool patient = requester_.role == consent::Role::patient && requester_.subject.starts_with(kPatient);
    const bool owned = type == "Patient" || !definitions::compartment_parameters("Patient", type).empty();
    if (!patient || !owned || type.empty()) return std::nullopt;
    return std::vector<std::string>{requester_.subject.substr(kPatient.size())};
}

std::vector<std::string> policies_of(const Decision& decision) {
    auto out = decision.consents;
    if (!decision.rule.empty()) out.push_back("urn:kedge:rule:" + decision.rule);
    return out;
}

}  // namespace rest
