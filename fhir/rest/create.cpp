// create: https://hl7.org/fhir/R4/http.html#create. 201 with Location, 200 when If-None-Exist found one, 412 when it found several.
// The condition is tried inside the serial unit of work, so sixteen clients with one key make one resource.
#include "fhir/codec/resource.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/writing.hpp"
#include "storage/crypto/random.hpp"

namespace rest {
namespace {

using base::Kind;

// If-None-Exist found one: the body is ignored, the answer is what is there. It is a read of that record.
base::Status answer_existing(Writing& writing, Attempt& a, const Services& services, const std::string& id) {
    auto record = writing.unit().current(a.action.type, id);
    if (!record) return base::pass(record);
    if (!*record) return base::fail(Kind::fault, "a matched resource is not there");
    auto body = disclose(a, services, writing.access(), consent::Action::read, **record);
    if (!body) return base::pass(body);
    a.reply.status = 200;
    a.reply.version = (*record)->version.version;
    a.reply.updated_us = (*record)->version.updated_us;
    if (scopes_cover(a, a.action.type, consent::Action::read)) a.reply.body = std::move(*body);
    a.reply.location = services.settings.base_url + "/" + version_reference(**record);
    return {};
}

}  // namespace

void create(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    auto resource = parse_resource(a, services, a.request.body, a.action.type);
    if (!resource) return a.refuse(resource.error()), then(attempt);
    if (a.request.has_header("If-None-Exist") && http::trimmed(a.request.header("If-None-Exist")).empty()) {
        a.refuse(base::Error{Kind::invalid, "If-None-Exist is empty; it takes search parameters such as identifier=system|value", {}, {}});
        return then(attempt);
    }
    auto shared = std::make_shared<json::Value>(std::move(*resource));
    write_unit(attempt, services, then, [attempt, &services, shared](Writing& writing) -> base::Status {
        auto& a = *attempt;
        if (const auto condition = a.request.header("If-None-Exist"); !condition.empty()) {
            auto found = writing.matches(a.action.type, condition);
            if (!found) return base::pass(found);
            if (found->size() > 1) return base::fail(Kind::precondition_failed, "If-None-Exist matches more than one " + a.action.type, {}, "multiple-matches");
            if (found->size() == 1) return answer_existing(writing, a, services, found->front());
        }
        auto changed = writing.apply(Change{Change::Kind::create, a.action.type, crypto::random_uuid(), std::move(*shared), {}});
        if (!changed) return base::pass(changed);
        reply_to(a, services, *changed);
        return {};
    });
}

}  // namespace rest
