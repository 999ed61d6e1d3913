// What HL7 FHIR R4 (4.0.1) defines, as static tables compiled from HL7's own files (conformance/definitions/compile.mjs).
// Nothing is parsed at start-up; every function is thread-safe and every view lives as long as the program.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace definitions {

enum class ParameterType : std::uint8_t { number, date, string, token, reference, composite, quantity, uri, special };
std::string_view to_string(ParameterType type);  // as in SearchParameter.type

struct SearchParameter {
    std::string_view code;
    ParameterType type;
    std::string_view expression;                // the official FHIRPath, for all base types together; empty for _text, _content, _query
    std::span<const std::string_view> targets;  // of a reference: the types it may point to, sorted
    std::string_view url;
};

// One of the 146 concrete resource types? Case-sensitive.
bool is_resource_type(std::string_view type);
std::span<const std::string_view> resource_types();  // sorted

// The parameter of this type, else of DomainResource, else of Resource; nullptr when R4 has none or the type is unknown.
// An empty type asks for those of Resource alone (a search over all types).
const SearchParameter* search_parameter(std::string_view type, std::string_view code);
// The type's own parameters, sorted by code: "Resource" and "DomainResource" are asked for by these names. Empty when unknown.
std::span<const SearchParameter> search_parameters(std::string_view type);

// Which search parameters put a resource of `type` into the compartment ("Patient", "Practitioner", "RelatedPerson", "Device",
// "Encounter"); empty when none does. The word "{def}" stands for the resource that defines the compartment (only Encounter
// says it in R4; for the other four the resource itself belongs to its own compartment all the same).
std::span<const std::string_view> compartment_parameters(std::string_view compartment, std::string_view type);

}  // namespace definitions
