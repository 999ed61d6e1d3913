#include "fhir/rest/exchange.hpp"

#include "fhir/codec/xml.hpp"
#include "fhir/http/etag.hpp"
#include "fhir/patch/patch.hpp"
#include "fhir/rest/outcome.hpp"
#include "fhir/rest/xml_entries.hpp"
#include "storage/base/json.hpp"

namespace rest {
namespace {

constexpr std::string_view kFhirJson = "application/fhir+json; charset=utf-8";
constexpr std::string_view kFhirXml = "application/fhir+xml; charset=utf-8";

// RFC 9110 section 13.2.2: If-None-Match goes before If-Modified-Since. R4 http.html#cread.
bool unchanged(const Attempt& a) {
    if (a.action.interaction != Interaction::read || a.reply.status != 200 || !a.reply.version) return false;
    // What is served changes without a version here, so no validator tells of it: a Consent carries its state on the ledger, and an AuditEvent
    // loses its content with its key.
    if (a.action.type == "Consent" || a.action.type == "AuditEvent") return false;
    if (const auto text = a.request.header("If-None-Match"); !text.empty()) {
        const auto tags = http::parse_entity_tags(text);
        return tags && (tags->any || tags->match(std::to_string(*a.reply.version)));
    }
    if (const auto text = a.request.header("If-Modified-Since"); !text.empty() && a.reply.updated_us) {
        const auto since = base::parse_http_date(text);
        if (!since) return false;
        // HTTP dates carry whole seconds: within the second of its Last-Modified the client may hold an earlier version, if there is one.
        const auto changed_s = *a.reply.updated_us / 1'000'000, since_s = *since / 1'000'000;
        return changed_s < since_s || (changed_s == since_s && *a.reply.version == 1);
    }
    return false;
}

bool is_write(Interaction interaction) {
    return interaction == Interaction::create || interaction == Interaction::update || interaction == Interaction::patch ||
           interaction == Interaction::remove;
}

// R4 http.html#return
void honour_prefer(Attempt& a) {
    if (!is_write(a.action.interaction)) return;
    if (a.prefer.returns == http::Prefer::Return::minimal) a.reply.body.clear();
    if (a.prefer.returns == http::Prefer::Return::operation_outcome) {
        a.reply.body = a.issues.empty() ? informational_outcome(a.reply.status == 201 ? "created" : "done") : json::write(validate::operation_outcome(a.issues));
        if (a.reply.status == 204) a.reply.status = 200;  // R4 http.html#delete: 204 is for an answer without payload
    }
}

// A Bundle of the server's own making: one entry does not take the others with it.
bool is_page(Interaction interaction) {
    return interaction == Interaction::search_type || interaction == Interaction::search_system || interaction == Interaction::history_instance ||
           interaction == Interaction::history_type || interaction == Interaction::history_system || interaction == Interaction::page;
}

// What was written stays written, whatever form the answer can take.
bool has_changed_something(const Attempt& a) {
    return !a.error && (is_write(a.action.interaction) || a.action.interaction == Interaction::bundle);
}

std::string xml_outcome(const base::Error& error, codec::XmlStyle style) {
    const auto tree = json::parse(operation_outcome(error));
    CHECK(tree.has_value());
    auto text = codec::to_xml(*tree, style);
    // What a client sent may stand in the diagnostics, and XML holds fewer characters than JSON.
    return text ? std::move(*text) : xml_outcome(base::Error{error.kind, "the reason holds characters that XML cannot; ask for JSON to read it", {}, error.issue}, style);
}

// The body as XML, or as text for people, when that was asked for; otherwise nothing is parsed.
void in_asked_form(const Attempt& a, http::Response& out) {
    if (!reshapes(a) || out.body.empty()) return;
    // The server's own text: a Bundle puts some levels around what was once within the limits.
    const json::Limits limits{.bytes = SIZE_MAX, .depth = 256, .values = SIZE_MAX};
    auto tree = json::parse(out.body, limits);
    if (a.answer_format == Format::json) {
        if (tree) out.body = json::write_pretty(*tree);
        return;
    }
    const auto style = a.pretty ? codec::XmlStyle::pretty : codec::XmlStyle::compact;
    auto text = tree ? codec::to_xml(*tree, style) : base::Result<std::string>(base::pass(tree));
    if (!text && tree && is_page(a.action.interaction) && replace_what_xml_cannot_hold(*tree)) text = codec::to_xml(*tree, style);
    if (!text && has_changed_something(a)) return;  // the JSON answer, rather than none
    if (!text && !a.error) {
        auto error = text.error();
        error.kind = base::Kind::not_acceptable;
        error.diagnostics = "the answer cannot be written as XML (ask for JSON): " + error.diagnostics;
        error.issue = "not-supported";
        out = respond(error);
        text = xml_outcome(error, style);
    } else if (!text) {
        text = xml_outcome(*a.error, style);
    }
    out.set("Content-Type", std::string(kFhirXml));
    out.body = std::move(*text);
}

http::Response render_error(const Attempt& a) {
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
    if (a.error->kind == base::Kind::unsupported_media && a.request.has_header("Content-Encoding")) out.set("Accept-Encoding", "identity");
    if (a.error->kind == base::Kind::unsupported_media && a.request.method == "PATCH") out.set("Accept-Patch", std::string(patch::accepted_media_types()));
    in_asked_form(a, out);
    return out;
}

}  // namespace

bool reshapes(const Attempt& a) {
    return a.pretty || a.answer_format != Format::json;
}

http::Response render(Attempt& a, const Services&) {
    if (a.error) return render_error(a);
    http::Response out;
    out.headers.reserve(6);  // all that is ever set: one allocation in place of three
    out.status = a.reply.status;
    if (a.reply.version) out.set("ETag", http::write_etag(std::to_string(*a.reply.version)));
    if (a.reply.updated_us) out.set("Last-Modified", base::format_http_date(*a.reply.updated_us));
    out.modified_us = a.reply.updated_us;
    if (!a.reply.location.empty()) out.set("Location", a.reply.location);
    if (a.action.route != nullptr && a.action.route->open) {  // says nothing of anybody
        out.set("Cache-Control", "public, max-age=60");
        out.set("Vary", "Accept");
    }
    if (unchanged(a)) {
        out.status = 304;
        return out;
    }
    honour_prefer(a);
    out.status = a.reply.status;
    if (a.reply.body.empty()) return out;
    const bool resource = a.reply.content_type.empty();
    out.set("Content-Type", resource ? std::string(kFhirJson) : a.reply.content_type);
    out.body = std::move(a.reply.body);
    if (resource) in_asked_form(a, out);
    return out;
}

http::Response audit_unavailable(const Attempt& a) {
    const bool stored = !a.journaled.empty();
    auto out = respond(base::Error{base::Kind::unavailable,
                                   stored ? "what was sent is stored, do not send it again; but the audit trail cannot take its entry before the server is started anew, so no data leaves"
                                          : "the audit trail cannot take the entry now, so no data leaves; try again",
                                   {}, stored ? "incomplete" : "transient"});
    if (stored) {  // 503 would say that it may be sent again
        out.status = 500;
        std::erase_if(out.headers, [](const auto& header) { return header.first == "Retry-After"; });
    }
    in_asked_form(a, out);
    return out;
}

bool sealed_by_tenant(const chain::Submission& entry, store::KeyRing& keys) {
    if (entry.key_patient.empty()) return false;
    const auto key = keys.state(entry.key_patient, store::KeyUse::audit);
    if (!key || *key == store::KeyRing::KeyState::present) return false;  // an error comes again when the key is used, and is told then
    const char action = entry.keys.action;
    const bool written = entry.keys.outcome == 0 && (action == 'C' || action == 'U');
    return *key == store::KeyRing::KeyState::destroyed || !written;
}

void append_entries(const Services& services, std::vector<chain::Submission> entries, std::function<void(base::Status)> done) {
    for (auto& entry : entries) {
        if (sealed_by_tenant(entry, services.keys)) entry.key_patient.clear();
    }
    services.log.append(std::move(entries), [done = std::move(done)](base::Result<chain::Appended> appended) {
        if (!appended) return done(base::pass(appended));
        done({});
    });
}

}  // namespace rest
