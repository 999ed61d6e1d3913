// What an operator did, for the audit chain: no request stands behind it, so the event is made here and names "operator" as its agent.
#pragma once

#include "anchoring/chain/audit_log.hpp"
#include "fhir/server/instance.hpp"

namespace server {

struct OperatorAction {
    std::string subtype;            // what auditors search for: "erase", "ledger-pause", "ledger-resume"
    char action = 'E';              // AuditEvent.action
    std::string system, code, display;  // AuditEvent.type
    std::string outcome;            // AuditEvent.outcomeDesc: what was done, for people
    std::string reference;          // AuditEvent.entity.what; empty: none
    std::string entity_name;        // AuditEvent.entity.name, of what is no resource; empty: none
};

// With an id and the time of now; sealed under the tenant's audit key.
chain::Submission operator_event(const Instance& instance, const OperatorAction& action);

}  // namespace server
