#include "fhir/definitions/canonicals.hpp"

namespace definitions {
namespace {

using namespace std::string_view_literals;
#include "r4_canonicals.inc"

}  // namespace

std::span<const Canonical> canonicals(CanonicalType type) {
    switch (type) {
        case CanonicalType::code_system: return kCodeSystems;
        case CanonicalType::value_set: return kValueSets;
        case CanonicalType::concept_map: return kConceptMaps;
        case CanonicalType::profile: return kStructureDefinitions;
    }
    return {};
}

}  // namespace definitions
