// kedge ledger pause | resume: the relayer is held back or let go, and the audit chain says so.
#include "fhir/server/late_entries.hpp"
#include "fhir/server/operator_event.hpp"
#include "fhir/server/operator_ledger.hpp"

namespace server {
namespace {

using base::Kind;

// DICOM's "Application Activity" (R4 audit-event-type): a part of the server starts or stops.
chain::Submission pause_event(const Instance& i, std::string_view subtype, std::string outcome) {
    return operator_event(i, {.subtype = std::string(subtype),
                              .system = "http://dicom.nema.org/resources/ontology/DCM",
                              .code = "110100",
                              .display = "Application Activity",
                              .outcome = std::move(outcome),
                              .entity_name = "relayer " + ethereum::to_text(i.outbox->relayer()) + " on chain id " + std::to_string(i.ledger->chain_id())});
}

// In the journal, with the change itself, so that neither is without the other; the log gets it now, or at the next start.
store::Store::Work journal(const chain::Submission& event) {
    return [&event](store::Unit& unit) { return unit.journal(event.keys.id, event.encode()); };
}

base::Status to_chain(Instance& i, chain::Submission event, const std::string& done) {
    const auto id = event.keys.id;
    if (auto appended = append_and_wait(*i.log, std::move(event)); !appended)
        return base::fail(Kind::unavailable, done + ", but the audit chain cannot take the entry now (" + appended.error().diagnostics +
                                                 "): it is kept, and appended when the server starts again");
    i.store->journal_done({id});
    return {};
}

std::string transactions(std::size_t count) {
    return count == 1 ? "1 transaction" : std::to_string(count) + " transactions";
}

}  // namespace

std::optional<LedgerProblem> pause_problem(const Instance& i, bool with_why) {
    const auto pause = i.outbox->paused();
    if (!pause) return std::nullopt;
    return LedgerProblem{Trouble::paused, outbox::to_text(*pause, with_why) + ", " + std::string(outbox::kPauseMeans)};
}

base::Result<std::string> ledger_pause(Instance& i, const std::string& why) {
    auto event = pause_event(i, "ledger-pause", why.empty() ? "relayer paused" : "relayer paused: " + why);
    const auto changed = i.outbox->pause(why, journal(event));
    if (!changed) return base::pass(changed);
    const auto problem = pause_problem(i, true);
    if (!problem) return base::fail(Kind::conflict, "somebody else resumed the relayer at this moment; look with `kedge ledger status`");
    if (!*changed) return "nothing changed: " + problem->text;
    if (auto told = to_chain(i, std::move(event), "the relayer is paused"); !told) return base::pass(told);
    const auto waiting = i.outbox->waiting();
    if (!waiting) return base::pass(waiting);
    const auto out = problem->text + "\nwaiting: " + transactions(*waiting);
    return i.embedded != nullptr ? out : out + "; what the node was given before cannot be called back, and is followed";
}

base::Result<std::string> ledger_resume(Instance& i, bool is_serving) {
    const auto before = i.outbox->paused();
    auto event = pause_event(i, "ledger-resume", before ? "relayer resumed, paused since " + base::format_instant(before->since_us) : "");
    const auto waiting = i.outbox->waiting();
    if (!waiting) return base::pass(waiting);
    const auto changed = i.outbox->resume(journal(event));
    if (!changed) return base::pass(changed);
    if (!*changed) return std::string("nothing changed: the relayer is not paused");
    if (auto told = to_chain(i, std::move(event), "the relayer is resumed"); !told) return base::pass(told);
    std::string out = "the relayer is resumed; " + transactions(*waiting) + " waited";
    if (*waiting == 0) return out;
    // Without a server the embedded ledger takes them when this command ends (Instance::drain).
    return out + (is_serving || i.embedded != nullptr ? ", sent now" : "; the server sends what waits when it starts");
}

}  // namespace server
