// read: https://hl7.org/fhir/R4/http.html#read. 200, 304, 404 (absent or hidden), 410 (deleted, and the caller may know).
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/reading.hpp"
#include "fhir/rest/summary.hpp"

namespace rest {

void read(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    const auto shape = shape_of_one(a.request.query, a.action.type, a.lenient());
    if (!shape) return a.refuse(shape.error()), then(attempt);
    auto record = or_absent(services.store.read(a.duty, a.action.type, a.action.id));
    if (!record) return a.refuse(record.error()), then(attempt);
    if (!*record) return a.refuse(not_found(a.action.type, a.action.id)), then(attempt);
    Access access(services, a);
    auto body = disclose(a, services, access, consent::Action::read, **record);
    if (!body) return a.refuse(body.error()), then(attempt);
    const auto& version = (*record)->version;
    if (version.deleted) {
        a.refuse(base::Error{base::Kind::gone, a.action.type + "/" + a.action.id + " was deleted", {}, {}});
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
