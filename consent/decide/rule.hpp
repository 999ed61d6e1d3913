// One provision of a FHIR R4 Consent, parsed: what consent/policy makes and decide() reads. Everything in here was understood; what was
// not stands in policy's findings and makes the whole consent deny (consent/README.md).
#pragma once

#include "storage/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace consent {

enum class Effect : std::uint8_t {
    deny,
    permit,
    by_policy,  // a root without a type of its own, or one that only agrees with a policy: the base policy decides
};

// What decides where a consent's own rules are silent (Consent.policy.uri, Consent.policyRule).
enum class BasePolicy : std::uint8_t {
    unknown,           // nothing named, or a text that no program can read: silence forbids by omission
    opt_in,            // v3-ActCode OPTIN, OPTINR: nothing but what the provisions permit
    dissent,           // v3-ActCode OPTOUT, OPTOUTE as that code system defines them: the grantor's dissent
    opt_out,           // the same codes read as "shared unless excepted", when the operator configured that reading
    basic_normal,      // IHE PCF Policy-basic-normal: clinicians, for treatment
    all_normal,        // IHE PCF Policy-all-normal: every authorised use
    break_glass_only,  // IHE PCF Policy-break-glass-only: clinicians who declare break-glass
    deny_all,          // IHE PCF Policy-deny
};

struct DataReference {
    // R4 ConsentDataMeaning. Facts know what a resource refers to, not what refers to it; policy refuses what cannot be answered so.
    enum class Meaning : std::uint8_t { instance, referring, authored_by };
    Meaning meaning = Meaning::instance;
    std::string reference;  // "Encounter/1", without version
};

struct Rule {
    Effect effect = Effect::deny;
    BasePolicy base = BasePolicy::unknown;  // of the root alone
    // An empty list takes everything; a repeating element is an OR; the elements stand in an AND.
    base::TimeUs begin = INT64_MIN, end = INT64_MAX;  // provision.period as [begin, end)
    std::vector<std::string> actors;                  // relative references, or absolute URLs and DIDs (permits only)
    std::vector<std::string> purposes;                // "TREAT" of v3-ActReason, "system|code" of others
    std::vector<std::string> actions;                 // consentaction: collect, access, use, disclose, correct
    std::vector<std::string> types, profiles;         // provision.class; one OR over both
    std::vector<std::string> codes;                   // "system|code"
    std::optional<int> confidentiality;               // level of v3-Confidentiality: permit up to it, deny from it on
    std::vector<std::string> sensitivities;           // codes of v3-ActCode; one OR with confidentiality
    std::optional<base::Period> data_period;
    std::vector<DataReference> data;
    std::vector<Rule> nested;  // exceptions to the whole consent, each on its own filters

    bool has_filters() const {
        return !actors.empty() || !purposes.empty() || !actions.empty() || !types.empty() || !profiles.empty() || !codes.empty() ||
               confidentiality.has_value() || !sensitivities.empty() || data_period.has_value() || !data.empty();
    }
    bool in_force(base::TimeUs now) const { return begin <= now && now < end; }
};

}  // namespace consent
