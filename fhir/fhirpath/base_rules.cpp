#include "fhir/fhirpath/base_rules.hpp"

#include "fhir/definitions/rules.hpp"

namespace fhirpath {
namespace {

constexpr std::string_view kCanonical = "http://hl7.org/fhir/StructureDefinition/";

}  // namespace

base::Result<bool> conforms_to_type(const Node& node, std::string_view profile) {
    const auto name = profile.starts_with(kCanonical) ? profile.substr(kCanonical.size()) : std::string_view();
    if (node_type(name) == nullptr)
        return base::fail(base::Kind::invalid, "conformsTo(): the profile " + std::string(profile) + " is not known here");
    return node.type != nullptr && is_kind_of(*node.type, name);
}

base::Result<bool> member_of_bound_set(const Node& node, std::string_view value_set) {
    const auto* set = definitions::value_set(value_set);
    const auto* code = node.value == nullptr ? nullptr : node.value->if_string();
    if (set == nullptr || code == nullptr)
        return base::fail(base::Kind::not_supported, "memberOf(): only codes, and only R4's own value sets that it binds codes to");
    return set->has(*code);
}

}  // namespace fhirpath
