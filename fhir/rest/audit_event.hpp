// IHE BALP AuditEvents (ITI Basic Audit Log Patterns) for what an Attempt did: one per patient touched, also when it was refused
// or failed. Mind BALP's roles: of a read the client is the destination, of a search, create or update the source.
#pragma once

#include <vector>

#include "fhir/rest/attempt.hpp"

namespace rest {

// Empty for what needs no audit (metadata, smart-configuration). With a unit's writes, the write-set entry comes last.
// `attempt.reply`/`error` must be final.
std::vector<chain::Submission> audit_entries(const Attempt& attempt, std::string_view base_url);

// A token of the parameter subtype (R4 search.html#token: code, system|code, system|, |code) as the log keeps the subtypes of all events that
// bear it: an event of a patch is one of an update too, and one of $expand is one of an operation. Empty: no event can bear it. Errors:
// Kind::invalid, of a token's form.
base::Result<std::vector<std::string>> stored_subtypes(std::string_view token);

// How the event calls the outcome: 0 success, 4 refused or client's fault, 8 server's fault.
std::uint8_t outcome_of(const Attempt& attempt);

}  // namespace rest
