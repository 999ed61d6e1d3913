#include "consent/policy/policy.hpp"

#include "consent/decide/vocabulary.hpp"
#include "consent/policy/reading.hpp"

#include <algorithm>

namespace consent {
namespace {

BasePolicy policy_by_uri(std::string_view uri) {
    constexpr std::string_view kPcf = "https://profiles.ihe.net/ITI/PCF/Policy-";
    if (!uri.starts_with(kPcf)) return BasePolicy::unknown;
    const std::string_view name = uri.substr(kPcf.size());
    if (name == "basic-normal") return BasePolicy::basic_normal;
    if (name == "all-normal") return BasePolicy::all_normal;
    if (name == "break-glass-only") return BasePolicy::break_glass_only;
    if (name == "deny") return BasePolicy::deny_all;
    return BasePolicy::unknown;
}

BasePolicy policy_by_code(const Coding& coding, const ParseOptions& options) {
    if (coding.system != kActCode) return BasePolicy::unknown;
    if (coding.code == "OPTIN" || coding.code == "OPTINR") return BasePolicy::opt_in;
    if (coding.code == "OPTOUT" || coding.code == "OPTOUTE") return options.opt_out_shares ? BasePolicy::opt_out : BasePolicy::dissent;
    return BasePolicy::unknown;
}

// Policies that no program can read are passed over (silence then forbids by omission); two that are known must agree.
BasePolicy read_base_policy(Reading& reading, const json::Object& consent) {
    std::vector<BasePolicy> known;
    const auto& policies = reading.items(consent, "policy", "Consent");
    for (std::size_t i = 0; i < policies.size(); ++i) {
        const std::string place = "Consent.policy[" + std::to_string(i) + "]";
        if (!reading.object(policies[i], place, {"authority", "uri"})) continue;
        known.push_back(policy_by_uri(policies[i].text("uri")));
    }
    if (const json::Value* rule = consent.find("policyRule")) {
        for (const auto& coding : reading.codings(*rule, "Consent.policyRule")) known.push_back(policy_by_code(coding, reading.options()));
    }
    std::erase(known, BasePolicy::unknown);
    if (known.empty()) return BasePolicy::unknown;
    if (std::any_of(known.begin(), known.end(), [&](BasePolicy other) { return other != known.front(); })) {
        reading.doubt("Consent.policy", "names base policies that differ");
    }
    return known.front();
}

bool read_scope(Reading& reading, const json::Object& consent) {
    const json::Value* scope = consent.find("scope");
    if (!scope) return reading.doubt("Consent.scope", "is missing"), true;
    bool known = false;
    for (const auto& coding : reading.codings(*scope, "Consent.scope")) {
        if (coding.system != kConsentScope) continue;
        if (coding.code == "patient-privacy") return true;
        known = known || coding.code == "adr" || coding.code == "research" || coding.code == "treatment";
    }
    // Scope is a modifier: one that is not known might be about privacy.
    if (!known) reading.doubt("Consent.scope", "is not a scope that is known");
    return !known;
}

void read_verification(Reading& reading, const json::Object& consent) {
    const auto& items = reading.items(consent, "verification", "Consent");
    for (std::size_t i = 0; i < items.size(); ++i) {
        const std::string place = "Consent.verification[" + std::to_string(i) + "]";
        const auto* one = reading.object(items[i], place, {"verified", "verifiedWith", "verificationDate"});
        const json::Value* verified = one ? one->find("verified") : nullptr;
        if (one && !(verified && verified->if_bool() && *verified->if_bool())) reading.doubt(place + ".verified", "is not true");
    }
}

// R4 forbids a type on the root, IHE PCF requires it. Without one the base policy is the root's word, and none at all denies.
Effect untyped_root(BasePolicy base) {
    const bool denies = base == BasePolicy::unknown || base == BasePolicy::dissent || base == BasePolicy::deny_all;
    return denies ? Effect::deny : Effect::by_policy;
}

// PCF: "permit indicates agreement with the policy". A permit with no word of its own agrees to that policy, not to everything.
void settle_agreement(Rule& root, BasePolicy base) {
    root.base = base;
    if (root.effect != Effect::permit || root.has_filters()) return;
    if (base == BasePolicy::deny_all) root.effect = Effect::deny;
    if (base == BasePolicy::basic_normal || base == BasePolicy::all_normal || base == BasePolicy::break_glass_only)
        root.effect = Effect::by_policy;
}

}  // namespace

base::Result<ParsedConsent> parse_consent(const json::Value& resource, const ParseOptions& options) {
    if (!resource.is_object() || resource.text("resourceType") != "Consent") {
        return base::fail(base::Kind::invalid, "this is not a Consent resource", {"Consent"});
    }
    Reading reading(options);
    const auto* consent = reading.object(
        resource, "Consent",
        {"resourceType", "meta", "language", "text", "contained", "identifier", "status", "scope", "category", "patient", "dateTime",
         "performer", "organization", "sourceAttachment", "sourceReference", "policy", "policyRule", "verification", "provision"});
    ParsedConsent parsed;
    parsed.status = resource.text("status");
    if (parsed.status.empty()) reading.doubt("Consent.status", "is missing");
    parsed.applicable = read_scope(reading, *consent);
    if (const json::Value* patient = consent->find("patient")) {
        const auto reference = reading.reference(*patient, "Consent.patient", false);
        if (reference && reference->starts_with("Patient/"))
            parsed.patient = reference->substr(8);
        else if (reference)
            reading.doubt("Consent.patient", "is not a Patient");
    } else {
        reading.doubt("Consent.patient", "is missing");
    }
    read_verification(reading, *consent);
    const BasePolicy base = read_base_policy(reading, *consent);

    auto root = std::make_shared<Rule>();
    root->effect = untyped_root(base);
    std::size_t count = 0;
    if (const json::Value* provision = consent->find("provision")) {
        *root = read_provision(reading, *provision, "Consent.provision", untyped_root(base), count);
    }
    settle_agreement(*root, base);
    parsed.root = std::move(root);
    parsed.findings = reading.take();
    return parsed;
}

ActiveConsent to_active(const ParsedConsent& parsed, std::string reference, bool effective) {
    return {std::move(reference), parsed.patient, parsed.understood(), effective, parsed.root};
}

}  // namespace consent
