// vread: https://hl7.org/fhir/R4/http.html#vread. The version as it was; a version that is a delete mark answers 410.
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/summary.hpp"

namespace rest {

void vread(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    const auto shape = shape_of_one(a.request.query, a.action.type, a.lenient());
    if (!shape) return a.refuse(shape.error()), then(attempt);
    auto snapshot = services.store.snapshot(a.duty);
    if (!snapshot) return a.refuse(snapshot.error()), then(attempt);
    auto record = or_absent((*snapshot)->version(a.action.type, a.action.id, a.action.version));
    if (!record) return a.refuse(record.error()), then(attempt);
    if (!*record) return a.refuse(not_found(a.action.type, a.action.id)), then(attempt);
    Access access(services, a);
    auto body = disclose(a, services, access, consent::Action::history, **record);
    if (!body) return a.refuse(body.error()), then(attempt);
    const auto& version = (*record)->version;
    if (version.deleted) {
        a.refuse(base::Error{base::Kind::gone, "this version of " + a.action.type + "/" + a.action.id + " marks its deletion", {}, {}});
        return then(attempt);
    }
    auto answer = shaped(std::move(*body), *shape);
    if (!answer) return a.refuse(answer.error()), then(attempt);
    a.reply.body = std::move(*answer);
    a.reply.version = version.version;
    a.reply.updated_us = version.updated_us;
    then(attempt);
}

}  // namespace rest
