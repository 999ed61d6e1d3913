// R4's own CodeSystems, ValueSets, ConceptMaps and profiles on resources, each as the JSON text HL7 published (without narrative and
// extensions). Read-only pages of the program: what nobody asks for is never loaded. fhir/terminology and fhir/validate parse them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace definitions {

enum class CanonicalType : std::uint8_t { code_system, value_set, concept_map, profile };

struct Canonical {
    std::string_view url;
    std::string_view version;  // empty when HL7 gave none
    std::string_view json;
    std::string_view all_codes;  // CodeSystem.valueSet: the url of the set of all its codes; empty when it names none
};
std::span<const Canonical> canonicals(CanonicalType type);  // sorted by url, each url once

}  // namespace definitions
