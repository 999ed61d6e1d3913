// What an operator may ask of a running server through the control socket: "backup" {to}, "erase" {patient, auditKey}, "revoke" {token},
// "ledger-pause" {why}, "ledger-resume", and what else operator_ledger.hpp names.
#pragma once

#include "fhir/server/control.hpp"
#include "fhir/server/instance.hpp"

namespace server {

ControlHandler operator_commands(Instance& instance);

// A consistent copy into an empty or new directory. Writes wait while files are copied, reads go on. The audit log's copy holds exactly
// what the records' copy speaks of, so that `kedge fsck` finds the backup clean. While it is made, and for good when it fails or is killed,
// the directory holds the file unfinished_mark() names. Errors: Kind::conflict when `to` is not empty; Kind::fault.
base::Result<std::string> backup(Instance& instance, const std::string& to);
std::string unfinished_mark(const std::string& backup_dir);

// Destroys the patient's data key (and with it every version of every record it sealed), and says so in the audit chain. The audit key
// stays unless `also_audit_key`. Errors: Kind::invalid when it is no reference Patient/[id]; Kind::not_found when there is no such key.
base::Result<std::string> erase_patient(Instance& instance, const std::string& reference, bool also_audit_key);

// The token is refused from now on, here and after a restart, and the audit chain says so. `token`: one of this server's, or its id, alone or as
// urn:oauth:jti:ID. Errors: Kind::invalid when it is neither; Kind::fault when the list cannot be written, Kind::unavailable when the audit chain
// takes no entry: the token counts no more all the same, and the command may be repeated.
base::Result<std::string> revoke_token(Instance& instance, const std::string& token);

}  // namespace server
