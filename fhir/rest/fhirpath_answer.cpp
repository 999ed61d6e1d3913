#include "fhir/rest/fhirpath_answer.hpp"

#include "fhir/fhirpath/items.hpp"

#include <algorithm>
#include <cctype>

namespace rest {
namespace {

using fhirpath::Item;
using fhirpath::ItemKind;

json::Value extension(std::string_view url, std::string_view text) {
    json::Object out;
    out.set("url", url);
    out.set("valueString", text);
    return out;
}

// The types that Parameters.parameter.value[x] takes.
bool is_parameter_type(std::string_view type) {
    static const auto* element = definitions::element(*definitions::group("Parameters.parameter"), "value");
    return std::any_of(element->types.begin(), element->types.end(), [&](const auto& t) { return t.code == type; });
}

std::string value_name(std::string_view type) {
    std::string out = "value" + std::string(type);
    out[5] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[5])));
    return out;
}

// "System.DateTime" as FHIR writes it; a FHIR type by its own name, a backbone element by its path.
std::string type_name(const fhirpath::View& items, std::size_t index) {
    const auto node = items.node(index);
    if (node && node->type != nullptr) return std::string(node->type->code);
    const auto type = items.type(index);
    const auto name = type.substr(type.find('.') + 1);
    if (name == "Quantity" || name == "SimpleTypeInfo" || name == "Long" || name.empty()) return name.empty() ? "object" : name;
    std::string out = name;
    out[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(out[0])));
    return out;
}

// FHIR's dateTime has a zone and seconds as soon as it has an hour, its time has seconds; System's need not.
bool fits_fhir(std::string_view type, std::string_view text) {
    const auto at = type == "time"                             ? std::size_t{0}
                    : text.find('T') == std::string_view::npos ? std::string_view::npos
                                                               : text.find('T') + 1;
    if (at == std::string_view::npos) return true;
    const auto clock = text.substr(at);
    const auto zone = clock.find_first_of("Z+-");
    return clock.substr(0, zone).size() >= 8 && (type == "time" || zone != std::string_view::npos);
}

json::Value quantity_value(const fhirpath::Quantity& quantity) {
    json::Object out;
    out.set("value", json::Number{quantity.value.to_string()});
    out.set("unit", quantity.unit);
    if (!quantity.calendar) {
        out.set("system", "http://unitsofmeasure.org");
        out.set("code", quantity.unit);
    }
    return out;
}

void set_value(json::Object& part, const std::string& type, const fhirpath::View& items, std::size_t index) {
    const auto& item = items.item(index);
    if (item.is(ItemKind::quantity)) {
        part.set("valueQuantity", quantity_value(*item.quantity));
        return;
    }
    auto value = items.value(index);
    const auto node = items.node(index);
    if (value.is_object() && !value.text("resourceType").empty()) {
        part.set("resource", std::move(value));
        return;
    }
    const auto* text = value.if_string();
    const bool dated = type == "dateTime" || type == "time" || type == "date";
    if (!is_parameter_type(type) || (text != nullptr && dated && !fits_fhir(type, *text))) {
        auto* extensions = part.find("extension");
        if (extensions == nullptr) extensions = &part.set("extension", json::Array{});
        extensions->if_array()->push_back(extension(kJsonValue, json::write(value)));
        return;
    }
    const auto name = value_name(type);
    if (!value.is_null() && !(text != nullptr && text->empty())) part.set(name, std::move(value));
    if (node && node->extra != nullptr) part.set("_" + name, *node->extra);
}

}  // namespace

json::Object string_part(std::string_view name, std::string_view value) {
    json::Object out;
    out.set("name", name);
    if (!value.empty()) out.set("valueString", value);
    return out;
}

Places::Places(const json::Value& resource) {
    const auto type = resource.text("resourceType");
    places_.emplace(&resource, type);
    walk(resource, definitions::group(type), std::string(type));
}

void Places::walk(const json::Value& value, const definitions::Group* group, const std::string& path) {
    const auto* object = value.if_object();
    if (object == nullptr) return;
    for (const auto& [json_name, child] : *object) {
        if (json_name == "resourceType") continue;
        if (places_.size() >= kMost) return;
        const bool extra = json_name.starts_with('_');
        const std::string_view written = std::string_view(json_name).substr(extra ? 1 : 0);
        const auto member = group != nullptr ? definitions::member(*group, written) : definitions::Member{};
        const auto below = path + "." + std::string(member ? member.element->name : written);
        const auto visit = [&](const json::Value& one, const std::string& place) {
            if (places_.size() >= kMost) return;
            places_.emplace(&one, place);
            const auto own = one.text("resourceType");  // contained, Bundle.entry.resource
            const auto* inner = !own.empty() ? definitions::group(own) : member ? member.type->group() : nullptr;
            walk(one, extra ? definitions::group("Element") : inner, place);
        };
        if (const auto* list = child.if_array()) {
            for (std::size_t i = 0; i < list->size(); ++i) visit((*list)[i], below + "[" + std::to_string(i) + "]");
        } else {
            visit(child, below);
        }
    }
}

std::string_view Places::find(const fhirpath::Node& node) const {
    for (const auto* part : {node.value, node.extra}) {
        const auto found = part == nullptr ? places_.end() : places_.find(part);
        if (found != places_.end()) return found->second;
    }
    return {};
}

base::Status PartWriter::append(const fhirpath::View& items, json::Array& parts) {
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (auto done = append(items, i, parts); !done) return done;
    }
    return {};
}

base::Status PartWriter::append(const fhirpath::View& items, std::size_t index, json::Array& parts) {
    const auto type = type_name(items, index);
    const auto node = items.node(index);
    const auto& item = items.item(index);
    const bool empty_string = item.is(ItemKind::string) && item.text().empty();
    json::Object part;
    if (const auto place = node ? places_.find(*node) : std::string_view(); !place.empty())
        part.set("extension", json::Array{extension(kResourcePath, place)});
    part.set("name", empty_string ? std::string("empty-string") : type);
    set_value(part, type, items, index);
    json::Value made(std::move(part));
    const auto size = json::write(made).size();
    if (size > left_bytes_) {
        return base::fail(base::Kind::too_large, "the result is larger than the limit of one answer; narrow the expression",
                          {"Parameters.parameter"}, "too-costly");
    }
    left_bytes_ -= size;
    parts.push_back(std::move(made));
    return {};
}

}  // namespace rest
