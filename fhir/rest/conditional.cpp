#include "fhir/rest/conditional.hpp"

#include "fhir/codec/resource.hpp"
#include "storage/crypto/random.hpp"

namespace rest {

using base::Kind;

base::Result<std::optional<std::string>> one_match(Writing& writing, const std::string& type, const std::string& criteria) {
    auto found = writing.matches(type, criteria);
    if (!found) return base::pass(found);
    if (found->size() > 1) {
        return base::fail(Kind::precondition_failed, "the criteria match more than one " + type + "; nothing was changed", {},
                          "multiple-matches");
    }
    if (found->empty()) return std::optional<std::string>{};
    return std::optional(std::move(found->front()));
}

base::Result<UpdateTarget> id_to_update(Writing& writing, const std::string& type, const std::string& criteria, const json::Value& resource) {
    auto match = one_match(writing, type, criteria);
    if (!match) return base::pass(match);
    const std::string own(codec::id(resource));
    if (!*match) return UpdateTarget{own.empty() ? crypto::random_uuid() : own, true};
    if (!own.empty() && own != **match) {
        return base::fail(Kind::invalid, "the criteria match another " + type + " than the one whose id the resource has", {type + ".id"},
                          {});
    }
    return UpdateTarget{std::move(**match), false};
}

}  // namespace rest
