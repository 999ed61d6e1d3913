// What an operator asks about the ledger: of a running server through the control socket ("ledger-status", "ledger-resend",
// "ledger-export"), of a stopped one through its directory.
#pragma once

#include "fhir/server/instance.hpp"

namespace server {

// For people: which ledger, its head and what is final, the relayer and its balance, what waits, the last anchor. Says what to do about
// what is wrong. Error: when the outbox cannot be read.
base::Result<std::string> ledger_status(Instance& instance);
// Asks the ledger about everything that waits, now, and gives it again what it does not hold. Errors: the ledger's.
base::Result<std::string> ledger_resend(Instance& instance);
// Nothing when all is well; else one sentence that says what is wrong and what to do. Asks the ledger.
std::string ledger_problem(Instance& instance);

}  // namespace server
