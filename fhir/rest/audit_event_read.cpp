// AuditEvent/{id}, AuditEvent/{id}/$proof, AuditEvent/$verify-integrity, Patient/{id}/$access-report.
#include "anchoring/chain/proofs.hpp"
#include "fhir/rest/audit_access.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/integrity.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/searching.hpp"
#include "fhir/rest/summary.hpp"

namespace rest {
namespace {

using base::Kind;

// The event if the caller may see it; a patient's own events are those that the index finds under the patient.
base::Result<chain::StoredEvent> find_event(Attempt& a, const Services& services) {
    auto scope = trail_scope(a);
    if (!scope) return base::pass(scope);
    chain::EventQuery query;
    query.ids = {a.action.id};
    query.limit = 1;
    if (!scope->empty()) query.patients = {*scope};
    auto hits = services.log.search(query);
    if (!hits) return base::pass(hits);
    if (hits->seqs.empty()) return tl::unexpected(not_found("AuditEvent", a.action.id));
    auto event = services.log.event(hits->seqs.front());
    if (event) a.trail.note(*scope, 'R', "AuditEvent/" + a.action.id);
    return event;
}

}  // namespace

std::string served_event(const chain::StoredEvent& event) {
    if (!event.erased) return event.content;
    // A valid AuditEvent still: what it said is gone with its key, that it happened is not.
    const auto instant = base::format_instant(event.entry.time_us);
    json::Object out, meta, type, agent, source, observer, absent;
    out.set("resourceType", "AuditEvent");
    out.set("id", event.keys.id);
    meta.set("versionId", "1");
    meta.set("lastUpdated", instant);
    out.set("meta", std::move(meta));
    type.set("system", "http://terminology.hl7.org/CodeSystem/audit-event-type");
    type.set("code", "rest");
    out.set("type", std::move(type));
    out.set("recorded", instant);
    out.set("outcomeDesc", "The content was erased: the key that sealed it has been destroyed. Its proof still verifies.");
    agent.set("requestor", true);
    out.set("agent", json::Array{std::move(agent)});
    observer.set("display", "kedge");
    source.set("observer", std::move(observer));
    out.set("source", std::move(source));
    return json::write(json::Value(std::move(out)));
}

base::Result<std::string> proof_text(const Services& services, const chain::StoredEvent& event, bool with_event) {
    auto file = chain::proof_of(services.log, event.entry.seq, with_event, services.anchor_covering(event.entry.seq + 1));
    if (!file) return base::pass(file);
    return file->text();
}

void audit_event_read(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    const auto shape = shape_of_one(a.request.query, a.action.type, a.lenient());
    if (!shape) return a.refuse(shape.error()), then(attempt);
    auto event = find_event(a, services);
    if (!event) return a.refuse(event.error()), then(attempt);
    auto body = shaped(served_event(*event), *shape);
    if (!body) return a.refuse(body.error()), then(attempt);
    a.reply.body = std::move(*body);
    a.reply.version = 1;
    a.reply.updated_us = event->entry.time_us;
    then(attempt);
}

void audit_event_proof(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    a.subtype = "$proof";
    auto event = find_event(a, services);
    if (!event) return a.refuse(event.error()), then(attempt);
    auto text = proof_text(services, *event, true);
    if (!text) return a.refuse(text.error()), then(attempt);
    a.reply.body = std::move(*text);
    a.reply.content_type = "text/plain; charset=utf-8";
    then(attempt);
}

void verify_integrity(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    a.subtype = "$verify-integrity";
    const auto scope = trail_scope(a);
    if (!scope) return a.refuse(scope.error()), then(attempt);
    if (!scope->empty()) return a.refuse(base::Error{Kind::forbidden, "the whole chain is checked by auditors and admins", {}, {}}), then(attempt);
    const auto parameters = http::parse_query(a.request.query);
    if (!parameters) return a.refuse(parameters.error()), then(attempt);
    auto range = integrity_range(*parameters, services);
    if (!range) return a.refuse(range.error()), then(attempt);
    auto report = integrity_report(services, *range);
    if (!report) return a.refuse(report.error()), then(attempt);
    a.reply.body = std::move(*report);
    then(attempt);
}

void access_report(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    a.subtype = "$access-report";
    const auto scope = trail_scope(a);
    if (!scope) return a.refuse(scope.error()), then(attempt);
    if (!scope->empty() && *scope != a.action.id) {
        return a.refuse(base::Error{Kind::forbidden, "a patient sees the trail of their own record alone", {}, {}}), then(attempt);
    }
    const auto parameters = http::parse_query(a.request.query);
    if (!parameters) return a.refuse(parameters.error()), then(attempt);
    a.trail.part(a.action.id, 'E');
    auto report = access_report_of(a, services, *parameters);
    if (!report) return a.refuse(report.error()), then(attempt);
    a.reply.body = std::move(*report);
    then(attempt);
}

}  // namespace rest
