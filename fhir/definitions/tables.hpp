// The generated tables, seen only inside this folder.
#pragma once

#include "fhir/definitions/definitions.hpp"
#include "fhir/definitions/elements.hpp"
#include "fhir/definitions/rules.hpp"

namespace definitions {

struct ParameterBase {
    std::string_view type;
    std::span<const SearchParameter> parameters;
};
struct CompartmentMember {
    std::string_view type;
    std::span<const std::string_view> parameters;
};
struct Compartment {
    std::string_view code;
    std::span<const CompartmentMember> members;
};

// All sorted by their first member, in byte order.
struct Tables {
    std::span<const std::string_view> resource_types;
    std::span<const Group> groups;
    std::span<const ParameterBase> parameter_bases;
    std::span<const Compartment> compartments;
    // In the order of groups, and of the elements in all groups; not sorted.
    std::span<const std::span<const Constraint* const>> group_constraints;
    std::span<const Element> elements;
    std::span<const ElementRules> element_rules;
    std::span<const ValueSet> value_sets;
    std::span<const Constraint> constraints;
    std::span<const ExtensionDefinition> extensions;  // sorted by url
};
extern const Tables kTables;

// Binary search in a sorted table; nullptr when absent.
template <class Row, class Name>
const Row* find_row(std::span<const Row> rows, std::string_view key, Name name) {
    std::size_t low = 0, high = rows.size();
    while (low < high) {
        const std::size_t middle = (low + high) / 2;
        const int order = std::string_view(rows[middle].*name).compare(key);
        if (order == 0) return &rows[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return nullptr;
}

}  // namespace definitions
