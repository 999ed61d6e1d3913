#include "fhir/fhirpath/base_rules.hpp"

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

}  // namespace fhirpath
