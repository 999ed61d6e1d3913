#include "fhir/rest/exchange.hpp"

#include "fhir/http/etag.hpp"
#include "fhir/rest/outcome.hpp"
#include "storage/base/json.hpp"

namespace rest {
namespace {

constexpr std::string_view kFhirJson = "application/fhir+json; charset=utf-8";

// RFC 9110 section 13.2.2: If-None-Match goes before If-Modified-Since. R4 http.html#cread.
bool unchanged(const Attempt& a) {
    if (a.action.interaction != Interaction::read || a.reply.status != 200 || !a.reply.version) return false;
    if (const auto text = a.request.header("If-None-Match"); !text.empty()) {
        const auto tags = http::parse_entity_tags(text);
        return tags && (tags->any || tags->match(std::to_string(*a.reply.version)));
    }
    if (const auto text = a.request.header("If-Modified-Since"); !text.empty() && a.reply.updated_us) {
        const auto since = base::parse_http_date(text);
        return since && *a.reply.updated_us / 1'000'000 <= *since / 1'000'000;  // HTTP dates carry whole seconds
    }
    return false;
}

std::string pretty(const std::string& body) {
    const auto tree = json::parse(body);
    return tree ? json::write_pretty(*tree) : body;
}

bool is_write(Interaction interaction) {
    return interaction == Interaction::create || interaction == Interaction::update || interaction == Interaction::remove;
}

// R4 http.html#return
void honour_prefer(Attempt& a) {
    if (!is_write(a.action.interaction)) return;
    if (a.prefer.returns == http::Prefer::Return::minimal) a.reply.body.clear();
    if (a.prefer.returns == http::Prefer::Return::operation_outcome) {
        a.reply.body = a.issues.empty() ? informational_outcome(a.reply.status == 201 ? "created" : "done") : json::write(validate::operation_outcome(a.issues));
    }
}

}  // namespace

http::Response render(Attempt& a, const Services&) {
    if (a.error) {
        auto out = respond(*a.error);
        if (!a.issues.empty() && a.error->kind == base::Kind::unprocessable) {
            out.body = json::write(validate::operation_outcome(a.issues));
        } else if (!a.more_errors.empty()) {
            auto all = a.more_errors;
            all.insert(all.begin(), *a.error);
            out.body = operation_outcome(all);
        }
        if (!a.www_authenticate.empty()) out.set("WWW-Authenticate", a.www_authenticate);
        if (!a.allow.empty() && a.error->kind == base::Kind::not_allowed) out.set("Allow", a.allow);
        if (a.pretty) out.body = pretty(out.body);
        return out;
    }
    http::Response out;
    out.status = a.reply.status;
    if (a.reply.version) out.set("ETag", http::write_etag(std::to_string(*a.reply.version)));
    if (a.reply.updated_us) out.set("Last-Modified", base::format_http_date(*a.reply.updated_us));
    if (!a.reply.location.empty()) out.set("Location", a.reply.location);
    if (unchanged(a)) {
        out.status = 304;
        return out;
    }
    honour_prefer(a);
    if (a.reply.body.empty()) return out;
    out.set("Content-Type", a.reply.content_type.empty() ? std::string(kFhirJson) : a.reply.content_type);
    out.body = a.pretty && a.reply.content_type.empty() ? pretty(a.reply.body) : std::move(a.reply.body);
    return out;
}

http::Response audit_unavailable(const Attempt&) {
    return respond(base::Error{base::Kind::unavailable, "the audit trail cannot take the entry now, so no data leaves; try again", {}, "transient"});
}

void append_entries(const Services& services, std::vector<chain::Submission> entries, std::function<void(base::Status)> done) {
    for (auto& entry : entries) {
        if (entry.key_patient.empty()) continue;
        const auto erased = services.keys.erased(entry.key_patient);
        if (erased && *erased) entry.key_patient.clear();
    }
    services.log.append(std::move(entries), [done = std::move(done)](base::Result<chain::Appended> appended) {
        if (!appended) return done(base::pass(appended));
        done({});
    });
}

}  // namespace rest
