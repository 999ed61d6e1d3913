#include "fhir/fhirpath/types.hpp"

#include "fhir/definitions/definitions.hpp"
#include "fhir/fhirpath/nodes.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace fhirpath {
namespace {

struct Base {
    std::string_view type, base;
};
// Those whose base is neither Element nor DomainResource (R4 datatypes.html, types.html).
constexpr Base kBases[] = {
    {"Age", "Quantity"},
    {"BackboneElement", "Element"},
    {"Binary", "Resource"},
    {"Bundle", "Resource"},
    {"Count", "Quantity"},
    {"Distance", "Quantity"},
    {"DomainResource", "Resource"},
    {"Dosage", "BackboneElement"},
    {"Duration", "Quantity"},
    {"Element", ""},
    {"ElementDefinition", "BackboneElement"},
    {"MarketingStatus", "BackboneElement"},
    {"MoneyQuantity", "Quantity"},
    {"Parameters", "Resource"},
    {"Population", "BackboneElement"},
    {"ProdCharacteristic", "BackboneElement"},
    {"ProductShelfLife", "BackboneElement"},
    {"Resource", ""},
    {"SimpleQuantity", "Quantity"},
    {"SubstanceAmount", "BackboneElement"},
    {"Timing", "BackboneElement"},
    {"canonical", "uri"},
    {"code", "string"},
    {"id", "string"},
    {"markdown", "string"},
    {"oid", "uri"},
    {"positiveInt", "integer"},
    {"unsignedInt", "integer"},
    {"url", "uri"},
    {"uuid", "uri"},
};
constexpr std::string_view kPrimitives[] = {"base64Binary", "boolean",     "canonical", "code",     "date", "dateTime",    "decimal",
                                            "id",           "instant",     "integer",   "markdown", "oid",  "positiveInt", "string",
                                            "time",         "unsignedInt", "uri",       "url",      "uuid", "xhtml"};
constexpr std::string_view kSystem[] = {"Any", "Boolean", "Date", "DateTime", "Decimal", "Integer", "Long", "Quantity", "String", "Time"};

template <class List>
bool listed(const List& list, std::string_view name) {
    return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

std::string_view system_name(const Item& item) {
    switch (item.kind) {
        case ItemKind::boolean:
            return "Boolean";
        case ItemKind::integer:
            return "Integer";
        case ItemKind::long_integer:
            return "Long";
        case ItemKind::decimal:
            return "Decimal";
        case ItemKind::string:
            return "String";
        case ItemKind::quantity:
            return "Quantity";
        case ItemKind::temporal:
            return item.temporal->kind == Temporal::Kind::date ? "Date" : item.temporal->kind == Temporal::Kind::time ? "Time" : "DateTime";
        default:
            return {};
    }
}

// An untyped JSON value has a System type.
std::string_view json_type(const json::Value* value) {
    if (value == nullptr) return {};
    if (value->is_bool()) return "Boolean";
    if (value->is_string()) return "String";
    if (const auto* number = value->if_number()) return number->text.find_first_of(".eE") == std::string::npos ? "Integer" : "Decimal";
    return {};
}

struct TypeTable {
    std::unordered_map<std::string_view, definitions::ElementType> resources;
    std::unordered_map<std::string_view, definitions::ElementType> others;
    std::shared_mutex guard;  // of the others, which are added when first asked for

    TypeTable() {
        for (const auto name : definitions::resource_types()) resources.emplace(name, definitions::element_type(name));
    }
};
TypeTable& table() {
    static TypeTable types;
    return types;
}

}  // namespace

const definitions::ElementType* node_type(std::string_view name) {
    auto& types = table();
    if (const auto found = types.resources.find(name); found != types.resources.end()) return &found->second;
    {
        const std::shared_lock lock(types.guard);
        if (const auto found = types.others.find(name); found != types.others.end()) return &found->second;
    }
    // The table keeps views into names that live as long as the program.
    std::string_view lasting;
    if (const auto* group = definitions::group(name)) {
        lasting = group->name;
    } else if (const auto* primitive = std::find(std::begin(kPrimitives), std::end(kPrimitives), name);
               primitive != std::end(kPrimitives)) {
        lasting = *primitive;
    } else {
        return nullptr;
    }
    const std::unique_lock lock(types.guard);
    return &types.others.emplace(lasting, definitions::element_type(lasting)).first->second;
}

bool is_kind_of(const definitions::ElementType& type, std::string_view name) {
    return type.code == name || derives_from(fhir_name(type), name);
}

bool known_type(const TypeSpecifier& type) {
    if (type.name_space == "System") return true;  // a name that System lacks is the type of nothing
    if (type.name_space.empty() && listed(kSystem, type.name)) return true;
    if (!type.name_space.empty() && type.name_space != "FHIR") return false;
    return listed(kPrimitives, type.name) || definitions::group(type.name) != nullptr || !base_type(type.name).empty();
}

std::string_view fhir_name(const definitions::ElementType& type) {
    const auto dot = type.code.find('.');
    if (dot == std::string_view::npos) return type.code;
    return definitions::is_resource_type(type.code.substr(0, dot)) ? "BackboneElement" : "Element";
}

std::string_view base_type(std::string_view fhir_type) {
    const auto* found = std::find_if(std::begin(kBases), std::end(kBases), [&](const Base& base) { return base.type == fhir_type; });
    if (found != std::end(kBases)) return found->base;
    if (definitions::is_resource_type(fhir_type)) return "DomainResource";
    return definitions::group(fhir_type) != nullptr || listed(kPrimitives, fhir_type) ? "Element" : "";
}

bool derives_from(std::string_view fhir_type, std::string_view ancestor) {
    for (auto type = fhir_type; !type.empty(); type = base_type(type)) {
        if (type == ancestor) return true;
    }
    return false;
}

TypeName type_of(const Item& item) {
    if (item.is(ItemKind::node)) {
        if (item.type != nullptr) return {"FHIR", fhir_name(*item.type)};
        const auto name = json_type(item.place.value);
        return {name.empty() ? "" : "System", name};
    }
    if (item.is(ItemKind::type_name)) return {"System", "SimpleTypeInfo"};
    return {"System", system_name(item)};
}

const definitions::ElementType* defined_as_string(std::string_view fhir_type) {
    static const definitions::ElementType kId = definitions::element_type("id"), kUri = definitions::element_type("uri");
    return fhir_type == "id" ? &kId : &kUri;
}

bool item_is(const Item& item, const TypeSpecifier& type) {
    if (item.is(ItemKind::node) && type.name_space == "System" && type.name == "String" && item.type != nullptr) {
        if (item.type == defined_as_string("id") || item.type == defined_as_string("uri")) return true;
    }
    const auto own = type_of(item);
    if (own.name.empty() || (!type.name_space.empty() && type.name_space != own.name_space)) return false;
    if (own.name_space == "System") return own.name == type.name || type.name == "Any";
    return derives_from(own.name, type.name);
}

bool item_as(const Item& item, const TypeSpecifier& type) {
    if (item.is(ItemKind::node) && item.type != nullptr && item.type->group() == nullptr) {
        if (type.name_space == "System") {  // the value of a primitive stands for it
            Arena scratch{Limits{}};
            return system_name(to_system(item, scratch)) == type.name;
        }
        return item.type->code == type.name;
    }
    return item_is(item, type);
}

}  // namespace fhirpath
