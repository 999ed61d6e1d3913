// Parse, don't validate: a FHIR R4 Consent becomes a Rule tree that decide() can apply, or a list of what was not understood. FHIR lets
// a reader skip what it does not know; a consent engine may not: what is skipped could be the exception that the patient asked for.
// R4 consent.html; IHE PCF. consent/README.md has what is read, what is not understood, and how the base policies are taken.
#pragma once

#include "consent/decide/decide.hpp"
#include "consent/decide/rule.hpp"
#include "storage/base/json.hpp"

#include <memory>
#include <string>
#include <vector>

namespace consent {

struct ParseOptions {
    // Addresses of this server ("https://kedge.example/fhir"): absolute references below them are read as relative ones.
    std::vector<std::string> base_urls;
    // How to read v3-ActCode OPTOUT on a Consent whose root has no type. HL7 defines it as the grantor's dissent, which denies (false);
    // many read it as the opt-out model, where records are shared unless excepted (true). Widening is the operator's word to give.
    bool opt_out_shares = false;
};

// An element that was not understood: "Consent.provision.provision[0].code[1]" and why, for people. No personal data in it.
struct Finding {
    std::string place, reason;
};

struct ParsedConsent {
    std::string status;       // as written; only "active" counts
    std::string patient;      // logical id on this server, empty when it names none
    bool applicable = false;  // scope patient-privacy; adr, research and treatment decide nothing here
    std::vector<Finding> findings;
    std::shared_ptr<const Rule> root;  // never null

    bool active() const { return status == "active"; }
    bool understood() const { return findings.empty(); }
};

// At most this many provisions are read, so that one Consent cannot slow down every decision; more is a finding.
inline constexpr std::size_t kMaxProvisions = 256;

// Error: Kind::invalid when it is no Consent resource at all. Everything else ends in findings, which deny. Pure; any thread.
base::Result<ParsedConsent> parse_consent(const json::Value& resource, const ParseOptions& options);

// For decide(): reference is "Consent/5/_history/2".
ActiveConsent to_active(const ParsedConsent& parsed, std::string reference, bool effective);

}  // namespace consent
