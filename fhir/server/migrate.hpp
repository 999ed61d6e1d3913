// kedge ledger migrate: a directory's consents and anchors move to another ledger.
#pragma once

#include "fhir/server/config.hpp"

namespace server {

// Opens the directory on config.ledger, grants there what is granted on the ledger used before, anchors the audit log's head, and waits
// up to `wait_s` until all of it is final. Nothing is taken back on the old ledger: what was proven there stays proven. Can be run
// again after an interruption: what stands already is passed over. Gives the exit code.
int migrate(const Config& config, int wait_s);

}  // namespace server
