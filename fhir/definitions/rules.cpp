#include "fhir/definitions/rules.hpp"

#include "fhir/definitions/tables.hpp"

#include <algorithm>

namespace definitions {

namespace {
auto first_of(std::span<const Code> codes, std::string_view code) {
    return std::lower_bound(codes.begin(), codes.end(), code, [](const Code& row, std::string_view key) { return row.code < key; });
}
}  // namespace

bool ValueSet::has(std::string_view code) const {
    const auto at = first_of(codes, code);
    return at != codes.end() && at->code == code;
}
bool ValueSet::has(std::string_view code, std::string_view system) const {
    for (auto at = first_of(codes, code); at != codes.end() && at->code == code; ++at) {
        if (at->system == system) return true;
    }
    return false;
}

const ValueSet* value_set(std::string_view url) {
    return find_row(kTables.value_sets, url, &ValueSet::url);
}

const ElementRules& rules(const Element& element) {
    return kTables.element_rules[static_cast<std::size_t>(&element - kTables.elements.data())];
}
std::span<const Constraint* const> constraints(const Group& group) {
    return kTables.group_constraints[static_cast<std::size_t>(&group - kTables.groups.data())];
}
const ExtensionDefinition* extension_definition(std::string_view url) {
    return find_row(kTables.extensions, url, &ExtensionDefinition::url);
}
std::span<const Constraint> all_constraints() {
    return kTables.constraints;
}

}  // namespace definitions
