// update: https://hl7.org/fhir/R4/http.html#update. 200, or 201 when the id was new (update-as-create); 412 when If-Match does not
// hold. The same content again makes no new version.
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/writing.hpp"

namespace rest {
namespace {

using base::Kind;

base::Result<std::optional<http::EntityTags>> if_match(const Attempt& a) {
    const auto text = a.request.header("If-Match");
    if (text.empty()) return std::optional<http::EntityTags>{};
    auto tags = http::parse_entity_tags(text);
    if (!tags) return base::pass(tags);
    return std::optional(std::move(*tags));
}

}  // namespace

void update(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    auto resource = parse_resource(a, services, a.request.body, a.action.type);
    if (!resource) return a.refuse(resource.error()), then(attempt);
    if (resource->text("id") != a.action.id) {
        a.refuse(base::Error{Kind::invalid, "the resource's id must be the one in the URL, " + a.action.id, {a.action.type + ".id"}, {}});
        return then(attempt);
    }
    auto condition = if_match(a);
    if (!condition) return a.refuse(condition.error()), then(attempt);
    auto change = std::make_shared<Change>(Change{Change::Kind::update, a.action.type, a.action.id, std::move(*resource), std::move(*condition)});
    write_unit(attempt, services, then, [attempt, &services, change](Writing& writing) -> base::Status {
        auto changed = writing.apply(std::move(*change));
        if (!changed) return base::pass(changed);
        reply_to(*attempt, services, *changed);
        return {};
    });
}

void remove(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    auto condition = if_match(a);
    if (!condition) return a.refuse(condition.error()), then(attempt);
    auto change = std::make_shared<Change>(Change{Change::Kind::remove, a.action.type, a.action.id, {}, std::move(*condition)});
    write_unit(attempt, services, then, [attempt, change](Writing& writing) -> base::Status {
        auto changed = writing.apply(std::move(*change));
        if (!changed) return base::pass(changed);
        attempt->reply.status = 204;
        attempt->reply.version = changed->version;
        return {};
    });
}

}  // namespace rest
