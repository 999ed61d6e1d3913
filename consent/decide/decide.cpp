#include "consent/decide/decide.hpp"

#include "consent/decide/match.hpp"
#include "consent/decide/vocabulary.hpp"

#include <algorithm>

namespace consent {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

Decision deny(std::string rule, std::vector<std::string> consents = {}) {
    return {Verdict::deny, std::move(rule), std::move(consents)};
}
Decision permit(std::string rule, std::vector<std::string> consents = {}) {
    return {Verdict::permit, std::move(rule), std::move(consents)};
}

bool professional(const Requester& requester) {
    return requester.role == Role::practitioner || requester.role == Role::system;
}
bool writes(Action action) {
    return action == Action::create || action == Action::update || action == Action::remove;
}

// The patient reads all of the own record, the audit events about it included. She writes what is hers to write: her consents, and what
// she is the author of (her own measurements, answers, messages); not what a doctor recorded.
Decision own_record(const Requester& requester, Action action, const Facts& facts) {
    if (!writes(action)) return permit("own-record");
    if (facts.type == "AuditEvent") return deny("audit-events-are-not-written");
    if (facts.type == "Consent" || contains(facts.authors, requester.subject)) return permit("own-record");
    return deny("own-record-read-only");
}

// How all of a patient's consents answer one question: a deny overrides, and only a permit needs the ledger.
struct Combined {
    Answer answer = Answer::omit;
    bool understood = true;
    bool any_in_force = false;
    bool waiting = false;  // a permit that the ledger does not show yet
    std::vector<std::string> consents;
};

Combined combine(const std::vector<ActiveConsent>& consents, const std::string& patient, const Ask& ask) {
    Combined out;
    std::vector<std::string> denying, permitting;
    for (const auto& consent : consents) {
        if (consent.patient != patient) continue;
        if (consent.root && !consent.root->in_force(ask.now)) continue;
        out.any_in_force = true;
        if (!consent.understood || !consent.root) {
            out.understood = false;
            denying.push_back(consent.reference);
            continue;
        }
        switch (evaluate(*consent.root, ask)) {
            case Answer::deny:
                denying.push_back(consent.reference);
                break;
            case Answer::permit:
                if (consent.effective)
                    permitting.push_back(consent.reference);
                else
                    out.waiting = true;
                break;
            case Answer::omit:
                break;
        }
    }
    if (!denying.empty()) {
        out.answer = Answer::deny;
        out.consents = std::move(denying);
    } else if (!permitting.empty()) {
        out.answer = Answer::permit;
        out.consents = std::move(permitting);
    }
    return out;
}

Decision denied_by(Combined combined) {
    return deny(combined.understood ? "consent-deny" : "not-understood", std::move(combined.consents));
}

// The organisation that wrote a record may go on treating with it. `owner`: who wrote it, or the caller's own at create.
bool author_organization(const Requester& requester, const std::string& owner, const Policy& policy) {
    return policy.author_organization_access && professional(requester) && !requester.organization.empty() &&
           requester.organization == owner && contains(requester.purposes, "TREAT");
}

Decision decide_read(const Requester& requester, const Facts& facts, const std::string& patient, const std::vector<ActiveConsent>& consents,
                     const Policy& policy, base::TimeUs now) {
    Combined combined = combine(consents, patient, {requester, facts, now, Need::access, false});
    if (combined.answer == Answer::deny) return denied_by(std::move(combined));
    if (combined.answer == Answer::permit) return permit("consent", std::move(combined.consents));
    if (author_organization(requester, facts.owner_org, policy)) return permit("author-organisation");
    if (combined.waiting) return deny("not-effective");
    if (combined.any_in_force) return deny("omission");
    if (policy.opt_out && professional(requester)) return permit("opt-out-default");
    return deny("opt-in-default");
}

// A treatment relationship begins with a record of it: an organisation that treats may write, unless the patient denied collecting.
Decision decide_create(const Requester& requester, const Facts& facts, const std::string& patient,
                       const std::vector<ActiveConsent>& consents, const Policy& policy, base::TimeUs now) {
    Combined combined = combine(consents, patient, {requester, facts, now, Need::collect, false});
    if (combined.answer == Answer::deny) return denied_by(std::move(combined));
    if (combined.answer == Answer::permit) return permit("consent", std::move(combined.consents));
    if (author_organization(requester, facts.owner_org.empty() ? requester.organization : facts.owner_org, policy))
        return permit("author-organisation");
    return deny("no-treatment-relationship");
}

// Changing a record takes the right to read it, and either authorship or a consent that names "correct".
Decision decide_change(const Requester& requester, const Facts& facts, const std::string& patient,
                       const std::vector<ActiveConsent>& consents, const Policy& policy, base::TimeUs now) {
    Combined forbidden = combine(consents, patient, {requester, facts, now, Need::correct, false});
    if (forbidden.answer == Answer::deny) return denied_by(std::move(forbidden));
    Decision readable = decide_read(requester, facts, patient, consents, policy, now);
    if (!readable.permits() || readable.rule == "author-organisation") return readable;
    if (contains(facts.authors, requester.subject) || (!facts.owner_org.empty() && facts.owner_org == requester.organization)) {
        readable.rule = "author";
        return readable;
    }
    Combined named = combine(consents, patient, {requester, facts, now, Need::correct, true});
    if (named.answer == Answer::permit) return permit("correct-by-consent", std::move(named.consents));
    return deny("not-the-author");
}

// By its status alone: a coding of the same system somewhere else in the resource, put there to pass for the status, ends it.
bool is_proposal(const Facts& facts) {
    const std::string system = std::string(kConsentState) + "|";
    bool proposal = false;
    for (const auto& code : facts.codes) {
        if (!code.starts_with(system)) continue;
        const auto state = std::string_view(code).substr(system.size());
        if (state != "proposed" && state != "draft") return false;
        proposal = true;
    }
    return proposal;
}

// A Consent gives access, so those who gain by it may not write it: any organisation may propose one and follow its own proposal, and
// the patient (or a configured recorder) activates it.
Decision decide_consent(const Requester& requester, Action action, const Facts& facts, const Policy& policy, Decision otherwise) {
    const bool denied = otherwise.rule == "consent-deny" || otherwise.rule == "not-understood";
    const bool own_proposal = is_proposal(facts) && !requester.organization.empty() &&
                              (facts.owner_org == requester.organization || (action == Action::create && facts.owner_org.empty()));
    if (own_proposal && !denied) return permit("consent-proposal");
    if (!writes(action)) return otherwise;
    if (contains(policy.consent_recorders, requester.subject) ||
        (!requester.organization.empty() && contains(policy.consent_recorders, requester.organization))) {
        return permit("consent-recorder");
    }
    return deny("consent-is-the-patients");
}

}  // namespace

Decision decide(const Requester& requester, Action action, const Facts& facts, const std::string& patient,
                const std::vector<ActiveConsent>& consents, const Policy& policy, base::TimeUs now) {
    if (!contains(facts.patients, patient)) return deny("not-in-compartment");
    if (requester.role == Role::patient && requester.subject == "Patient/" + patient) return own_record(requester, action, facts);
    if (requester.role == Role::auditor || requester.role == Role::admin) return deny("role");
    if (facts.type == "AuditEvent") return deny("audit-events-apart");
    if (requester.purposes.empty()) return deny("no-purpose");
    if (!professional(requester)) {
        if (writes(action)) return deny("role");
        return decide_read(requester, facts, patient, consents, policy, now);
    }
    Decision decision = action == Action::create ? decide_create(requester, facts, patient, consents, policy, now)
                        : writes(action)         ? decide_change(requester, facts, patient, consents, policy, now)
                                                 : decide_read(requester, facts, patient, consents, policy, now);
    if (facts.type == "Consent") return decide_consent(requester, action, facts, policy, std::move(decision));
    return decision;
}

Decision decide_all(const Requester& requester, Action action, const Facts& facts, const std::vector<PatientConsents>& all,
                    const Policy& policy, base::TimeUs now) {
    if (facts.patients.empty()) return decide_unowned(requester, action, facts, policy);
    Decision merged;
    for (const auto& patient : facts.patients) {
        const auto found = std::find_if(all.begin(), all.end(), [&](const PatientConsents& one) { return one.patient == patient; });
        if (found == all.end() || !found->consents) return deny("not-in-compartment");
        Decision one = decide(requester, action, facts, patient, *found->consents, policy, now);
        if (!one.permits()) return one;
        // The first patient's rule names the decision; the consents of all of them are in it.
        if (merged.rule.empty()) merged.rule = one.rule;
        merged.consents.insert(merged.consents.end(), one.consents.begin(), one.consents.end());
    }
    merged.verdict = Verdict::permit;
    return merged;
}

}  // namespace consent
