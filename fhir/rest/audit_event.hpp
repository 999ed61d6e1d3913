// IHE BALP AuditEvents (ITI Basic Audit Log Patterns) for what an Attempt did: one per patient touched, also when it was refused
// or failed. research/ledger-anchors.md section 5.1 has the table; mind the reversed client and server roles of Query.
#pragma once

#include <vector>

#include "fhir/rest/attempt.hpp"

namespace rest {

// Empty for what needs no audit (metadata, smart-configuration). With a unit's writes, the write-set entry comes last.
// `attempt.reply`/`error` must be final.
std::vector<chain::Submission> audit_entries(const Attempt& attempt, std::string_view base_url);

// The subtypes as the log keeps them of all events that bear this code: an event of a patch is one of an update too, and one of $expand is
// one of an operation. The first is the code itself.
std::vector<std::string> stored_subtypes(const std::string& code);

// How the event calls the outcome: 0 success, 4 refused or client's fault, 8 server's fault.
std::uint8_t outcome_of(const Attempt& attempt);

}  // namespace rest
