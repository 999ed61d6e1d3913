#include "fhir/validate/reference_targets.hpp"

#include "fhir/codec/references.hpp"
#include "fhir/definitions/definitions.hpp"
#include "fhir/validate/contained.hpp"

#include <algorithm>

namespace validate {
namespace {

using Form = codec::Reference::Form;

std::string list_of(std::span<const std::string_view> targets) {
    std::string out;
    for (const auto target : targets) {
        if (out.size() > 200) return out + " ...";
        out += (out.empty() ? "" : ", ") + std::string(target);
    }
    return out;
}

// The type of what the text points to, as far as it can be known without a server; empty when it cannot. Reports what cannot be right.
std::string_view target_type(const std::string& text, const Scope& scope, const Options& options, Report& report) {
    const auto reference = codec::parse_reference(text, options.base_url);
    switch (reference.form) {
        case Form::contained: {
            if (text == "#") {
                if (!scope.contained()) report.warning("invalid", "# alone means the resource around a contained one; this resource is not contained", "reference");
                return scope.root->text("resourceType");
            }
            const auto* found = find_contained(*scope.root, std::string_view(text).substr(1));
            if (found != nullptr) return found->text("resourceType");
            report.error("invariant", "ref-1: SHALL have a contained resource if a local reference is provided: nothing is contained with this id", "reference");
            return {};
        }
        case Form::urn: {
            if (scope.bundle == nullptr) return {};
            const auto found = scope.bundle->find(text);
            return found == scope.bundle->end() ? std::string_view{} : found->second->text("resourceType");
        }
        case Form::local:
        case Form::external:
        case Form::conditional:
            return reference.type;
        case Form::other:
            break;
    }
    if (text.find(':') == std::string::npos) {
        report.error("value", "A relative reference is written Type/id, with a resource type of R4 and a FHIR id", "reference");
    }
    return {};
}

}  // namespace

void check_target(const json::Value& value, std::span<const std::string_view> targets, const Scope& scope, const Options& options, Report& report) {
    const auto stated = value.text("type");
    const auto* member = value.find("reference");
    const auto* text = member == nullptr ? nullptr : member->if_string();
    const auto type = text == nullptr || text->empty() ? std::string_view{} : target_type(*text, scope, options, report);
    const auto taken = [&](std::string_view name) { return targets.empty() || !definitions::is_resource_type(name) || std::find(targets.begin(), targets.end(), name) != targets.end(); };
    if (!taken(type)) report.error("value", "A reference here points to " + list_of(targets) + ", not to " + std::string(type), "reference");
    else if (!taken(stated)) report.error("value", "A reference here points to " + list_of(targets) + ", not to " + std::string(stated), "type");
    if (!stated.empty() && definitions::is_resource_type(type) && definitions::is_resource_type(stated) && stated != type) {
        report.error("value", "The reference points to " + std::string(type) + ", but type says " + std::string(stated), "type");
    }
}

}  // namespace validate
