#include "fhir/server/operator_ledger.hpp"

#include <sstream>

#include "storage/base/clock.hpp"
#include "storage/base/encoding.hpp"

namespace server {
namespace {

// The low half: all the ether there will ever be is far below 2^128 wei.
unsigned __int128 low_half(const ethereum::U256& number) {
    unsigned __int128 out = 0;
    for (std::size_t i = 16; i < number.bytes.size(); ++i) out = out << 8 | number.bytes[i];
    return out;
}

// Wei as ETH with six decimals, rounded down: exact enough to see whether it is enough.
std::string in_ether(const ethereum::U256& wei) {
    constexpr std::uint64_t kMicroEther = 1'000'000'000'000;
    const auto micro = static_cast<std::uint64_t>(low_half(wei) / kMicroEther);
    auto rest = std::to_string(micro % 1'000'000);
    rest.insert(0, 6 - rest.size(), '0');
    return std::to_string(micro / 1'000'000) + "." + rest + " ETH";
}

// What 1,000 grants cost at the fees of now: below it somebody should act.
constexpr std::uint64_t kComfortGas = 1000 * 60'000;

bool is_below(const ethereum::U256& wei, std::uint64_t gas, std::uint64_t fee) {
    return low_half(wei) < static_cast<unsigned __int128>(gas) * fee;
}

std::string anchor_line(Instance& i) {
    const auto last = i.anchorer->last();
    if (!last) return "none yet";
    std::string out = std::to_string(last->size) + " audit entries, " + std::string(outbox::to_string(last->state));
    if (last->block_number != 0) out += " in block " + std::to_string(last->block_number);
    return out;
}

std::string head_line(Instance& i) {
    const auto head = i.ledger->head();
    if (!head) return head.error().diagnostics;
    const auto finalized = i.ledger->finalized();
    return "block " + std::to_string(head->number) + " of " + base::format_instant(head->time_us) + ", " +
           (finalized ? "final up to block " + std::to_string(*finalized) : finalized.error().diagnostics);
}

std::vector<LedgerProblem> problems_of(Instance& i, const ledger::Health& health) {
    const auto node_of = "a node of chain id " + std::to_string(i.ledger->chain_id()) + " with --ledger";
    if (health.wrong_chain)
        return {{Trouble::wrong_chain, health.problem + ": nothing is sent there or believed from there; name " + node_of +
                                           ", and the contracts that stand there with --chain-contracts"}};
    if (!health.answers)
        return {{Trouble::no_answer, health.problem + ": what is written waits and nothing is lost; look after the node, or name " + node_of}};
    if (!health.takes_fees || !health.relayer_balance_wei) return {};
    const auto fees = i.ledger->fees();
    if (!fees || !is_below(*health.relayer_balance_wei, kComfortGas, fees->max_fee_per_gas)) return {};
    return {{Trouble::low_balance, "the relayer " + ethereum::to_text(i.outbox->relayer()) + " has " + in_ether(*health.relayer_balance_wei) +
                                       " left, less than a thousand grants cost now: send it more"}};
}

}  // namespace

std::string_view to_string(Trouble trouble) {
    switch (trouble) {
        case Trouble::paused: return "paused";
        case Trouble::no_answer: return "no_answer";
        case Trouble::wrong_chain: return "wrong_chain";
        case Trouble::low_balance: return "low_balance";
    }
    return "unknown";
}

std::vector<LedgerProblem> ledger_problems(Instance& i) {
    return problems_of(i, i.ledger->health(i.outbox->relayer()));
}

base::Result<std::string> ledger_status(Instance& i) {
    const auto waiting = i.outbox->waiting();
    if (!waiting) return base::pass(waiting);
    const auto health = i.ledger->health(i.outbox->relayer());
    const auto contracts = i.ledger->contracts();
    std::ostringstream out;
    out << "ledger       " << (i.embedded != nullptr ? std::string("embedded") : health.endpoint) << ", chain id " << i.ledger->chain_id() << '\n'
        << "contracts    ConsentLedger " << ethereum::to_text(contracts.consent_ledger) << ", AuditAnchor " << ethereum::to_text(contracts.audit_anchor) << '\n'
        << "log id       0x" << base::to_hex(i.anchorer->log_id()) << " in AuditAnchor: auditors pin both\n"
        << "head         " << head_line(i) << '\n'
        << "relayer      " << ethereum::to_text(i.outbox->relayer());
    if (health.relayer_balance_wei) out << ", " << in_ether(*health.relayer_balance_wei);
    if (!health.takes_fees) out << ", pays nothing";
    out << "\nwaiting      " << *waiting << " transactions\n"
        << "last anchor  " << anchor_line(i);
    if (const auto pause = pause_problem(i, true)) out << "\nproblem      " << pause->text;
    for (const auto& problem : problems_of(i, health)) out << "\nproblem      " << problem.text;
    return out.str();
}

base::Result<std::string> ledger_resend(Instance& i) {
    if (auto sent = i.outbox->resend(); !sent) return base::pass(sent);
    const auto waiting = i.outbox->waiting();
    if (!waiting) return base::pass(waiting);
    return "asked the ledger about everything that waits; " + std::to_string(*waiting) + " transactions wait still";
}

}  // namespace server
