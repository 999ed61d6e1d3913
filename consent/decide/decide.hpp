// Who may: a pure function over small structs. No clock, no database, no HTTP, so that a decision can be replayed from the audit record.
// Anything not understood denies. consent/README.md has the order of the questions and every reason by name.
#pragma once

#include "consent/decide/facts.hpp"

#include <memory>
#include <string>
#include <vector>

namespace consent {

enum class Role : std::uint8_t { patient, practitioner, system, auditor, admin };

// Who asks, as the verified token says.
struct Requester {
    Role role = Role::patient;
    std::string subject;                // relative reference: "Practitioner/7", "Patient/1", "Device/2"
    std::string organization;           // "Organization/1" or empty
    std::vector<std::string> also;      // further references that stand for the same actor: PractitionerRole, CareTeam, Group memberships
    std::vector<std::string> purposes;  // v3-ActReason codes from the token ("TREAT"); never from the request
};

enum class Action : std::uint8_t { read, search, history, create, update, remove, operation };

struct Rule;  // one provision of a Consent, parsed (rule.hpp; made by consent/policy)

// A Consent as it counts at one moment: parsed rules plus what the ledger says. Made by consent/registry.
struct ActiveConsent {
    std::string reference;   // "Consent/5/_history/2": goes into the audit event's agent.policy
    std::string patient;     // logical id
    bool understood = true;  // false: it denies everything it might cover
    bool effective = false;  // the ledger shows the grant at the configured finality and nothing revoked it; only a permit needs this
    std::shared_ptr<const Rule> root;
};

struct Policy {                              // the server's configuration
    bool opt_out = false;                    // false (opt-in): without a matching permit, deny
    bool author_organization_access = true;  // "author-organisation treatment access": the organisation that wrote it may read it for TREAT
    // Subjects or organisations that may record a patient's active Consent (IHE PCF's Consent Recorder). Everyone else but the patient
    // may only propose one: who could write an active Consent could give himself access.
    std::vector<std::string> consent_recorders;
};

enum class Verdict : std::uint8_t { deny, permit };

struct Decision {
    Verdict verdict = Verdict::deny;
    std::string
        rule;  // stable name of what decided: "own-record", "consent", "author-organisation", "opt-in-default", "not-understood" ...
    std::vector<std::string> consents;  // references that took part
    bool permits() const { return verdict == Verdict::permit; }
};

// The names that Decision::rule takes. Permits: own-record, consent, author-organisation, opt-out-default, correct-by-consent, author,
// consent-proposal, consent-recorder; unowned: administrative, same-organisation. Denials: the others; consent/README.md lists them all.

// `consents`: all of the patient's consents that are active in FHIR terms at the snapshot. `now`: the request's time.
// One call for each patient in facts.patients; every one of them must permit (decide_all does that). An update is asked twice by the
// caller: with the stored facts and with the new ones, so that nobody writes himself into authorship. Pure; any thread.
Decision decide(const Requester& requester, Action action, const Facts& facts, const std::string& patient,
                const std::vector<ActiveConsent>& consents, const Policy& policy, base::TimeUs now);

// What decides for a resource that lies in no patient's compartment (Organization, Practitioner, ValueSet ...): roles alone.
Decision decide_unowned(const Requester& requester, Action action, const Facts& facts, const Policy& policy);

// The consents of one patient, as Registry::View gives them.
struct PatientConsents {
    std::string_view patient;
    const std::vector<ActiveConsent>* consents = nullptr;
};
// decide for every patient in facts.patients, decide_unowned when there is none. A patient that `all` lacks denies.
Decision decide_all(const Requester& requester, Action action, const Facts& facts, const std::vector<PatientConsents>& all,
                    const Policy& policy, base::TimeUs now);

}  // namespace consent
