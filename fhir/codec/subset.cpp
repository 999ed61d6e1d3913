#include "fhir/codec/subset.hpp"

#include "fhir/codec/resource.hpp"
#include "fhir/definitions/rules.hpp"

#include <algorithm>

namespace codec {
namespace {

using Form = Subset::Form;

constexpr std::string_view kSystem = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", kSubsetted = "SUBSETTED";

bool is_mark(const json::Value& tag) {
    return tag.text("code") == kSubsetted && tag.text("system") == kSystem;
}

void mark(json::Object& resource) {
    json::Object tag;
    tag.set("system", kSystem);
    tag.set("code", kSubsetted);
    tag.set("display", "subsetted");
    auto* meta = resource.find("meta");
    if (meta == nullptr || !meta->is_object()) {
        resource.erase("meta");
        auto& members = resource.members();
        const auto behind = std::find_if(members.begin(), members.end(),
                                         [](const json::Member& m) { return m.first != "resourceType" && m.first != "id"; });
        members.insert(behind, json::Member("meta", json::Object{}));
        meta = resource.find("meta");
    }
    auto* tags = meta->find("tag");
    if (tags == nullptr || !tags->is_array()) tags = &meta->if_object()->set("tag", json::Array{});
    auto& list = *tags->if_array();
    if (std::none_of(list.begin(), list.end(), is_mark))
        list.emplace_back(std::move(tag));
}

bool always(std::string_view name) {
    return name == "resourceType" || name == "id" || name == "meta" || name == "implicitRules" || name == "modifierExtension";
}

void summarize(json::Object& object, const definitions::Group& group, bool is_resource);

void summarize_value(json::Value& value, const definitions::ElementType& type) {
    if (auto* list = value.if_array()) {
        for (auto& item : *list) summarize_value(item, type);
    } else if (auto* object = value.if_object()) {
        if (type.code == "Resource") {
            take_subset(value, {Form::summary, {}});
        } else if (type.group() != nullptr) {
            summarize(*object, *type.group(), false);
        }
    }
}

void summarize(json::Object& object, const definitions::Group& group, bool is_resource) {
    std::erase_if(object.members(), [&](json::Member& member) {
        auto& [name, value] = member;
        if (is_resource && always(name)) return false;
        // What stands beside a primitive belongs to it.
        const bool sibling = name.size() > 1 && name.front() == '_';
        const auto known = definitions::member(group, std::string_view(name).substr(sibling ? 1 : 0));
        if (!known || !(definitions::rules(*known.element).summary || known.element->required)) return true;
        if (!sibling) summarize_value(value, *known.type);
        return false;
    });
}

void keep_at_root(json::Object& resource, const definitions::Group& group, const Subset& subset) {
    std::erase_if(resource.members(), [&](const json::Member& member) {
        const auto name = std::string_view(member.first).substr(member.first.front() == '_' ? 1 : 0);
        if (always(name)) return false;
        const auto known = definitions::member(group, name);
        if (!known) return true;
        if (known.element->required) return false;
        if (subset.form == Form::text) return name != "text";
        const auto& wanted = subset.elements;
        return std::none_of(wanted.begin(), wanted.end(), [&](const std::string& w) { return w == known.element->name || w == name; });
    });
}

}  // namespace

void take_subset(json::Value& resource, const Subset& subset) {
    auto* object = resource.if_object();
    const auto* group = definitions::group(resource_type(resource));
    if (object == nullptr || group == nullptr || subset.form == Form::whole) return;
    if (subset.form == Form::summary)
        summarize(*object, *group, true);
    else if (subset.form == Form::data)
        object->erase("text");
    else
        keep_at_root(*object, *group, subset);
    mark(*object);
}

bool is_subset(const json::Value& resource) {
    const auto* meta = resource.find("meta");
    const auto* tags = meta == nullptr ? nullptr : meta->find("tag");
    const auto* list = tags == nullptr ? nullptr : tags->if_array();
    return list != nullptr && std::any_of(list->begin(), list->end(), is_mark);
}

}  // namespace codec
