#include "fhir/rest/transaction.hpp"

#include <set>

#include "fhir/codec/links.hpp"
#include "fhir/codec/references.hpp"
#include "fhir/codec/resource.hpp"
#include "fhir/codec/structure.hpp"
#include "fhir/auth/scope.hpp"
#include "fhir/definitions/definitions.hpp"
#include "fhir/rest/bundle_writer.hpp"
#include "fhir/rest/conditional.hpp"
#include "fhir/rest/patching.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/searching.hpp"
#include "fhir/rest/writing.hpp"
#include "storage/crypto/random.hpp"

namespace rest {
namespace {

using base::Kind;

struct Step {
    BundleEntry entry;
    std::string type, id, query;
    bool matched = false;             // If-None-Exist found one, or a conditional delete none: nothing to write
    std::optional<patch::Patch> patch;
    std::uint32_t new_version = 1;
    BundleWriter::Response response;
    std::string body;                 // for the answer
};

std::string place(const Step& step) {
    return "Bundle.entry[" + std::to_string(step.entry.index) + "]";
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
base::Error fault_at(const Step& step, Kind kind, std::string diagnostics, std::string issue = {}) {
    return at(step, base::Error{kind, std::move(diagnostics), {}, std::move(issue)});
}

base::Status within_scopes(const Step& step, const Attempt& attempt) {
    using consent::Action;
    const auto& method = step.entry.method;
    const auto action = method == "POST" ? Action::create : method == "PUT" || method == "PATCH" ? Action::update : method == "DELETE" ? Action::remove : step.id.empty() ? Action::search : Action::read;
    if (auth::scope_allows(*attempt.caller, step.type, action)) return {};
    return tl::unexpected(fault_at(step, Kind::forbidden, "the token's scopes do not cover this interaction on " + step.type));
}

// Type and id from request.url, and the resource's own rules: all that can be refused before the unit of work begins.
base::Status prepare(Step& step, const Attempt& attempt, const Services& services) {
    auto& e = step.entry;
    const auto question = e.url.find('?');
    const auto path = e.url.substr(0, question);
    if (question != std::string::npos) step.query = e.url.substr(question + 1);
    const auto slash = path.find('/');
    step.type = path.substr(0, slash);
    if (slash != std::string::npos) step.id = path.substr(slash + 1);
    if (!definitions::is_resource_type(step.type)) return tl::unexpected(fault_at(step, Kind::not_found, "'" + step.type.substr(0, 64) + "' is no R4 resource type", "not-supported"));
    const bool writes = e.method == "POST" || e.method == "PUT" || e.method == "PATCH" || e.method == "DELETE";
    if (e.method == "PATCH" && step.type == "Binary") return tl::unexpected(fault_at(step, Kind::not_allowed, "R4 does not define PATCH for Binary"));
    if (writes && step.type == "AuditEvent") return tl::unexpected(fault_at(step, Kind::not_allowed, "the audit trail takes no client writes"));
    if (auto allowed = within_scopes(step, attempt); !allowed) return allowed;
    if (e.method == "GET" || e.method == "HEAD") {
        if (step.type == "AuditEvent") return tl::unexpected(fault_at(step, Kind::not_supported, "the audit trail is read outside transactions"));
        return {};
    }
    if (e.method != "POST" && step.id.empty() && step.query.empty()) {
        return tl::unexpected(fault_at(step, Kind::invalid, e.method + " takes [type]/[id] or [type]?criteria as its URL"));
    }
    if (e.method == "POST" && !step.id.empty()) return tl::unexpected(fault_at(step, Kind::invalid, "POST takes [type] alone as its URL"));
    if (!step.id.empty() && !codec::valid_id(step.id)) return tl::unexpected(fault_at(step, Kind::invalid, "the id in request.url is no FHIR id"));
    if (e.method == "DELETE") return {};
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

class Transaction {
  public:
    Transaction(Writing& writing, Attempt& attempt, const Services& services, std::vector<Step>& steps)
        : writing_(writing), attempt_(attempt), services_(services), steps_(steps) {}

    base::Status run() {
        if (auto done = identify(); !done) return done;
        if (auto done = resolve_links(); !done) return done;
        for (const std::string_view method : {"DELETE", "POST", "PUT", "PATCH", "GET", "HEAD"}) {
            for (auto& step : steps_) {
                if (step.entry.method != method) continue;
                auto done = perform(step);
                if (!done) return tl::unexpected(at(step, done.error()));
            }
        }
        BundleWriter bundle("transaction-response", services_.clock.now_us());
        for (auto& step : steps_) {
            BundleWriter::Entry entry;
            const bool shows = step.entry.method == "GET" || attempt_.prefer.returns == http::Prefer::Return::representation;
            if (shows && step.response.status < 300) entry.resource = step.body;
            entry.response = std::move(step.response);
            bundle.entry(entry);
        }
        attempt_.reply.body = bundle.take();
        return {};
    }

  private:
    base::Status perform(Step& step) {
        const auto& method = step.entry.method;
        if (method == "GET" || method == "HEAD") return get(step);
        if (method == "PATCH") return patch(step);
        return method == "DELETE" ? erase(step) : put(step);
    }

    // Ids first: what If-None-Exist finds keeps its own, the rest gets a new one; then every fullUrl has an identity.
    base::Status identify() {
        std::set<std::string> seen;
        for (auto& step : steps_) {
            const auto& method = step.entry.method;
            if (method == "GET" || method == "HEAD") continue;
            if (method == "POST") {
                if (auto done = condition(step); !done) return done;
                if (!step.matched) step.id = crypto::random_uuid();
            } else if (step.id.empty()) {
                if (auto done = find_id(step); !done) return tl::unexpected(at(step, done.error()));
                if (step.matched) continue;
            }
            if (step.matched || method != "POST") {
                auto head = writing_.unit().current(step.type, step.id);
                if (!head) return base::pass(head);
                if (*head) step.new_version = (*head)->version.version + (step.matched ? 0 : 1);
            }
            if (!step.matched && !seen.insert(step.type + "/" + step.id).second) {
                return tl::unexpected(fault_at(step, Kind::invalid, "two entries of the transaction name " + step.type + "/" + step.id, "duplicate"));
            }
            if (!step.entry.full_url.empty() && method != "DELETE") {
                links_[step.entry.full_url] = codec::NewIdentity{step.type + "/" + step.id, std::to_string(step.new_version)};
            }
        }
        return {};
    }
    // Of a conditional update, patch or delete: which resource its criteria mean, before anything has changed.
    base::Status find_id(Step& step) {
        if (step.entry.method == "PUT") {
            auto id = id_to_update(writing_, step.type, step.query, step.entry.resource);
            if (!id) return base::pass(id);
            step.id = std::move(*id);
            return {};
        }
        auto match = one_match(writing_, step.type, step.query);
        if (!match) return base::pass(match);
        step.matched = !*match && step.entry.method == "DELETE";
        if (step.matched) return {};
        if (!*match) return base::fail(Kind::not_found, "no " + step.type + " that you may know of meets the criteria");
        step.id = std::move(**match);
        return {};
    }
    base::Status condition(Step& step) {
        if (step.entry.if_none_exist.empty()) return {};
        auto found = writing_.matches(step.type, step.entry.if_none_exist);
        if (!found) return tl::unexpected(at(step, found.error()));
        if (found->size() > 1) return tl::unexpected(fault_at(step, Kind::precondition_failed, "ifNoneExist matches more than one " + step.type, "multiple-matches"));
        step.matched = found->size() == 1;
        if (step.matched) step.id = found->front();
        return {};
    }

    // urn:uuid links and conditional references, everywhere in each resource.
    base::Status resolve_links() {
        for (auto& step : steps_) {
            if (!step.entry.resource.is_object() || step.matched) continue;
            if (auto done = resolve_links_of(step.entry.resource, step); !done) return tl::unexpected(at(step, done.error()));
        }
        return {};
    }
    base::Status resolve_links_of(json::Value& resource, const Step& step) {
        std::optional<base::Error> failed;
        codec::visit_references(resource, [&](std::string& text) {
            if (failed) return;
            const auto reference = codec::parse_reference(text, services_.settings.base_url);
            if (reference.form != codec::Reference::Form::conditional) return;
            auto resolved = look_up(std::string(reference.type), std::string(reference.query));
            if (!resolved) failed = resolved.error();
            else text = *resolved;
        });
        if (failed) return tl::unexpected(std::move(*failed));
        codec::rewrite_links(resource, links_, step.entry.full_url);
        return {};
    }
    base::Result<std::string> look_up(const std::string& type, const std::string& query) {
        const auto key = type + "?" + query;
        if (const auto known = resolved_.find(key); known != resolved_.end()) return known->second;
        if (!definitions::is_resource_type(type)) return base::fail(Kind::invalid, "a conditional reference names no R4 type");
        auto found = writing_.matches(type, query);
        if (!found) return base::pass(found);
        if (found->size() != 1) {
            return base::fail(Kind::precondition_failed, std::string(found->empty() ? "no " : "more than one ") + type + " meets the conditional reference " + key.substr(0, 200), {},
                              found->empty() ? "not-found" : "multiple-matches");
        }
        return resolved_[key] = type + "/" + found->front();
    }

    base::Status put(Step& step) {
        if (step.matched) return show_match(step);
        Change change{step.entry.method == "POST" ? Change::Kind::create : Change::Kind::update, step.type, step.id, std::move(step.entry.resource), std::nullopt};
        return write(step, std::move(change));
    }
    // The links of the other entries may stand in what the patch brought, so they are resolved in the patched resource.
    base::Status patch(Step& step) {
        Change change{Change::Kind::patch, step.type, step.id, {}, std::nullopt};
        change.edit = edit_with(attempt_, services_, *step.patch, [this, &step](json::Value& resource) { return resolve_links_of(resource, step); });
        auto done = write(step, std::move(change));
        attempt_.issues.clear();  // those of one resource; the answer is about the whole transaction
        return done;
    }
    base::Status write(Step& step, Change change) {
        if (!step.entry.if_match.empty()) {
            auto tags = http::parse_entity_tags(step.entry.if_match);
            if (!tags) return base::pass(tags);
            change.if_match = std::move(*tags);
        }
        auto changed = writing_.apply(std::move(change));
        if (!changed) return base::pass(changed);
        step.response = {changed->created ? 201 : 200, location_of(services_, *changed), changed->version, changed->updated_us, {}};
        if (changed->may_read) step.body = std::move(changed->body);
        return {};
    }
    base::Status show_match(Step& step) {
        auto record = writing_.unit().current(step.type, step.id);
        if (!record) return base::pass(record);
        if (!*record) return base::fail(Kind::fault, "a matched resource is not there");
        auto body = disclose(attempt_, services_, writing_.access(), consent::Action::read, **record);
        if (!body) return base::pass(body);
        step.body = std::move(*body);
        step.response = {200, services_.settings.base_url + "/" + version_reference(**record), (*record)->version.version, (*record)->version.updated_us, {}};
        return {};
    }
    base::Status erase(Step& step) {
        step.response.status = 204;
        if (step.matched) return {};
        auto changed = writing_.apply(Change{Change::Kind::remove, step.type, step.id, {}, std::nullopt});
        if (!changed) return base::pass(changed);
        step.response = {204, {}, changed->version, {}, {}};
        return {};
    }
    base::Status get(Step& step) {
        if (step.id.empty()) {
            const auto parameters = http::parse_query(step.query);
            if (!parameters) return base::pass(parameters);
            auto found = search_page(attempt_, services_, writing_.access(), writing_.unit(), step.type, *parameters, {});
            if (!found) return base::pass(found);
            step.body = std::move(*found);
            step.response.status = 200;
            return {};
        }
        auto record = writing_.unit().current(step.type, step.id);
        if (!record) return base::pass(record);
        if (!*record || (*record)->version.deleted) return tl::unexpected(not_found(step.type, step.id));
        auto body = disclose(attempt_, services_, writing_.access(), consent::Action::read, **record);
        if (!body) return base::pass(body);
        step.body = std::move(*body);
        step.response = {200, {}, (*record)->version.version, (*record)->version.updated_us, {}};
        return {};
    }

    Writing& writing_;
    Attempt& attempt_;
    const Services& services_;
    std::vector<Step>& steps_;
    codec::LinkMap links_;
    std::map<std::string, std::string> resolved_;
};

}  // namespace

void run_transaction(AttemptPtr attempt, const Services& services, const Then& then, std::vector<BundleEntry> entries) {
    auto steps = std::make_shared<std::vector<Step>>();
    for (auto& entry : entries) {
        steps->push_back(Step{});
        steps->back().entry = std::move(entry);
        if (auto fine = prepare(steps->back(), *attempt, services); !fine) return attempt->refuse(fine.error()), then(attempt);
    }
    attempt->subtype = "transaction";
    write_unit(attempt, services, then, [attempt, &services, steps](Writing& writing) { return Transaction(writing, *attempt, services, *steps).run(); });
}

}  // namespace rest
