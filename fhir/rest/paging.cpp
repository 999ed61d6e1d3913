#include "fhir/rest/paging.hpp"

#include "fhir/rest/history.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/trail_page.hpp"
#include "fhir/search/page_link.hpp"

namespace rest {
namespace {

constexpr base::TimeUs kLinkLifeUs = 24LL * 3600 * 1'000'000;

// Who may follow the link: the same subject in the same role.
std::string binding(const Attempt& a) {
    return std::to_string(static_cast<int>(a.caller->requester.role)) + "|" + a.caller->requester.subject;
}

// The pages that follow have the form that this one was asked for in its URL; what Accept says the client says again.
std::string form_of(const Attempt& a) {
    http::Query out;
    if (!a.format.empty()) out.emplace_back("_format", a.format);
    if (a.pretty) out.emplace_back("_pretty", "true");
    return out.empty() ? std::string() : "&" + http::write_query(out);
}

}  // namespace

base::Result<std::string> next_page_url(const Attempt& attempt, const Services& services, const std::string& target, const http::Query& parameters,
                                        const PageState& page) {
    search::PageState link;
    link.path = target;
    link.query = http::write_query(parameters);
    link.before_seq = page.before_seq;
    link.at_most_seq = page.at_most_seq;
    link.expires_us = attempt.started_us + kLinkLifeUs;
    auto sealed = search::seal_page(link, services.page_key, binding(attempt));
    if (!sealed) return sealed;
    return services.settings.base_url + "/_page?s=" + *sealed + form_of(attempt);
}

void page(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    const auto parameters = http::parse_query(a.request.query);
    if (!parameters) return a.refuse(parameters.error()), then(attempt);
    const auto* sealed = http::find_parameter(*parameters, "s");
    if (sealed == nullptr) return a.refuse(base::Error{base::Kind::invalid, "a paging link carries its state in s; follow Bundle.link as it is", {}, {}}), then(attempt);
    auto link = search::open_page(*sealed, services.page_key, binding(a), a.started_us);
    if (!link) return a.refuse(link.error()), then(attempt);
    const auto query = http::parse_query(link->query);
    if (!query) return a.refuse(query.error()), then(attempt);
    const auto slash = link->path.find('/');  // "", "Patient", "Patient/_history", "Patient/1/_history", "_history"
    const bool versions = link->path.ends_with("_history");
    const auto type = slash == std::string::npos && versions ? std::string() : link->path.substr(0, slash);
    // The link was made for the same caller, but maybe for another token: this one's scopes must cover the search behind it.
    if (auto allowed = scopes_cover(a, type, versions ? consent::Action::history : consent::Action::search); !allowed) {
        return a.refuse(allowed.error()), then(attempt);
    }
    a.searched.push_back("GET " + link->path + (link->query.empty() ? "" : "?" + link->query));
    const PageState state{link->before_seq, link->at_most_seq};
    const auto answer = [&](base::Result<std::string> bundle) {
        if (!bundle) return a.refuse(bundle.error()), then(attempt);
        a.reply.body = std::move(*bundle);
        then(attempt);
    };
    if (link->path == "AuditEvent") return answer(trail_page(a, services, *query, state));
    auto snapshot = services.store.snapshot(a.duty);
    if (!snapshot) return a.refuse(snapshot.error()), then(attempt);
    Access access(services, a);
    if (!versions) return answer(search_page(a, services, access, **snapshot, type, *query, state));
    const auto end = link->path.rfind('/');
    const auto id = slash == end ? std::string() : link->path.substr(slash + 1, end - slash - 1);
    answer(history_page(a, services, access, **snapshot, type, id, *query, state));
}

}  // namespace rest
