#include "fhir/rest/conditional_links.hpp"

#include "fhir/codec/references.hpp"
#include "fhir/definitions/definitions.hpp"
#include "storage/base/encoding.hpp"

namespace rest {
namespace {

using base::Kind;

constexpr std::size_t kShown = 200;  // of criteria, in a diagnostic

tl::unexpected<base::Error> not_one(const std::string& type, const std::string& reference, bool none) {
    return base::fail(Kind::precondition_failed, std::string(none ? "no " : "more than one ") + type + " meets the conditional reference " + std::string(base::utf8_prefix(reference, kShown)), {},
                      none ? "not-found" : "multiple-matches");
}

}  // namespace

base::Result<std::string> ConditionalLinks::look_up(const std::string& type, const std::string& query) {
    if (const auto known = resolved_.find({type, query}); known != resolved_.end()) return known->second;
    if (!definitions::is_resource_type(type)) return base::fail(Kind::invalid, "a conditional reference names no R4 type");
    auto found = writing_.matches(type, query);
    if (!found) return base::pass(found);
    if (found->size() > 1) return not_one(type, type + "?" + query, false);
    if (found->empty()) return std::string();
    return resolved_[{type, query}] = type + "/" + found->front();
}

base::Result<bool> ConditionalLinks::resolve(json::Value& resource) {
    bool all = true;
    std::optional<base::Error> failed;
    codec::visit_references(resource, [&](std::string& text) {
        if (failed) return;
        const auto reference = codec::parse_reference(text, services_.settings.base_url);
        if (reference.form != codec::Reference::Form::conditional) return;
        auto found = look_up(std::string(reference.type), std::string(reference.query));
        if (!found) {
            failed = found.error();
        } else if (found->empty()) {
            all = false;
            missing_ = text;
        } else {
            text = std::move(*found);
        }
    });
    if (failed) return tl::unexpected(std::move(*failed));
    return all;
}

base::Status ConditionalLinks::resolve_all(json::Value& resource) {
    const auto all = resolve(resource);
    if (!all) return base::pass(all);
    if (!*all) return not_one(missing_.substr(0, missing_.find('?')), missing_, true);
    return {};
}

base::Status ConditionalLinks::confirm() {
    const auto before = std::exchange(resolved_, {});
    for (const auto& [criteria, reference] : before) {
        const auto& [type, query] = criteria;
        if (!written_.contains(type)) continue;
        const auto now = look_up(type, query);
        if (!now) return base::pass(now);
        if (*now != reference) return not_one(type, type + "?" + query, now->empty());
    }
    return {};
}

}  // namespace rest
