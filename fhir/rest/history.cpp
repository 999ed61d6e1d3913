// history: https://hl7.org/fhir/R4/http.html#history, of an instance, a type, the system. Newest first; a delete stands as an entry
// without a resource. Each version is asked for on its own: what consent hides is not there, and is not counted.
#include "fhir/rest/bundle_writer.hpp"
#include "fhir/rest/history.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/paging.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/summary.hpp"
#include "fhir/search/parse_query.hpp"
#include "storage/base/encoding.hpp"

#include <set>

namespace rest {
namespace {

using base::Kind;

base::Status apply_parameters(store::Query& query, const http::Query& parameters, const Settings& settings, bool lenient, http::Query& used) {
    std::set<std::string_view> seen;
    for (const auto& [name, value] : parameters) {
        if (name == "_format" || name == "_pretty") continue;
        const bool once = name == "_count" || name == "_since" || name == "_at";
        if (once && !seen.insert(name).second) return base::fail(Kind::invalid, "history takes '" + name + "' once", {name});  // R4 http.html#history
        if (name == "_summary" || name == "_elements") {
            used.emplace_back(name, value);  // shape_of has read them
        } else if (name == "_count") {
            const auto count = search::page_size(value, settings.page_max);
            if (!count) return base::pass(count);
            query.limit = *count;
            used.emplace_back(name, std::to_string(query.limit));
        } else if (name == "_since" || name == "_at") {
            const auto span = base::parse_datetime(value);
            if (!span) return base::pass(span);
            if (name == "_since") query.since_us = span->low;
            else query.at = *span;
            used.emplace_back(name, value);
        } else if (!lenient) {
            return base::fail(Kind::invalid, "history does not know the parameter '" + std::string(base::utf8_prefix(name, 64)) + "'; it takes _count, _since, _at, _summary, _elements, _format, _pretty", {},
                              "not-supported");
        }
    }
    return {};
}

// The server gave the id. (What was stored before kedge kept this says so of every first version.)
bool posted(const store::Record& record) {
    return record.version.version == 1 && !record.version.deleted && !record.version.id_given;
}

BundleWriter::Entry entry_of(const store::Record& record, const std::string& full_url, const std::string& body, const std::string& url) {
    BundleWriter::Entry entry;
    entry.full_url = full_url;
    entry.resource = body;
    entry.method = record.version.deleted ? "DELETE" : posted(record) ? "POST" : "PUT";
    entry.url = url;
    const bool created = record.version.version == 1 || record.version.revived;
    const int status = record.version.deleted ? 204 : created ? 201 : 200;
    entry.response = BundleWriter::Response{status, {}, record.version.version, record.version.updated_us, {}};
    return entry;
}

}  // namespace

base::Result<std::string> history_page(Attempt& a, const Services& services, Access& access, store::Snapshot& snapshot, const std::string& type,
                                       const std::string& id, const http::Query& parameters, const PageState& state) {
    store::Query query;
    query.type = type;
    query.scope = store::Query::Scope::history;
    query.history_id = id;
    query.limit = services.settings.page_default;
    query.before_seq = state.before_seq;
    query.at_most_seq = state.at_most_seq == UINT64_MAX ? snapshot.last_seq() : state.at_most_seq;
    query.only_patients = access.only_patients(type);
    query.count_total = true;
    http::Query used;
    const auto shape = shape_of(parameters, type, a.lenient());
    if (!shape) return base::pass(shape);
    if (auto fine = apply_parameters(query, parameters, services.settings, a.lenient(), used); !fine) return base::pass(fine);
    if (shape->count) query.limit = 0;
    auto hits = snapshot.search(query, [&](const store::Candidate& c) { return access.sees(consent::Action::history, c); });
    if (!hits) return base::pass(hits);
    if (access.failed()) return base::fail(Kind::unavailable, "the consent state cannot be read now; try again");
    const bool nothing = query.limit == 0 ? hits->total == 0u : hits->rows.empty();
    if (!id.empty() && nothing && state.before_seq == UINT64_MAX && !query.since_us && !query.at) return tl::unexpected(not_found(type, id));
    BundleWriter bundle("history", a.started_us);
    if (hits->total) bundle.total(*hits->total);
    const auto target = (type.empty() ? std::string() : type + "/") + (id.empty() ? std::string() : id + "/") + "_history";
    const auto path = services.settings.base_url + "/" + target;
    bundle.link("self", used.empty() ? path : path + "?" + http::write_query(used));
    std::uint64_t last = state.before_seq;
    for (const auto& hit : hits->rows) {
        auto record = snapshot.fetch(hit);
        last = hit.seq;
        if (!record && record.error().kind == Kind::gone) continue;  // its key was destroyed: there is nothing to show
        if (!record) return base::pass(record);
        auto body = disclose(a, services, access, consent::Action::history, *record);
        if (!body && body.error().kind == Kind::not_found) continue;
        if (body) body = shaped(std::move(*body), *shape);
        if (!body) return base::pass(body);
        const auto reference = record->type + "/" + record->id;
        const auto full_url = services.settings.base_url + "/" + reference;
        const auto url = posted(*record) ? record->type : reference;
        bundle.entry(entry_of(*record, full_url, *body, url));
    }
    if (hits->more) {
        auto next = next_page_url(a, services, target, used, {last, query.at_most_seq});
        if (!next) return base::pass(next);
        bundle.link("next", *next);
    }
    return bundle.take();
}

void history(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    auto parameters = http::parse_query(a.request.query);
    if (!parameters) return a.refuse(parameters.error()), then(attempt);
    auto snapshot = services.store.snapshot(a.duty);
    if (!snapshot) return a.refuse(snapshot.error()), then(attempt);
    Access access(services, a);
    auto bundle = history_page(a, services, access, **snapshot, a.action.type, a.action.id, *parameters, {});
    if (!bundle) return a.refuse(bundle.error()), then(attempt);
    a.reply.body = std::move(*bundle);
    then(attempt);
}

}  // namespace rest
