#include "fhir/patch/part_value.hpp"

#include "fhir/definitions/definitions.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>

namespace patch {
namespace {

using definitions::Element;
using definitions::ElementType;
using definitions::Group;

std::string shown(std::string_view text) {
    return "'" + std::string(base::utf8_prefix(text, 64)) + "'";
}

bool primitive(const ElementType& type) {
    return type.group() == nullptr;
}

bool among(std::string_view code, std::initializer_list<std::string_view> codes) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// Types whose values are written alike, so that a patch may say valueString for a code. R4 asks for the right type; what is no code is
// found by validation.
bool text_type(std::string_view code) {
    return among(code, {"string", "code", "id", "markdown", "xhtml", "uri", "url", "canonical", "uuid", "oid"});
}
bool whole_type(std::string_view code) {
    return among(code, {"integer", "positiveInt", "unsignedInt"});
}

// May a value of the type `given` stand where `wanted` is defined?
bool takes(const ElementType& wanted, const ElementType& given) {
    if (wanted.code == given.code) return true;
    if (primitive(wanted) != primitive(given)) return false;
    if (primitive(wanted)) {
        const bool number = whole_type(given.code) && (whole_type(wanted.code) || wanted.code == "decimal");
        return number || (text_type(wanted.code) && text_type(given.code));
    }
    return fhirpath::is_kind_of(wanted, given.code) || fhirpath::is_kind_of(given, wanted.code);  // a Duration is a Quantity
}

std::string names_of(std::span<const ElementType> types) {
    std::string out;
    for (const auto& type : types) out += (out.empty() ? "" : ", ") + std::string(type.code);
    return out;
}

std::string json_name(const Element& element, const ElementType& type) {
    std::string out(element.name);
    if (!element.choice) return out;
    out += type.code;
    auto& first = out[element.name.size()];
    if (first >= 'a' && first <= 'z') first = static_cast<char>(first - 'a' + 'A');
    return out;
}

// The three ways in which a parameter can hold something.
struct Holds {
    const ElementType* type = nullptr;  // of value[x]
    Content value;
    const json::Value* resource = nullptr;
    const json::Value* parts = nullptr;
};

base::Result<Holds> read_part(const json::Value& part, const Label& label) {
    static const Group* const kParameter = definitions::group("Parameters.parameter");
    static const Element* const kValue = definitions::element(*kParameter, "value");
    Holds out;
    const auto* object = part.if_object();
    if (object == nullptr) return label.malformed("a part is an object");
    for (const auto& [key, value] : *object) {
        const bool beside = key.size() > 1 && key.front() == '_';
        const auto member = definitions::member(*kParameter, std::string_view(key).substr(beside ? 1 : 0));
        if (member.element == kValue) {
            if (out.type != nullptr && out.type != member.type) return label.malformed("a part has one value[x]");
            out.type = member.type;
            (beside ? out.value.extra : out.value.value) = value;
        } else if (key == "resource") {
            out.resource = &value;
        } else if (key == "part") {
            out.parts = &value;
        }
    }
    const int kinds = (out.type != nullptr) + (out.resource != nullptr) + (out.parts != nullptr);
    if (kinds != 1) {
        return label.malformed(
            kinds == 0 ? "the value is missing: value[x], part or resource" : "a value is one of value[x], part and resource", "required");
    }
    return out;
}

// The type that the element gets from a value[x].
base::Result<const ElementType*> type_for(const Named& named, const ElementType& given, const Label& label) {
    const auto& types = named.element->types;
    const auto wrong = [&](const std::string& wanted) {
        return label.refused("'" + std::string(named.element->name) + "' takes " + wanted + ", not " + std::string(given.code), "value");
    };
    if (named.type != nullptr) {
        if (!takes(*named.type, given)) return wrong(std::string(named.type->code));
        return named.type;
    }
    if (!named.element->choice) {
        if (!takes(types.front(), given)) return wrong(std::string(types.front().code));
        return &types.front();
    }
    const auto known = std::find_if(types.begin(), types.end(), [&](const ElementType& type) { return type.code == given.code; });
    if (known == types.end()) return wrong(names_of(types));
    return &*known;
}

// The parts are the element's children: an object of the group, each child built in its turn.
base::Result<json::Object> build_children(const json::Value& parts, const Group& group, const Label& label) {
    json::Object out;
    const auto* list = parts.if_array();
    if (list == nullptr || list->empty()) return label.malformed("'part' is an array with elements");
    for (const auto& part : *list) {
        const auto name = part.text("name");
        if (name.empty()) return label.malformed("a part has a name", "required");
        auto named = find_element(group, name, label);
        if (!named) return base::pass(named);
        auto built = build(part, *named, label);
        if (!built) return base::pass(built);
        if (auto done = put(out, group, *named, std::move(*built), label); !done) return base::pass(done);
    }
    return out;
}

base::Result<Built> build_from_parts(const json::Value& parts, const Named& named, const Label& label) {
    const auto& types = named.element->types;
    const auto* type = named.type != nullptr ? named.type : &types.front();
    if (named.type == nullptr && types.size() > 1) {
        return label.refused("'" + std::string(named.element->name) +
                                 "' may be of several types: give value[x], or name it with its type, such as " +
                                 json_name(*named.element, types.front()),
                             "value");
    }
    if (type->code == "Resource")
        return label.refused("'" + std::string(named.element->name) + "' is a resource: give it as 'resource'", "value");
    Built out{json_name(*named.element, *type), {}};
    const bool simple = primitive(*type);
    auto children = build_children(parts, simple ? *definitions::group("Element") : *type->group(), label);
    if (!children) return base::pass(children);
    (simple ? out.content.extra : out.content.value) = std::move(*children);
    return out;
}

}  // namespace

base::Result<Named> find_element(const Group& group, std::string_view name, const Label& label) {
    auto plain = name;
    if (plain.ends_with("[x]")) plain.remove_suffix(3);
    if (const auto* element = definitions::element(group, plain)) return Named{element, nullptr};
    if (const auto member = definitions::member(group, plain)) return Named{member.element, member.type};
    return label.refused(std::string(group.name) + " has no element " + shown(name), "not-found");
}

base::Result<Built> build(const json::Value& part, const Named& named, const Label& label) {
    auto holds = read_part(part, label);
    if (!holds) return base::pass(holds);
    if (holds->parts != nullptr) return build_from_parts(*holds->parts, named, label);
    if (holds->resource != nullptr) {
        const auto& type = named.element->types.front();
        if (type.code != "Resource") {
            return label.refused("'" + std::string(named.element->name) + "' takes " + names_of(named.element->types) + ", not a resource",
                                 "value");
        }
        return Built{std::string(named.element->name), {*holds->resource, {}}};
    }
    const auto type = type_for(named, *holds->type, label);
    if (!type) return base::pass(type);
    return Built{json_name(*named.element, **type), std::move(holds->value)};
}

base::Status put(json::Object& object, const Group& group, const Named& named, Built built, const Label& label) {
    if (named.element->many) {
        list_insert(object, built.name, list_size(object, built.name), std::move(built.content));
        return {};
    }
    if (has_single(object, group, *named.element)) {
        return label.refused("'" + std::string(named.element->name) + "' is there already and does not repeat", "duplicate");
    }
    set_single(object, group, *named.element, std::move(built.name), std::move(built.content));
    return {};
}

}  // namespace patch
