#include "fhir/rest/transaction_step.hpp"

#include "fhir/auth/scope.hpp"
#include "fhir/codec/resource.hpp"
#include "fhir/codec/structure.hpp"
#include "fhir/definitions/definitions.hpp"
#include "fhir/rest/patching.hpp"
#include "fhir/rest/route.hpp"
#include "storage/base/encoding.hpp"

namespace rest {
namespace {

using base::Kind;

std::string place(const Step& step) {
    return "Bundle.entry[" + std::to_string(step.entry.index) + "]";
}

base::Status within_scopes(const Step& step, const Attempt& attempt) {
    using consent::Action;
    const auto& method = step.entry.method;
    const auto action = method == "POST"                          ? Action::create
                        : method == "PUT" || method == "PATCH"    ? Action::update
                        : method == "DELETE"                      ? Action::remove
                        : step.id.empty()                         ? Action::search
                                                                  : Action::read;
    if (auth::scope_allows(*attempt.caller, step.type, action)) return {};
    return tl::unexpected(fault_at(step, Kind::forbidden, "the token's scopes do not cover this interaction on " + step.type));
}

// The same as the headers of a request of its own.
base::Status take_conditions(Step& step) {
    const auto read = [&](const std::string& text, const char* name, std::optional<http::EntityTags>& out) -> base::Status {
        if (text.empty()) return {};
        auto tags = http::parse_entity_tags(text);
        if (!tags) return tl::unexpected(base::Error{tags.error().kind, "entry " + std::to_string(step.entry.index) + ": " + name + ": " + tags.error().diagnostics,
                                                     {place(step) + ".request." + name}, {}});
        out = std::move(*tags);
        return {};
    };
    if (auto done = read(step.entry.if_match, "ifMatch", step.conditions.if_match); !done) return done;
    return read(step.entry.if_none_match, "ifNoneMatch", step.conditions.if_none_match);
}

// The rest of what may be read stands in the batch's reach, where an entry is a request of its own.
base::Status check_read(const Step& step) {
    if (step.type == "AuditEvent") return tl::unexpected(fault_at(step, Kind::not_supported, "the audit trail is read outside transactions"));
    if (codec::valid_id(step.id) ? step.query.empty() : step.id.empty()) return {};
    return tl::unexpected(fault_at(step, Kind::not_supported,
                                   "GET in a transaction takes [type]/[id] without parameters, or [type]?parameters; a batch takes every request"));
}

base::Status check_resource(Step& step, const Services& services) {
    auto& e = step.entry;
    if (e.method == "PATCH") {
        auto patch = patch_of_entry(e.resource, patch_limits(services));
        if (!patch) return tl::unexpected(at(step, patch.error()));
        step.patch = std::move(*patch);
        e.resource = json::Value();
        return {};
    }
    codec::Expected expected{step.type, {}};
    if (e.method == "PUT" && !step.id.empty()) expected.id = step.id;
    auto issues = codec::check_structure(e.resource, expected);
    if (!issues.empty()) return tl::unexpected(at(step, std::move(issues.front())));
    return {};
}

base::Status check_write(Step& step, const Services& services) {
    const auto& method = step.entry.method;
    if (method == "PATCH" && step.type == "Binary") return tl::unexpected(fault_at(step, Kind::not_allowed, "R4 does not define PATCH for Binary"));
    if (step.type == "AuditEvent") return tl::unexpected(fault_at(step, Kind::not_allowed, "the audit trail takes no client writes"));
    if (method != "POST" && step.id.empty() && step.query.empty()) {
        return tl::unexpected(fault_at(step, Kind::invalid, method + " takes [type]/[id] or [type]?criteria as its URL"));
    }
    if (method == "POST" && !step.id.empty()) return tl::unexpected(fault_at(step, Kind::invalid, "POST takes [type] alone as its URL"));
    if (!step.id.empty() && !codec::valid_id(step.id)) return tl::unexpected(fault_at(step, Kind::invalid, "the id in request.url is no FHIR id"));
    return method == "DELETE" ? base::Status() : check_resource(step, services);
}

}  // namespace

bool Step::has_it(const store::Version& version) const {
    if (const auto& tags = conditions.if_none_match) return tags->any || tags->match(std::to_string(version.version));
    return entry.if_modified_since && version.updated_us <= *entry.if_modified_since;
}

base::Error at(const Step& step, base::Error error) {
    error.diagnostics = "entry " + std::to_string(step.entry.index) + ": " + error.diagnostics;
    if (step.entry.method == "PATCH") {  // the places are those of the patch, or of the resource that it made
        error.expression.insert(error.expression.begin(), place(step));
        return error;
    }
    for (auto& expression : error.expression) expression = place(step) + ".resource." + expression.substr(expression.find('.') + 1);
    if (error.expression.empty()) error.expression = {place(step)};
    return error;
}

base::Error fault_at(const Step& step, Kind kind, std::string diagnostics, std::string issue) {
    return at(step, base::Error{kind, std::move(diagnostics), {}, std::move(issue)});
}

base::Result<Step> prepare(BundleEntry entry, const Attempt& attempt, const Services& services) {
    Step step;
    step.entry = std::move(entry);
    const auto& url = step.entry.url;
    const auto question = url.find('?');
    const auto path = url.substr(0, question);
    if (question != std::string::npos) step.query = url.substr(question + 1);
    const auto slash = path.find('/');
    step.type = path.substr(0, slash);
    if (slash != std::string::npos) step.id = path.substr(slash + 1);
    if (!definitions::is_resource_type(step.type)) {
        if (step.reads() && (path.empty() || path == "metadata" || path.starts_with('_') || path.starts_with('$'))) {
            return tl::unexpected(fault_at(step, Kind::not_supported, "GET in a transaction reads and searches resources by type; a batch takes every request"));
        }
        return tl::unexpected(fault_at(step, Kind::not_found, "'" + std::string(base::utf8_prefix(step.type, 64)) + "' is no R4 resource type", "not-supported"));
    }
    if (!has_endpoint(step.type)) return tl::unexpected(at(step, no_endpoint(step.type)));
    if (auto allowed = within_scopes(step, attempt); !allowed) return base::pass(allowed);
    if (auto taken = take_conditions(step); !taken) return base::pass(taken);
    if (auto fine = step.reads() ? check_read(step) : check_write(step, services); !fine) return base::pass(fine);
    return step;
}

}  // namespace rest
