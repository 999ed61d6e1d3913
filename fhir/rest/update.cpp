// update: https://hl7.org/fhir/R4/http.html#update. 200, or 201 when the id was new (update-as-create); 412 when If-Match does not
// hold. The same content again makes no new version. Without an id in the URL its criteria say which resource is meant (#cond-update); a
// delete by criteria takes one resource at most, and finds nothing to do when there is none.
#include "fhir/rest/conditional.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/writing.hpp"

namespace rest {

using base::Kind;

void update(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    auto resource = parse_resource(a, services, a.request.body, a.action.type);
    if (!resource) return a.refuse(resource.error()), then(attempt);
    const bool conditional = a.action.id.empty();
    if (!conditional && resource->text("id") != a.action.id) {
        a.refuse(base::Error{Kind::invalid, "the resource's id must be the one in the URL, " + a.action.id, {a.action.type + ".id"}, {}});
        return then(attempt);
    }
    auto conditions = conditions_of(a);
    if (!conditions) return a.refuse(conditions.error()), then(attempt);
    auto change = std::make_shared<Change>(Change{Change::Kind::update, a.action.type, a.action.id, std::move(*resource), std::move(*conditions)});
    write_unit(attempt, services, then, [attempt, &services, change, conditional](Writing& writing) -> base::Status {
        if (conditional) {
            auto target = id_to_update(writing, change->type, attempt->request.query, change->resource);
            if (!target) return base::pass(target);
            change->id = attempt->action.id = std::move(target->id);
            change->only_new = target->only_new;
        }
        auto changed = writing.apply(std::move(*change));
        if (!changed) return base::pass(changed);
        reply_to(*attempt, services, *changed);
        return {};
    });
}

void remove(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    auto conditions = conditions_of(a);
    if (!conditions) return a.refuse(conditions.error()), then(attempt);
    auto change = std::make_shared<Change>(Change{Change::Kind::remove, a.action.type, a.action.id, {}, std::move(*conditions)});
    write_unit(attempt, services, then, [attempt, change](Writing& writing) -> base::Status {
        if (change->id.empty()) {
            auto match = one_match(writing, change->type, attempt->request.query);
            if (!match) return base::pass(match);
            attempt->reply.status = 204;
            if (!*match && change->conditions.if_match) return base::fail(Kind::precondition_failed, "If-Match is given, and nothing meets the criteria", {}, "conflict");
            if (!*match) return {};  // what should not be there is not there
            change->id = attempt->action.id = std::move(**match);
        }
        auto changed = writing.apply(std::move(*change));
        if (!changed) return base::pass(changed);
        attempt->reply.status = 204;
        attempt->reply.version = changed->version;
        return {};
    });
}

}  // namespace rest
