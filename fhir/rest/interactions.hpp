// One function per interaction, each in its own file. All of them write what came of it into the attempt and call `then` once.
#pragma once

#include "fhir/rest/attempt.hpp"
#include "fhir/rest/services.hpp"

namespace rest {

// The switch over the interactions below.
void perform(AttemptPtr attempt, const Services& services, Then then);

// The token's scopes bound what its role may do (SMART App Launch 2 scopes). Error: Kind::forbidden.
base::Status within_scopes(const Attempt& attempt);
// One interaction on one type (empty: the system). Error: Kind::forbidden.
base::Status scopes_cover(const Attempt& attempt, const std::string& type, consent::Action action);

void capabilities(AttemptPtr attempt, const Services& services, const Then& then);
void smart_configuration(AttemptPtr attempt, const Services& services, const Then& then);
void read(AttemptPtr attempt, const Services& services, const Then& then);
void vread(AttemptPtr attempt, const Services& services, const Then& then);
void history(AttemptPtr attempt, const Services& services, const Then& then);
void search(AttemptPtr attempt, const Services& services, const Then& then);
void page(AttemptPtr attempt, const Services& services, const Then& then);
void create(AttemptPtr attempt, const Services& services, const Then& then);
void update(AttemptPtr attempt, const Services& services, const Then& then);
void patch(AttemptPtr attempt, const Services& services, const Then& then);
void remove(AttemptPtr attempt, const Services& services, const Then& then);
void bundle(AttemptPtr attempt, const Services& services, const Then& then);
void audit_event_read(AttemptPtr attempt, const Services& services, const Then& then);
void audit_event_search(AttemptPtr attempt, const Services& services, const Then& then);
void audit_event_proof(AttemptPtr attempt, const Services& services, const Then& then);
void verify_integrity(AttemptPtr attempt, const Services& services, const Then& then);
void log_proofs(AttemptPtr attempt, const Services& services, const Then& then);
void access_report(AttemptPtr attempt, const Services& services, const Then& then);
void validate_operation(AttemptPtr attempt, const Services& services, const Then& then);
void terminology_operation(AttemptPtr attempt, const Services& services, const Then& then);
void fhirpath_operation(AttemptPtr attempt, const Services& services, const Then& then);
void ledger_status(AttemptPtr attempt, const Services& services, const Then& then);

}  // namespace rest
