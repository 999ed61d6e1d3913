#include "fhir/rest/interactions.hpp"

#include "fhir/auth/scope.hpp"

namespace rest {

void perform(AttemptPtr attempt, const Services& services, Then then) {
    const bool trail = attempt->action.type == "AuditEvent";
    switch (attempt->action.interaction) {
        case Interaction::capabilities: return capabilities(attempt, services, then);
        case Interaction::smart_configuration: return smart_configuration(attempt, services, then);
        case Interaction::read: return trail ? audit_event_read(attempt, services, then) : read(attempt, services, then);
        case Interaction::vread: return vread(attempt, services, then);
        case Interaction::create: return create(attempt, services, then);
        case Interaction::update: return update(attempt, services, then);
        case Interaction::patch: return patch(attempt, services, then);
        case Interaction::remove: return remove(attempt, services, then);
        case Interaction::history_instance:
        case Interaction::history_type:
        case Interaction::history_system: return history(attempt, services, then);
        case Interaction::search_type:
        case Interaction::search_system: return trail ? audit_event_search(attempt, services, then) : search(attempt, services, then);
        case Interaction::page: return page(attempt, services, then);
        case Interaction::bundle: return bundle(attempt, services, then);
        case Interaction::ledger_status: return ledger_status(attempt, services, then);
        case Interaction::proof: return audit_event_proof(attempt, services, then);
        case Interaction::verify_integrity: return verify_integrity(attempt, services, then);
        case Interaction::log_proofs: return log_proofs(attempt, services, then);
        case Interaction::access_report: return access_report(attempt, services, then);
        case Interaction::validation: return validate_operation(attempt, services, then);
        case Interaction::terminology: return terminology_operation(attempt, services, then);
        case Interaction::fhirpath: return fhirpath_operation(attempt, services, then);
    }
}

base::Status within_scopes(const Attempt& attempt) {
    using consent::Action;
    Action action = Action::operation;
    switch (attempt.action.interaction) {
        case Interaction::read:
        case Interaction::vread: action = Action::read; break;
        case Interaction::history_instance:
        case Interaction::history_type:
        case Interaction::history_system: action = Action::history; break;
        case Interaction::search_type:
        case Interaction::search_system: action = Action::search; break;
        case Interaction::create: action = Action::create; break;
        case Interaction::update:
        case Interaction::patch: action = Action::update; break;
        case Interaction::remove: action = Action::remove; break;
        case Interaction::fhirpath: return {};  // it looks at nothing but what the caller sent
        case Interaction::bundle:
        case Interaction::page: return {};  // each entry, and the search behind the page (paging.cpp), is asked on its own
        default: action = Action::read;     // the operations of the table read what they are named for
    }
    return scopes_cover(attempt, attempt.action.type, action);
}

base::Status scopes_cover(const Attempt& attempt, const std::string& type, consent::Action action) {
    if (auth::scope_allows(*attempt.caller, type, action)) return {};
    return base::fail(base::Kind::forbidden, "the token's scopes do not cover this interaction on " + (type.empty() ? std::string("the system") : type));
}

}  // namespace rest
