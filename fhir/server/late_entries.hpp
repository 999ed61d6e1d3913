// Audit entries whose deed was committed before they were in the log: each rests with its deed, in one transaction, until the log has it. What
// a crash leaves behind is appended at the next start, before any traffic. The log takes each id once, however often it is offered.
#pragma once

#include "anchoring/chain/audit_log.hpp"
#include "storage/store/key_ring.hpp"
#include "storage/store/store.hpp"

namespace server {

// Returns when it is durable. Errors: the log's.
base::Status append_and_wait(chain::AuditLog& log, chain::Submission event);

// Of writes, from the store's journal.
base::Status replay_journal(store::Store& store, store::KeyRing& keys, chain::AuditLog& log);

// Of destroyed keys, from the key file. What the log does not take stays owed. Errors: the log's, the key ring's, Kind::corrupt.
base::Status settle_owed_entries(store::KeyRing& keys, chain::AuditLog& log);

}  // namespace server
