#include "fhir/patch/place.hpp"

#include <algorithm>
#include <array>

namespace patch {
namespace {

using definitions::Element;
using definitions::Group;

const Group& element_group() {
    static const Group* const kElement = definitions::group("Element");
    return *kElement;
}

// The members of a resource are defined by its own type, wherever it stands.
const Group* group_below(const Group* group, std::string_view name, const json::Value& value) {
    const auto member = group == nullptr ? definitions::Member{} : definitions::member(*group, name);
    if (!member) return nullptr;
    if (member.type->code == "Resource") return definitions::group(value.text("resourceType"));
    return member.type->group();
}

// Walks a resource until it meets the value it looks for.
class Finder {
  public:
    explicit Finder(const json::Value* wanted) : wanted_(wanted) {}

    bool object(json::Object& object, const Group* group, std::size_t depth) {
        for (auto& [key, value] : object) {
            const bool beside = key.size() > 1 && key.front() == '_';
            const auto name = std::string_view(key).substr(beside ? 1 : 0);
            place_.parent = &object;
            place_.group = group;
            if (&value == wanted_) return found(name, std::nullopt, depth);
            if (auto* list = value.if_array()) {
                for (std::size_t i = 0; i < list->size(); ++i) {
                    if (&(*list)[i] == wanted_) return found(name, i, depth + 1);
                    if (below((*list)[i], beside, name, group, depth + 1)) return true;
                    place_.parent = &object;
                    place_.group = group;
                }
            } else if (below(value, beside, name, group, depth)) {
                return true;
            }
        }
        return false;
    }
    Place take() { return std::move(place_); }

  private:
    bool below(json::Value& value, bool beside, std::string_view name, const Group* group, std::size_t depth) {
        auto* child = value.if_object();
        return child != nullptr && object(*child, beside ? &element_group() : group_below(group, name, value), depth + 1);
    }
    bool found(std::string_view name, std::optional<std::size_t> index, std::size_t depth) {
        place_.name = name;
        place_.index = index;
        place_.depth = depth;
        return true;
    }

    const json::Value* wanted_;
    Place place_;
};

json::Value* value_at(json::Object& object, const std::string& key, std::optional<std::size_t> index) {
    auto* value = object.find(key);
    if (value == nullptr || !index) return value;
    auto* list = value->if_array();
    return list != nullptr && *index < list->size() ? &(*list)[*index] : nullptr;
}

// One half of a list, as long as the whole. nullptr when it is not there and need not be.
json::Array* half(json::Object& object, const std::string& key, std::size_t size, bool make) {
    auto* value = object.find(key);
    if (value == nullptr && !make) return nullptr;
    if (value == nullptr) value = &object.set(key, json::Array{});
    auto* list = value->if_array();
    if (list != nullptr) list->resize(size);
    return list;
}

std::array<std::string, 2> halves(const std::string& name) {
    return {name, "_" + name};
}

// Is the member one half of this element?
bool belongs(const json::Member& member, const Group& group, const Element& element) {
    const bool beside = member.first.size() > 1 && member.first.front() == '_';
    const auto known = definitions::member(group, std::string_view(member.first).substr(beside ? 1 : 0));
    return known.element == &element;
}

auto place_of(std::size_t index) {
    return static_cast<std::ptrdiff_t>(index);
}

}  // namespace

definitions::Member Place::member() const {
    return group == nullptr ? definitions::Member{} : definitions::member(*group, name);
}

std::optional<Place> find_place(json::Value& resource, const fhirpath::Node& node) {
    if (node.value == &resource) return Place{};
    auto* object = resource.if_object();
    Finder finder(node.value != nullptr ? node.value : node.extra);
    if (object == nullptr || !finder.object(*object, definitions::group(resource.text("resourceType")), 1)) return std::nullopt;
    return finder.take();
}

json::Object* children_of(json::Value& resource, const Place& place) {
    if (place.parent == nullptr) return resource.if_object();
    if (auto* value = value_at(*place.parent, place.name, place.index); value != nullptr && value->is_object()) return value->if_object();
    const auto member = place.member();
    if (!member || member.type->group() != nullptr) return nullptr;
    const auto key = "_" + place.name;
    if (!place.index) {
        auto* beside = place.parent->find(key);
        return (beside == nullptr ? &place.parent->set(key, json::Object{}) : beside)->if_object();
    }
    auto* list = half(*place.parent, key, list_size(*place.parent, place.name), true);
    if (list == nullptr) return nullptr;
    auto& beside = (*list)[*place.index];
    if (beside.is_null()) beside = json::Object{};
    return beside.if_object();
}

bool has_single(const json::Object& object, const Group& group, const Element& element) {
    return std::any_of(object.begin(), object.end(), [&](const json::Member& member) { return belongs(member, group, element); });
}

void erase_single(json::Object& object, const Group& group, const Element& element) {
    std::erase_if(object.members(), [&](const json::Member& member) { return belongs(member, group, element); });
}

void set_single(json::Object& object, const Group& group, const Element& element, std::string name, Content content) {
    auto& members = object.members();
    const auto first = std::find_if(members.begin(), members.end(), [&](const json::Member& m) { return belongs(m, group, element); });
    auto at = first - members.begin();
    erase_single(object, group, element);
    const auto insert = [&](std::string key, json::Value value) {
        if (value.is_null()) return;
        members.insert(members.begin() + at, json::Member(std::move(key), std::move(value)));
        ++at;
    };
    insert(name, std::move(content.value));
    insert("_" + name, std::move(content.extra));
}

std::size_t list_size(const json::Object& object, std::string_view name) {
    std::size_t out = 0;
    for (const auto& key : halves(std::string(name))) {
        const auto* value = object.find(key);
        if (value != nullptr && value->is_array()) out = std::max(out, value->if_array()->size());
    }
    return out;
}

void list_insert(json::Object& object, const std::string& name, std::size_t index, Content content) {
    const auto size = list_size(object, name);
    const auto keys = halves(name);
    for (const auto& [key, value] : {std::pair(&keys[0], &content.value), std::pair(&keys[1], &content.extra)}) {
        if (auto* list = half(object, *key, size, !value->is_null())) list->insert(list->begin() + place_of(index), std::move(*value));
    }
}

void list_replace(json::Object& object, const std::string& name, std::size_t index, Content content) {
    const auto size = list_size(object, name);
    const auto keys = halves(name);
    for (const auto& [key, value] : {std::pair(&keys[0], &content.value), std::pair(&keys[1], &content.extra)}) {
        if (auto* list = half(object, *key, size, !value->is_null())) (*list)[index] = std::move(*value);
    }
}

void list_erase(json::Object& object, const std::string& name, std::size_t index) {
    const auto size = list_size(object, name);
    for (const auto& key : halves(name)) {
        if (auto* list = half(object, key, size, false)) list->erase(list->begin() + place_of(index));
    }
}

void list_move(json::Object& object, const std::string& name, std::size_t from, std::size_t to) {
    const auto size = list_size(object, name);
    for (const auto& key : halves(name)) {
        auto* list = half(object, key, size, false);
        if (list == nullptr) continue;
        auto moved = std::move((*list)[from]);
        list->erase(list->begin() + place_of(from));
        list->insert(list->begin() + place_of(to), std::move(moved));
    }
}

namespace {

bool holds_nothing(const json::Value& value) {
    return (value.is_object() && value.if_object()->empty()) || (value.is_array() && value.if_array()->empty());
}

void drop_null_pairs(json::Object& object) {
    std::vector<std::string> names;
    for (const auto& [key, value] : object) {
        const auto* list = value.if_array();
        const bool has_null = list != nullptr && std::any_of(list->begin(), list->end(), [](const json::Value& v) { return v.is_null(); });
        if (has_null) names.push_back(key.size() > 1 && key.front() == '_' ? key.substr(1) : key);
    }
    for (const auto& name : names) {
        const auto null_at = [&](const std::string& key, std::size_t index) {
            const auto* value = value_at(object, key, index);
            return value == nullptr || value->is_null();
        };
        for (auto i = list_size(object, name); i-- > 0;) {
            if (null_at(name, i) && null_at("_" + name, i)) list_erase(object, name, i);
        }
    }
    std::erase_if(object.members(), [](const json::Member& member) {
        const auto* list = member.second.if_array();
        return list != nullptr && std::all_of(list->begin(), list->end(), [](const json::Value& v) { return v.is_null(); });
    });
}

}  // namespace

void drop_empty(json::Value& value) {
    if (auto* list = value.if_array()) {
        for (auto& item : *list) {
            drop_empty(item);
            if (holds_nothing(item)) item = json::Value();
        }
        return;
    }
    auto* object = value.if_object();
    if (object == nullptr) return;
    for (auto& [key, child] : *object) drop_empty(child);
    drop_null_pairs(*object);
    std::erase_if(object->members(), [](const json::Member& member) { return holds_nothing(member.second); });
}

}  // namespace patch
