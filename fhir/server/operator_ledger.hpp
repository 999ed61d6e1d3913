// What an operator asks about the ledger: of a running server through the control socket ("ledger-status", "ledger-resend",
// "ledger-export", "ledger-pause", "ledger-resume"), of a stopped one through its directory.
#pragma once

#include "fhir/server/instance.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace server {

// Why somebody should look: the value of the label `reason` in /metrics.
enum class Trouble { paused, no_answer, wrong_chain, low_balance };
inline constexpr std::array kTroubles{Trouble::paused, Trouble::no_answer, Trouble::wrong_chain, Trouble::low_balance};
std::string_view to_string(Trouble trouble);

struct LedgerProblem {
    Trouble reason;
    std::string text;  // one sentence: what is wrong, and what to do
};

// For people: which ledger, its head and what is final, the relayer and its balance, what waits, the last anchor. Says what to do about
// what is wrong. Error: when the outbox cannot be read.
base::Result<std::string> ledger_status(Instance& instance);
// Asks the ledger about everything that waits, now, and gives it again what it does not hold. Errors: the ledger's.
base::Result<std::string> ledger_resend(Instance& instance);
// Empty when ledger and relayer are well. Asks the ledger. A pause is not told here: see pause_problem().
std::vector<LedgerProblem> ledger_problems(Instance& instance);

// Holds the relayer back, durably, and lets it go again (Outbox::pause); the audit chain gets an entry of each. One that changes nothing says
// so and is a success. `is_serving`: a server runs on this instance, and sends what waits. Errors: Kind::invalid for a reason that is not
// one short line; Kind::unavailable when the audit chain cannot take the entry now; the store's.
base::Result<std::string> ledger_pause(Instance& instance, const std::string& why);
base::Result<std::string> ledger_resume(Instance& instance, bool is_serving);
// While paused. Asks nobody. The operator's own words are not for everybody who can ask for /readyz.
std::optional<LedgerProblem> pause_problem(const Instance& instance, bool with_why);

}  // namespace server
