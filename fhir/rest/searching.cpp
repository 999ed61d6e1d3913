#include "fhir/rest/searching.hpp"

#include "fhir/rest/bundle_writer.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/paging.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/summary.hpp"
#include "fhir/search/parse_query.hpp"
#include "storage/base/log.hpp"

namespace rest {
namespace {

using base::Kind;

search::QueryContext context_of(const Attempt& a, const Services& services, const std::string& type) {
    search::QueryContext out;
    out.type = type;
    out.base_url = services.settings.base_url;
    out.handling = a.prefer.handling == http::Prefer::Handling::lenient ? search::Handling::lenient : search::Handling::strict;
    out.now_us = a.started_us;
    out.limits.default_count = services.settings.page_default;
    out.limits.max_count = services.settings.page_max;
    return out;
}

// The second look: the envelope's own facts, which the index cannot have changed. A disagreement with the query's predicate means
// that the index lies or a rule has two meanings; the resource is withheld and the operator alarmed.
base::Result<std::string> confirm(Attempt& a, const Services& services, Access& access, const store::Record& record) {
    auto body = disclose(a, services, access, consent::Action::search, record);
    if (!body && body.error().kind == Kind::not_found) {
        base::log::error("consent disagreement: the index permitted what the record denies; reindex and look into it, seq " +
                         std::to_string(record.version.seq));
    }
    return body;
}

}  // namespace

base::Result<http::Query> search_parameters(const Attempt& attempt) {
    auto pairs = http::parse_query(attempt.request.query);
    if (!pairs || attempt.request.method != "POST") return pairs;
    auto body = http::parse_query(attempt.request.body);
    if (!body) return body;
    pairs->insert(pairs->end(), std::make_move_iterator(body->begin()), std::make_move_iterator(body->end()));
    return pairs;
}

base::Result<std::string> search_page(Attempt& a, const Services& services, Access& access, store::Snapshot& snapshot, const std::string& type,
                                      const http::Query& parameters, const PageState& state) {
    auto request = search::parse_query(parameters, context_of(a, services, type));
    if (!request) return base::pass(request);
    const auto shape = shape_of(parameters, type, a.lenient());
    if (!shape) return base::pass(shape);
    auto& query = request->query;
    query.before_seq = state.before_seq;
    query.at_most_seq = state.at_most_seq == UINT64_MAX ? snapshot.last_seq() : state.at_most_seq;
    if (auto own = access.only_patients(type)) query.only_patients = std::move(own);
    const auto permits = [&](const store::Candidate& c) { return access.sees(consent::Action::search, c); };
    auto hits = snapshot.search(query, permits);
    if (!hits) return base::pass(hits);
    if (access.failed()) return base::fail(Kind::unavailable, "the consent state cannot be read now; try again");
    a.trail.part("", 'E');  // the query itself, also when it found nothing
    BundleWriter bundle("searchset", a.started_us);
    const bool whole = state.before_seq == UINT64_MAX && !hits->more;
    if (hits->total) bundle.total(*hits->total);
    else if (whole && request->count > 0) bundle.total(hits->rows.size());
    const auto path = services.settings.base_url + (type.empty() ? "" : "/" + type);
    const auto used = http::write_query(request->used);
    bundle.link("self", used.empty() ? path : path + "?" + used);
    std::uint64_t last = state.before_seq;
    for (const auto& hit : hits->rows) {
        auto record = snapshot.fetch(hit);
        last = hit.seq;
        if (!record && record.error().kind == Kind::gone) continue;  // its key was destroyed: there is nothing to show
        if (!record) return base::pass(record);
        auto body = confirm(a, services, access, *record);
        if (!body && body.error().kind == Kind::not_found) continue;
        if (body) body = shaped(std::move(*body), *shape);
        if (!body) return base::pass(body);
        const auto full_url = services.settings.base_url + "/" + record->type + "/" + record->id;
        bundle.entry({.full_url = full_url, .resource = *body, .search_mode = "match"});
    }
    if (hits->more) {
        auto next = next_page_url(a, services, type, request->used, {last, query.at_most_seq});
        if (!next) return base::pass(next);
        bundle.link("next", *next);
    }
    return bundle.take();
}

void search(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    auto parameters = search_parameters(a);
    if (!parameters) return a.refuse(parameters.error()), then(attempt);
    auto snapshot = services.store.snapshot(a.duty);
    if (!snapshot) return a.refuse(snapshot.error()), then(attempt);
    Access access(services, a);
    auto bundle = search_page(a, services, access, **snapshot, a.action.type, *parameters, {});
    if (!bundle) return a.refuse(bundle.error()), then(attempt);
    a.reply.body = std::move(*bundle);
    then(attempt);
}

}  // namespace rest
