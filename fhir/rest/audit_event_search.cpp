// AuditEvent read and search for auditors, and for patients their own; each entry of the Bundle carries its proof, so that the Bundle
// alone can be verified offline by kedge-verify. Looking into the trail is itself audited.
#include "fhir/rest/audit_access.hpp"
#include "fhir/rest/bundle_writer.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/paging.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/summary.hpp"
#include "fhir/rest/trail_page.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>

namespace rest {
namespace {

using base::Kind;

base::Result<std::string> proof_extension(const Services& services, const chain::StoredEvent& event) {
    auto proof = proof_text(services, event, false);
    if (!proof) return proof;
    return R"([{"url":"http://kedge.dev/fhir/StructureDefinition/audit-proof","valueBase64Binary":")" +
           base::to_base64(base::as_bytes(*proof)) + R"("}])";
}

}  // namespace

base::Result<std::string> trail_scope(const Attempt& attempt) {
    const auto& who = attempt.caller->requester;
    if (who.role == consent::Role::auditor || who.role == consent::Role::admin) return std::string();
    if (who.role == consent::Role::patient && who.subject.starts_with("Patient/")) return who.subject.substr(8);
    return base::fail(Kind::forbidden, "the audit trail is open to auditors, and to patients for what concerns them");
}

base::Result<std::string> trail_page(Attempt& a, const Services& services, const http::Query& parameters, const PageState& state) {
    auto scope = trail_scope(a);
    if (!scope) return base::pass(scope);
    const auto shape = shape_of(parameters, "AuditEvent", a.lenient());
    if (!shape) return base::pass(shape);
    http::Query used;
    auto query = event_query(parameters, services.settings, a.lenient(), used);
    if (!query) return base::pass(query);
    if (!scope->empty()) {
        const bool others = std::any_of(query->patients.begin(), query->patients.end(), [&](const std::string& p) { return p != *scope; });
        if (others) return base::fail(Kind::forbidden, "a patient sees the trail of their own record alone", {"patient"});
        query->patients = {*scope};
    }
    query->before_seq = state.before_seq;
    if (shape->count) query->limit = 0;
    if (query->limit == 0) query->count_total = true;  // R4 search.html#count: _count=0 is _summary=count
    const bool whole = shape->subset.form == codec::Subset::Form::whole;
    auto hits = services.log.search(*query);
    if (!hits) return base::pass(hits);
    BundleWriter bundle("searchset", a.started_us);
    if (hits->total) bundle.total(*hits->total);
    const auto path = services.settings.base_url + "/AuditEvent";
    bundle.link("self", used.empty() ? path : path + "?" + http::write_query(used));
    a.trail.part(*scope, 'E');
    for (const auto seq : hits->seqs) {
        auto event = services.log.event(seq);
        if (!event) return base::pass(event);
        // A proof is of the event's own bytes, so a shortened event has none; $proof gives it.
        auto proof = whole ? proof_extension(services, *event) : base::Result<std::string>(std::string());
        if (!proof) return base::pass(proof);
        const auto body = shaped(served_event(*event), *shape);
        if (!body) return base::pass(body);
        const auto full_url = path + "/" + event->keys.id;
        bundle.entry({.full_url = full_url, .resource = *body, .search_mode = "match", .extension = *proof});
    }
    if (hits->more && !hits->seqs.empty()) {
        auto next = next_page_url(a, services, "AuditEvent", used, {hits->seqs.back(), UINT64_MAX});
        if (!next) return base::pass(next);
        bundle.link("next", *next);
    }
    return bundle.take();
}

void audit_event_search(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    auto parameters = search_parameters(a);
    if (!parameters) return a.refuse(parameters.error()), then(attempt);
    auto page = trail_page(a, services, *parameters, {});
    if (!page) return a.refuse(page.error()), then(attempt);
    a.reply.body = std::move(*page);
    then(attempt);
}

}  // namespace rest
