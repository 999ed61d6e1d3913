// Walks a resource along its R4 types and shows every text that can point elsewhere. Inside codec only.
#pragma once

#include "fhir/definitions/elements.hpp"
#include "storage/base/json.hpp"

#include <type_traits>

namespace codec {

enum class Link { reference, uri, narrative };  // uri: the types uri, url, oid and uuid, but not canonical

namespace walk {

inline bool is_uri_type(std::string_view code) {
    return code == "uri" || code == "url" || code == "oid" || code == "uuid";
}

template <class Object, class Visit>
void object(Object& value, const definitions::Group* group, const Visit& visit);

// One member's value: `type` is nullptr where R4 does not know the member, so that shape decides.
template <class Value, class Visit>
void member(Value& value, const definitions::ElementType* type, const Visit& visit) {
    if (auto* items = value.if_array()) {
        for (auto& item : *items) member(item, type, visit);
    } else if (auto* child = value.if_object()) {
        if (type != nullptr && type->code != "Resource") return object(*child, type->group(), visit);
        const auto* name = child->find("resourceType");
        const auto* text = name == nullptr ? nullptr : name->if_string();
        object(*child, text == nullptr ? nullptr : definitions::group(*text), visit);
    } else if (auto* text = value.if_string(); text != nullptr && type != nullptr) {
        if (type->code == "xhtml")
            visit(Link::narrative, *text);
        else if (is_uri_type(type->code))
            visit(Link::uri, *text);
    }
}

template <class Object, class Visit>
void object(Object& value, const definitions::Group* group, const Visit& visit) {
    static const definitions::Group* const kReference = definitions::group("Reference");
    static const definitions::ElementType kPrimitiveSibling{"Element", definitions::element_type("Element").group_index};
    for (auto& [name, child] : value) {
        auto* text = child.if_string();
        if (text != nullptr && name == "reference" && (group == kReference || group == nullptr)) {
            visit(Link::reference, *text);
        } else if (group == nullptr || text == nullptr || name != "resourceType") {
            const bool sibling = name.size() > 1 && name.front() == '_';
            member(child, group == nullptr ? nullptr : sibling ? &kPrimitiveSibling : definitions::member(*group, name).type, visit);
        }
    }
}

}  // namespace walk

// Value is json::Value or const json::Value; visit(Link, std::string&) or (Link, const std::string&).
template <class Value, class Visit>
void walk_links(Value& resource, const Visit& visit) {
    walk::member(resource, nullptr, visit);
}

}  // namespace codec
