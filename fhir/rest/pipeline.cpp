#include "fhir/rest/pipeline.hpp"

#include "fhir/rest/audit_event.hpp"
#include "fhir/rest/exchange.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/negotiate.hpp"
#include "fhir/rest/refusals.hpp"
#include "storage/base/log.hpp"

namespace rest {

// Never throws and never answers: whatever happens to the request is written into the attempt and handed on.
void try_request(AttemptPtr attempt, const Services& services, Then then) {
    auto& a = *attempt;
    const auto formats = negotiate(a);  // first, so that a refusal too is written in the form that was asked for
    auto action = route(a.request, services.settings.base_path, a.allow);
    if (action) a.action = std::move(*action);
    if (!action || !a.action.route->open) {  // who asks comes first: a stranger learns nothing of our paths
        auto caller = services.auth.authenticate(a.request.header("Authorization"));
        if (!caller) return a.stranger(caller.error()), then(attempt);
        a.caller = std::move(*caller);
    }
    if (!action) return a.refuse(action.error()), then(attempt);
    if (!formats) return a.refuse(formats.error()), then(attempt);
    if (a.action.route->open) return perform(attempt, services, std::move(then));
    if (auto allowed = within_scopes(a); !allowed) return a.refuse(allowed.error()), then(attempt);
    if (!a.action.route->heavy) return perform(attempt, services, std::move(then));
    services.run_later([attempt, &services, then = std::move(then)] { perform(attempt, services, then); });
}

// XML and _pretty cost a parse, which does not hold up the log's thread or an IO thread.
void answer_reshaped(const AttemptPtr& attempt, const Services& services, http::Respond respond) {
    services.run_later([attempt, &services, respond = std::move(respond)] { respond(render(*attempt, services)); });
}

void answer(const AttemptPtr& attempt, const Services& services, http::Respond respond) {
    if (reshapes(*attempt)) return answer_reshaped(attempt, services, std::move(respond));
    respond(render(*attempt, services));
}

// No audit, no data: the answer leaves only after its entries are durable. It is rendered before, while its bytes are warm and this thread
// has the time: the log's thread, which tells of durability, holds up the next group.
void account(AttemptPtr attempt, const Services& services, http::Respond respond) {
    if (!attempt->caller) {  // nobody we know: counted, so that a stranger cannot fill the disk; nothing stored was looked at
        if (attempt->error && attempt->error->kind == base::Kind::unauthenticated) services.refusals.count(attempt->request);
        return answer(attempt, services, std::move(respond));
    }
    auto entries = attempt->journaled.empty() ? audit_entries(*attempt, services.settings.base_url) : attempt->journaled;
    if (entries.empty()) return answer(attempt, services, std::move(respond));
    // What stands in the journal is appended again after a crash, and belongs to a write that is done: no full queue refuses it.
    for (auto& entry : entries) {
        entry.owed = !attempt->journaled.empty();
        entry.once = !entry.owed;
    }
    std::optional<http::Response> ready;
    if (!reshapes(*attempt)) ready = render(*attempt, services);
    append_entries(services, std::move(entries),
                   [attempt, &services, respond = std::move(respond), ready = std::move(ready)](base::Status durable) mutable {
                       attempt->duty.discharge();
                       if (!durable) {
                           static base::log::Seldom log;
                           log.error("answered without data, because an audit entry is not durable: " + durable.error().diagnostics);
                           return respond(audit_unavailable(*attempt));
                       }
                       for (auto& entry : attempt->journaled) services.store.journal_done({entry.keys.id});
                       if (!ready) return answer_reshaped(attempt, services, std::move(respond));
                       ready->made_from = std::move(attempt);
                       respond(std::move(*ready));
                   });
}

namespace {
void start(AttemptPtr attempt, const Services& services, http::Respond respond) {
    try_request(attempt, services, [&services, respond = std::move(respond)](AttemptPtr tried) { account(tried, services, respond); });
}
}  // namespace

void handle(http::Request request, const Services& services, http::Respond respond) {
    start(std::make_shared<Attempt>(std::move(request), services.clock.now_us()), services, std::move(respond));
}

void handle_entry(http::Request request, const Services& services, http::Respond respond) {
    auto attempt = std::make_shared<Attempt>(std::move(request), services.clock.now_us());
    attempt->entry_of_bundle = true;
    start(std::move(attempt), services, std::move(respond));
}

}  // namespace rest
