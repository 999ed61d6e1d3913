// Where an element lies in a resource, and how the elements of one name are changed there. In JSON a primitive has two halves, "given" and
// "_given", which stay aligned here. Inside patch only.
#pragma once

#include "fhir/definitions/elements.hpp"
#include "fhir/fhirpath/fhirpath.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace patch {

// An element's two halves; null is absent. Only primitives have the second.
struct Content {
    json::Value value, extra;
};

struct Place {
    json::Object* parent = nullptr;             // nullptr: the resource itself
    const definitions::Group* group = nullptr;  // what R4 defines below the parent; nullptr: R4 does not know the parent
    std::string name;                           // as in JSON, without the "_"
    std::optional<std::size_t> index;           // among the elements of this name, when they are a list
    std::size_t depth = 0;                      // arrays and objects around the element

    // The element's type by its parent's definition; empty when R4 has none.
    definitions::Member member() const;
};

// Finds a node of `resource` again in its changeable form. Nothing: the node is not of this resource.
std::optional<Place> find_place(json::Value& resource, const fhirpath::Node& node);

// The object that the element's children stand in: of a complex element itself, of a primitive the object beside it, which is made when it
// is not there. nullptr: the element is neither.
json::Object* children_of(json::Value& resource, const Place& place);

// An element that does not repeat. `element` is of `group`, the group of the object.
bool has_single(const json::Object& object, const definitions::Group& group, const definitions::Element& element);
void erase_single(json::Object& object, const definitions::Group& group, const definitions::Element& element);
// In place of what stands there, of a choice also under another name.
void set_single(json::Object& object, const definitions::Group& group, const definitions::Element& element, std::string name,
                Content content);

// The elements of one name that repeats. Indices are below the size; for insert() at most the size.
std::size_t list_size(const json::Object& object, std::string_view name);
void list_insert(json::Object& object, const std::string& name, std::size_t index, Content content);
void list_replace(json::Object& object, const std::string& name, std::size_t index, Content content);
void list_erase(json::Object& object, const std::string& name, std::size_t index);
void list_move(json::Object& object, const std::string& name, std::size_t from, std::size_t to);

// Takes out what holds nothing: objects without members, arrays without elements, elements of which neither half is left.
void drop_empty(json::Value& resource);

}  // namespace patch
