#include "fhir/definitions/definitions.hpp"

#include "fhir/definitions/tables.hpp"

#include <algorithm>

namespace definitions {

std::string_view to_string(ParameterType type) {
    switch (type) {
        case ParameterType::number:
            return "number";
        case ParameterType::date:
            return "date";
        case ParameterType::string:
            return "string";
        case ParameterType::token:
            return "token";
        case ParameterType::reference:
            return "reference";
        case ParameterType::composite:
            return "composite";
        case ParameterType::quantity:
            return "quantity";
        case ParameterType::uri:
            return "uri";
        case ParameterType::special:
            return "special";
    }
    return "special";
}

bool is_resource_type(std::string_view type) {
    return std::binary_search(kTables.resource_types.begin(), kTables.resource_types.end(), type);
}
std::span<const std::string_view> resource_types() {
    return kTables.resource_types;
}

std::span<const SearchParameter> search_parameters(std::string_view type) {
    const auto* base = find_row(kTables.parameter_bases, type, &ParameterBase::type);
    return base == nullptr ? std::span<const SearchParameter>{} : base->parameters;
}

const SearchParameter* search_parameter(std::string_view type, std::string_view code) {
    if (!type.empty()) {
        if (!is_resource_type(type)) return nullptr;
        if (const auto* own = find_row(search_parameters(type), code, &SearchParameter::code)) return own;
        // Bundle, Binary and Parameters are plain Resources without a narrative: R4's only DomainResource parameter is _text.
        const bool domain = type != "Bundle" && type != "Binary" && type != "Parameters";
        const auto* inherited = domain ? find_row(search_parameters("DomainResource"), code, &SearchParameter::code) : nullptr;
        if (inherited != nullptr) return inherited;
    }
    return find_row(search_parameters("Resource"), code, &SearchParameter::code);
}

std::span<const std::string_view> compartment_parameters(std::string_view compartment, std::string_view type) {
    const auto* found = find_row(kTables.compartments, compartment, &Compartment::code);
    const auto* member = found == nullptr ? nullptr : find_row(found->members, type, &CompartmentMember::type);
    return member == nullptr ? std::span<const std::string_view>{} : member->parameters;
}

}  // namespace definitions
