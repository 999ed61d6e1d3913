// patch: https://hl7.org/fhir/R4/http.html#patch. Reads the patch here; it is applied inside the serial unit of work, to the version that
// is current there, so that of any number of patches at once none is lost. What comes out is an update like any other.
#include "fhir/rest/conditional.hpp"
#include "fhir/rest/interactions.hpp"
#include "fhir/rest/patching.hpp"
#include "fhir/rest/reading.hpp"

namespace rest {

void patch(AttemptPtr attempt, const Services& services, const Then& then) {
    auto& a = *attempt;
    const auto type = patch_media_type(a.request.header("Content-Type"));
    if (!type) return a.refuse(type.error()), then(attempt);
    auto read = patch::parse(**type, a.request.body, patch_limits(services));
    if (!read) return a.refuse(read.error()), then(attempt);
    auto conditions = conditions_of(a);
    if (!conditions) return a.refuse(conditions.error()), then(attempt);
    auto change = std::make_shared<Change>(Change{Change::Kind::patch, a.action.type, a.action.id, {}, std::move(*conditions)});
    change->edit = edit_with(a, services, std::move(*read));
    write_unit(attempt, services, then, [attempt, &services, change](Writing& writing) -> base::Status {
        auto& a = *attempt;
        if (change->id.empty()) {
            auto match = one_match(writing, change->type, a.request.query);
            if (!match) return base::pass(match);
            if (!*match) return base::fail(base::Kind::not_found, "no " + change->type + " that you may know of meets the criteria");
            change->id = a.action.id = **match;
        }
        auto changed = writing.apply(std::move(*change));
        if (!changed) return base::pass(changed);
        reply_to(a, services, *changed);
        return {};
    });
}

}  // namespace rest
