// Who may look into the audit trail, and what of it: auditors and admins all of it, patients what names them.
#pragma once

#include "fhir/http/query.hpp"
#include "fhir/rest/attempt.hpp"
#include "fhir/rest/services.hpp"

namespace rest {

// The patient the caller is bound to, or empty for one who may see all. Errors: Kind::forbidden for every other role.
base::Result<std::string> trail_scope(const Attempt& attempt);

// trail_query.cpp. AuditEvent search parameters -> chain::EventQuery: date, patient, agent, entity, action, outcome, subtype, _id, _count, _total.
// Errors: Kind::invalid naming the parameter.
base::Result<chain::EventQuery> event_query(const http::Query& parameters, const Settings& settings, bool lenient, http::Query& used);

// The served resource: the committed bytes, or for an erased event a stub that says so (its proof still verifies).
std::string served_event(const chain::StoredEvent& event);

// A C2SP tlog-proof for one entry, with entry, salt and anchor in its `extra` line; `with_event` puts the event in too, for a file that
// verifies by itself.
base::Result<std::string> proof_text(const Services& services, const chain::StoredEvent& event, bool with_event);

}  // namespace rest
