// The elements of every R4 type and backbone element, in the order of the snapshots (which is the order of XML).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace definitions {

struct Group;

struct ElementType {
    std::string_view code;  // "Quantity", "uri", or the path of a backbone element: "Observation.component"
    std::uint16_t group_index;

    const Group* group() const;  // its children; nullptr for a primitive type
};

struct Element {
    std::string_view name;               // without [x]: "value"
    std::span<const ElementType> types;  // more than one only for a choice
    bool choice;                         // written in JSON as name + type: "valueQuantity"
    bool many;
    bool required;
};

struct Group {
    std::string_view name;  // "Patient", "HumanName", "Patient.contact"
    std::span<const Element> elements;
};

// Of a resource type, data type or backbone path; nullptr when R4 has none. "Resource" stands for any resource: a caller that
// walks into contained or Bundle.entry.resource takes the group of that resource's own resourceType.
const Group* group(std::string_view name);
// The same as an ElementType, for a walk that starts in the middle. The name must outlive it; without a group when there is none.
ElementType element_type(std::string_view name);

// A JSON member by its name ("valueQuantity" is the element value with the type Quantity; "_birthDate" is not understood here).
struct Member {
    const Element* element = nullptr;
    const ElementType* type = nullptr;
    explicit operator bool() const { return element != nullptr; }
};
Member member(const Group& group, std::string_view json_name);

// An element by its FHIRPath name ("value"); nullptr when the group has none.
const Element* element(const Group& group, std::string_view name);

// The JSON name of a choice with one type: "value" and "dateTime" give "valueDateTime" when appended upper-cased.
bool is_choice_name(std::string_view json_name, std::string_view element_name, std::string_view type_code);

}  // namespace definitions
