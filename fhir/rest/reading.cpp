#include "fhir/rest/reading.hpp"

#include <algorithm>

#include "fhir/rest/ledger_extension.hpp"

namespace rest {

base::Error not_found(std::string_view type, std::string_view id) {
    return base::Error{base::Kind::not_found, "there is no " + std::string(type) + "/" + std::string(id) + " that you may know of", {}, {}};
}

base::Result<std::optional<store::Record>> or_absent(base::Result<std::optional<store::Record>> record) {
    if (!record && record.error().kind == base::Kind::gone) return std::optional<store::Record>();
    return record;
}

std::string version_reference(const store::Record& record) {
    return record.type + "/" + record.id + "/_history/" + std::to_string(record.version.version);
}

base::Result<std::string> served_body(const Services& services, const store::Record& record) {
    if (record.type != "Consent" || record.body.empty()) return record.body;
    return with_ledger_extension(services, record);
}

base::Result<std::string> disclose(Attempt& a, const Services& services, Access& access, consent::Action action, const store::Record& record) {
    const auto facts = consent::Facts::decode(record.facts);
    if (!facts) return base::pass(facts);
    const auto decision = access.may(action, *facts);
    const auto reference = version_reference(record);
    const char letter = action == consent::Action::search ? 'E' : 'R';
    const auto note = [&](const std::string& patient) {
        auto& part = a.trail.part(patient, letter);
        part.entities.push_back(reference);
        for (auto& policy : policies_of(decision)) {
            if (std::find(part.policies.begin(), part.policies.end(), policy) == part.policies.end()) part.policies.push_back(std::move(policy));
        }
    };
    if (facts->patients.empty()) note("");
    for (const auto& patient : facts->patients) note(patient);
    if (!decision.permits()) {
        if (access.failed()) return base::fail(base::Kind::unavailable, "the consent state cannot be read now; try again");
        return tl::unexpected(not_found(record.type, record.id));
    }
    return served_body(services, record);
}

}  // namespace rest
