#include "fhir/definitions/elements.hpp"

#include "fhir/definitions/tables.hpp"

namespace definitions {

namespace {
constexpr std::uint16_t kNoGroup = 0xffff;  // as compile.mjs writes it for primitive types
}

const Group* ElementType::group() const {
    return group_index == kNoGroup ? nullptr : &kTables.groups[group_index];
}

const Group* group(std::string_view name) {
    return find_row(kTables.groups, name, &Group::name);
}

ElementType element_type(std::string_view name) {
    const auto* found = group(name);
    return {name, found == nullptr ? kNoGroup : static_cast<std::uint16_t>(found - kTables.groups.data())};
}

bool is_choice_name(std::string_view json_name, std::string_view element_name, std::string_view type_code) {
    if (json_name.size() != element_name.size() + type_code.size() || !json_name.starts_with(element_name)) return false;
    const auto suffix = json_name.substr(element_name.size());
    const char first = type_code.front();
    const char upper = first >= 'a' && first <= 'z' ? static_cast<char>(first - 'a' + 'A') : first;
    return suffix.front() == upper && suffix.substr(1) == type_code.substr(1);
}

Member member(const Group& group, std::string_view json_name) {
    for (const auto& element : group.elements) {
        if (!element.choice) {
            if (element.name == json_name) return {&element, element.types.data()};
        } else if (json_name.starts_with(element.name)) {
            for (const auto& type : element.types) {
                if (is_choice_name(json_name, element.name, type.code)) return {&element, &type};
            }
        }
    }
    return {};
}

const Element* element(const Group& group, std::string_view name) {
    for (const auto& element : group.elements) {
        if (element.name == name) return &element;
    }
    return nullptr;
}

}  // namespace definitions
