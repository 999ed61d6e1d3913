#include "fhir/fhirpath/nodes.hpp"

#include "fhir/definitions/definitions.hpp"
#include "fhir/fhirpath/types.hpp"

namespace fhirpath {
namespace {

using definitions::Element;
using definitions::ElementType;
using definitions::Group;

const Group* group_of(const Node& node) {
    return node.type == nullptr ? nullptr : node.type->group();
}

bool empty_value(const json::Value* value) {
    return value == nullptr || value->is_null();
}

const ElementType* placed_type(const json::Value* value, const ElementType* type) {
    if (type == nullptr || value == nullptr || type->code != "Resource") return type;
    const auto* own = node_type(value->text("resourceType"));
    return own == nullptr ? type : own;
}

const json::Value* element_at(const json::Array* array, std::size_t index) {
    return array != nullptr && index < array->size() ? &(*array)[index] : nullptr;
}

// The values of one JSON member beside those of its "_" sibling.
void emit(const json::Value* value, const json::Value* extra, const ElementType* type, Items& out) {
    const auto* values = value == nullptr ? nullptr : value->if_array();
    const auto* extras = extra == nullptr ? nullptr : extra->if_array();
    if (values == nullptr && extras == nullptr) {
        if (!empty_value(value) || !empty_value(extra)) out.push(Item::of(Node{value, extra, placed_type(value, type)}));
        return;
    }
    const std::size_t count = std::max(values == nullptr ? 0 : values->size(), extras == nullptr ? 0 : extras->size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto* one = element_at(values, i);
        const auto* beside = element_at(extras, i);
        if (!empty_value(one) || !empty_value(beside)) out.push(Item::of(Node{one, beside, placed_type(one, type)}));
    }
}

// "_" and the name, without an allocation for the lengths that FHIR has.
const json::Value* sibling(const json::Object& object, std::string_view name) {
    for (const auto& member : object) {
        if (member.first.size() == name.size() + 1 && member.first.front() == '_' && member.first.compare(1, name.size(), name) == 0)
            return &member.second;
    }
    return nullptr;
}

bool primitive(const ElementType& type) {
    return type.group() == nullptr;
}

void append_choice(const json::Object& object, const Element& element, Items& out) {
    for (const auto& member : object) {
        const bool beside = !member.first.empty() && member.first.front() == '_';
        const auto name = std::string_view(member.first).substr(beside ? 1 : 0);
        if (!name.starts_with(element.name)) continue;
        for (const auto& type : element.types) {
            if (!definitions::is_choice_name(name, element.name, type.code)) continue;
            if (!beside) return emit(&member.second, primitive(type) ? sibling(object, name) : nullptr, &type, out);
            if (object.find(name) == nullptr) return emit(nullptr, &member.second, &type, out);
        }
    }
}

void append_element(const Group& group, const json::Object& object, const Element& element, Items& out) {
    if (element.choice) return append_choice(object, element, out);
    if (element.name == "id" || (element.name == "url" && group.name == "Extension")) {
        return emit(object.find(element.name), nullptr, defined_as_string(element.name == "id" ? "id" : "uri"), out);
    }
    const auto& type = element.types.front();
    emit(object.find(element.name), primitive(type) ? sibling(object, element.name) : nullptr, &type, out);
}

// Of a primitive: its id and its extensions stand in the object beside it.
bool append_of_primitive(const Node& parent, std::string_view name, Items& out) {
    const auto* beside = parent.extra == nullptr ? nullptr : parent.extra->if_object();
    static const Group* const kElement = definitions::group("Element");
    const auto* element = parent.type == nullptr ? nullptr : definitions::element(*kElement, name);
    if (beside == nullptr) return parent.type == nullptr || element != nullptr;
    if (parent.type == nullptr) {
        emit(beside->find(name), sibling(*beside, name), nullptr, out);
    } else if (element != nullptr) {
        append_element(*kElement, *beside, *element, out);
    }
    return parent.type == nullptr || element != nullptr;
}

void append_untyped_children(const json::Object& object, Items& out) {
    for (const auto& [name, value] : object) {
        if (!name.empty() && name.front() == '_') {
            if (object.find(std::string_view(name).substr(1)) == nullptr) emit(nullptr, &value, nullptr, out);
        } else if (name != "resourceType") {
            emit(&value, sibling(object, name), nullptr, out);
        }
    }
}

std::optional<Temporal> parse_temporal(std::string_view text, std::string_view code) {
    if (code == "date") return parse_date(text);
    return code == "time" ? parse_time(text) : parse_date_time(text);
}

}  // namespace

Node resource_node(const json::Value& resource) {
    return {&resource, nullptr, node_type(resource.text("resourceType"))};
}

bool append_named(const Node& parent, std::string_view name, Items& out) {
    const auto* object = parent.value == nullptr ? nullptr : parent.value->if_object();
    if (object == nullptr) return append_of_primitive(parent, name, out);
    const auto* group = group_of(parent);
    if (group == nullptr) {
        emit(object->find(name), sibling(*object, name), nullptr, out);
        return true;
    }
    if (const auto* element = definitions::element(*group, name)) {
        append_element(*group, *object, *element, out);
        return true;
    }
    if (name != "resourceType") return false;
    emit(object->find(name), nullptr, nullptr, out);
    return true;
}

void append_children(const Node& parent, Items& out) {
    const auto* object = parent.value == nullptr ? nullptr : parent.value->if_object();
    if (object == nullptr) {
        append_of_primitive(parent, "id", out);
        append_of_primitive(parent, "extension", out);
        return;
    }
    const auto* group = group_of(parent);
    if (group == nullptr) return append_untyped_children(*object, out);
    for (const auto& [name, value] : *object) {
        const bool beside = !name.empty() && name.front() == '_';
        const auto plain = std::string_view(name).substr(beside ? 1 : 0);
        if (beside && object->find(plain) != nullptr) continue;
        const auto member = definitions::member(*group, plain);
        if (!member) continue;
        if (beside)
            emit(nullptr, &value, member.type, out);
        else if (plain == "id")
            append_element(*group, *object, *member.element, out);
        else
            emit(&value, primitive(*member.type) ? sibling(*object, plain) : nullptr, member.type, out);
    }
}

void children_named(const Node& parent, std::string_view name, std::vector<Node>& out) {
    Arena arena{Limits{}};
    Items items(arena);
    append_named(parent, name, items);
    for (const auto& item : items) out.push_back(item.node());
}

bool without_value(const Item& item) {
    return item.is(ItemKind::node) && empty_value(item.place.value);
}

Item to_system(const Item& item, Arena& arena) {
    if (!item.is(ItemKind::node) || empty_value(item.place.value)) return item;
    const auto& value = *item.place.value;
    const auto code = item.type == nullptr ? std::string_view() : item.type->code;
    if (const auto* text = value.if_string()) {
        if (code == "date" || code == "dateTime" || code == "instant" || code == "time") {
            if (const auto parsed = parse_temporal(*text, code)) return Item::of(arena.make(*parsed));
        }
        return Item::of_string(*text);
    }
    if (const auto* flag = value.if_bool()) return Item::of(*flag);
    const auto* number = value.if_number();
    if (number == nullptr) return item;
    const auto parsed = Decimal::parse(number->text);
    if (!parsed) return item;
    const bool whole = number->text.find_first_of(".eE") == std::string::npos && code != "decimal";
    if (const auto integer = whole ? parsed->to_int64() : std::nullopt) return Item::of_integer(*integer);
    return Item::of(arena.make(*parsed));
}

bool is_fhir_quantity(const Item& item) {
    return item.is(ItemKind::node) && item.type != nullptr && derives_from(item.type->code, "Quantity");
}

const Quantity* to_quantity(const Item& item, Arena& arena, bool& refused) {
    if (item.is(ItemKind::quantity)) return item.quantity;
    if (!is_fhir_quantity(item) || item.place.value == nullptr) return nullptr;
    const auto& value = *item.place.value;
    if (value.find("comparator") != nullptr) {
        refused = true;
        return nullptr;
    }
    const auto* number = value.find("value");
    const auto parsed = number != nullptr && number->is_number() ? Decimal::parse(number->if_number()->text) : std::nullopt;
    const auto system = value.text("system"), code = value.text("code");
    if (!parsed || (!system.empty() && system != "http://unitsofmeasure.org")) return nullptr;
    Quantity out{*parsed};
    out.unit = !code.empty() ? code : !value.text("unit").empty() ? value.text("unit") : "1";
    out.from_fhir = true;
    return arena.make(out);
}

namespace {

json::Value json_of_type(const TypeName& type) {
    json::Object out;
    out.set("namespace", type.name_space);
    out.set("name", type.name);
    return out;
}

}  // namespace

json::Value to_json(const Item& item) {
    switch (item.kind) {
        case ItemKind::node:
            return item.place.value == nullptr ? json::Value() : *item.place.value;
        case ItemKind::boolean:
            return item.boolean;
        case ItemKind::integer:
        case ItemKind::long_integer:
            return json::Value::number(item.integer);
        case ItemKind::decimal:
            return json::Number{item.decimal->to_string()};
        case ItemKind::string:
            return item.text();
        case ItemKind::temporal:
            return item.temporal->to_string();
        case ItemKind::quantity:
            return item.quantity->to_string();
        case ItemKind::type_name:
            return json_of_type(*item.type_name);
    }
    return {};
}

}  // namespace fhirpath
