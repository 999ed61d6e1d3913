// AuditEvent read and search for auditors, and for patients their own; each entry of the Bundle carries its proof, so that the Bundle
// alone can be verified offline by kedge-verify. Looking into the trail is itself audited.
#include "fhir/rest/audit_access.hpp"
#include "fhir/rest/audit_event.hpp"
#include "fhir/rest/bundle_writer.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/paging.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/summary.hpp"
#include "fhir/rest/trail_page.hpp"
#include "fhir/search/parse_query.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>
#include <set>

namespace rest {
namespace {

using base::Kind;

std::vector<std::string> split_commas(const std::string& value) {
    std::vector<std::string> out;
    for (const auto part : http::split_list(value, ',')) out.emplace_back(part);
    return out;
}
// "code" or "system|code": the systems of these elements are fixed by R4.
std::string code_of(const std::string& token) {
    const auto bar = token.rfind('|');
    return bar == std::string::npos ? token : token.substr(bar + 1);
}

base::Status apply_date(chain::EventQuery& query, std::string value) {
    std::string prefix = "eq";
    if (value.size() > 2 && value[0] >= 'a' && value[0] <= 'z') {
        prefix = value.substr(0, 2);
        value.erase(0, 2);
    }
    const auto span = base::parse_datetime(value);
    if (!span) return base::pass(span);
    const auto narrow = [&](std::optional<base::TimeUs> from, std::optional<base::TimeUs> before) {
        if (from) query.from_us = std::max(query.from_us.value_or(*from), *from);
        if (before) query.before_us = std::min(query.before_us.value_or(*before), *before);
    };
    if (prefix == "eq")
        narrow(span->low, span->high);
    else if (prefix == "ge")
        narrow(span->low, {});
    else if (prefix == "gt" || prefix == "sa")
        narrow(span->high, {});
    else if (prefix == "le")
        narrow({}, span->high);
    else if (prefix == "lt" || prefix == "eb")
        narrow({}, span->low);
    else
        return base::fail(Kind::invalid, "date takes the prefixes eq ge gt sa le lt eb", {"date"});
    return {};
}

base::Status apply(chain::EventQuery& query, const std::string& name, const std::string& value, const Settings& settings, bool& known) {
    known = true;
    if (name == "date") return apply_date(query, value);
    const auto parts = split_commas(value);
    if (name == "_id")
        query.ids = parts;
    else if (name == "agent" || name == "agent:Practitioner" || name == "agent:Patient")
        query.agents = parts;
    else if (name == "entity")
        query.entities = parts;
    else if (name == "subtype") {
        for (const auto& part : parts) {
            for (auto& stored : stored_subtypes(code_of(part))) query.subtypes.push_back(std::move(stored));
        }
    } else if (name == "action")
        for (const auto& part : parts) query.actions += code_of(part);
    else if (name == "outcome") {
        for (const auto& part : parts) {
            const auto code = code_of(part);
            if (code != "0" && code != "4" && code != "8" && code != "12")
                return base::fail(Kind::invalid, "outcome is one of 0 4 8 12", {"outcome"});
            query.outcomes.push_back(static_cast<std::uint8_t>(std::stoi(code)));
        }
    } else if (name == "patient") {
        for (const auto& part : parts) query.patients.push_back(part.starts_with("Patient/") ? part.substr(8) : part);
    } else if (name == "_count") {
        const auto count = search::page_size(value, settings.page_max);
        if (!count) return base::pass(count);
        query.limit = *count;
    } else if (name == "_total") {
        if (value != "none" && value != "estimate" && value != "accurate")
            return base::fail(Kind::invalid, "_total is none, estimate or accurate", {"_total"});
        query.count_total = value != "none";
    } else {
        known = name == "_format" || name == "_pretty" || name == "_summary" || name == "_elements";
    }
    return {};
}

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

base::Result<chain::EventQuery> event_query(const http::Query& parameters, const Settings& settings, bool lenient, http::Query& used) {
    chain::EventQuery query;
    query.limit = settings.page_default;
    std::set<std::string_view> seen;
    for (const auto& [name, value] : parameters) {
        if (value.empty()) continue;
        bool known = false;
        if (auto done = apply(query, name, value, settings, known); !done) return base::pass(done);
        // Twice means both (R4 search.html#combining), and an entry is found by any of what one parameter says.
        if (known && name != "date" && !seen.insert(std::string_view(name).substr(0, name.find(':'))).second) {
            return base::fail(Kind::invalid, "AuditEvent search takes '" + name + "' once; values divided by commas mean any of them", {name}, "not-supported");
        }
        if (known)
            used.emplace_back(name, name == "_count" ? std::to_string(query.limit) : value);
        else if (!lenient) {
            return base::fail(
                Kind::invalid,
                "AuditEvent search does not know '" + name.substr(0, 64) +
                    "'; it takes _id, date, patient, agent, entity, action, outcome, subtype, _count, _total, _summary, _elements",
                {name.substr(0, 64)}, "not-supported");
        }
    }
    return query;
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
