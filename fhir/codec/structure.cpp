#include "fhir/codec/structure.hpp"

#include "fhir/codec/resource.hpp"
#include "fhir/definitions/definitions.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>

namespace codec {
namespace {

bool is_primitive(const json::Value& value) {
    return value.is_string() || value.is_number() || value.is_bool();
}

class Checker {
  public:
    explicit Checker(const Expected& expected) : expected_(expected) {}

    std::vector<base::Error> run(const json::Value& resource) {
        if (!resource.is_object()) {
            add("A resource is a JSON object", "", "structure");
            return std::move(issues_);
        }
        const auto type = resource_type(resource);
        place_ = type.empty() ? "Resource" : std::string(base::utf8_prefix(type, 64));
        route(resource, type);
        nested_resource(resource);
        object(*resource.if_object(), false);
        return std::move(issues_);
    }

  private:
    void add(std::string what, std::string_view member, std::string issue) {
        if (issues_.size() > kMaxIssues) return;
        if (issues_.size() == kMaxIssues) {
            issues_.push_back(
                {base::Kind::invalid, "More faults follow; only the first " + std::to_string(kMaxIssues) + " are shown", {}, "too-costly"});
            return;
        }
        const auto place = member.empty() ? place_ : place_ + "." + std::string(member);
        issues_.push_back({base::Kind::invalid, std::move(what), {place}, std::move(issue)});
    }

    void route(const json::Value& resource, std::string_view type) {
        if (!expected_.type.empty() && !type.empty() && type != expected_.type) {
            add("resourceType is '" + place_ + "' but the URL says '" + std::string(expected_.type) + "'", "resourceType", "invalid");
        }
        if (!expected_.id) return;
        if (resource.find("id") == nullptr)
            add("The resource must carry the id of the URL", "id", "required");
        else if (id(resource) != *expected_.id)
            add("The resource's id differs from the URL's", "id", "invalid");
    }

    // What holds for a resource wherever it stands.
    void nested_resource(const json::Value& resource) {
        const auto* type = resource.find("resourceType");
        if (type == nullptr)
            add("resourceType is missing", "resourceType", "required");
        else if (!type->is_string())
            add("resourceType must be a string", "resourceType", "structure");
        else if (!definitions::is_resource_type(*type->if_string()))
            add("R4 has no resource type of this name", "resourceType", "invalid");
        const auto* own_id = resource.find("id");
        if (own_id == nullptr) return;
        if (!own_id->is_string())
            add("id must be a string", "id", "structure");
        else if (!valid_id(*own_id->if_string()))
            add("An id is 1 to 64 of the characters A-Z a-z 0-9 - .", "id", "value");
    }

    void object(const json::Object& value, bool sibling) {
        if (value.empty()) add("An object must not be empty", "", "structure");
        for (const auto& [name, child] : value) {
            if (sibling && name != "id" && name != "extension")
                add("Beside a primitive only id and extension may stand", name, "structure");
            const auto length = place_.size();
            place_.append(".").append(base::utf8_prefix(name, 128));
            if (name.size() > 1 && name.front() == '_')
                sibling_member(value, name, child);
            else
                member(value, name, child);
            place_.resize(length);
        }
    }

    void member(const json::Object& owner, const std::string& name, const json::Value& value) {
        const auto* sibling = owner.find("_" + name);
        if (const auto* items = value.if_array())
            return array(*items, sibling == nullptr ? nullptr : sibling->if_array(), name == "contained");
        if (value.is_null()) return add("null may stand in arrays only: leave the member out", "", "structure");
        single(value, name == "resource" || name == "contained");
    }

    void single(const json::Value& value, bool resource_place) {
        if (const auto* text = value.if_string(); text != nullptr && text->empty()) add("A string must not be empty", "", "structure");
        if (!value.is_object()) return;
        // "resource" also names references (Bundle.entry.resource against CatalogEntry): the member decides, not the place.
        if (value.find("resourceType") != nullptr && resource_place) nested_resource(value);
        object(*value.if_object(), false);
    }

    void array(const json::Array& items, const json::Array* siblings, bool contained) {
        if (items.empty()) return add("An array must not be empty", "", "structure");
        const bool objects = std::any_of(items.begin(), items.end(), [](const json::Value& v) { return v.is_object(); });
        if (siblings != nullptr && siblings->size() != items.size())
            add("The arrays of a primitive and of its extensions differ in length", "", "structure");
        const auto length = place_.size();
        for (std::size_t i = 0; i < items.size(); ++i) {
            place_ += "[" + std::to_string(i) + "]";
            const auto& item = items[i];
            if (item.is_array()) {
                add("An array must not stand in an array", "", "structure");
            } else if (item.is_null()) {
                const bool held = siblings != nullptr && i < siblings->size() && (*siblings)[i].is_object();
                if (objects || !held) add("null may stand only where the extension of a primitive holds the place", "", "structure");
            } else if (objects && !item.is_object()) {
                add("Objects and other values are mixed in one array", "", "structure");
            } else {
                if (contained && item.is_object() && item.find("resourceType") == nullptr)
                    add("resourceType is missing", "resourceType", "required");
                single(item, contained);
            }
            place_.resize(length);
        }
    }

    // "_name": id and extensions of the primitive "name", in the same arrangement.
    void sibling_member(const json::Object& owner, const std::string& name, const json::Value& value) {
        const auto* primary = owner.find(std::string_view(name).substr(1));
        if (const auto* items = value.if_array()) return sibling_array(*items, primary);
        if (!value.is_object()) return add("A name that starts with _ holds the id and extensions of a primitive", "", "structure");
        if (primary != nullptr && !is_primitive(*primary)) add("Its counterpart is no single primitive", "", "structure");
        object(*value.if_object(), true);
    }

    void sibling_array(const json::Array& items, const json::Value* primary) {
        if (items.empty()) return add("An array must not be empty", "", "structure");
        const auto* values = primary == nullptr ? nullptr : primary->if_array();
        if (primary != nullptr && values == nullptr) add("Its counterpart is no array", "", "structure");
        const auto length = place_.size();
        for (std::size_t i = 0; i < items.size(); ++i) {
            place_ += "[" + std::to_string(i) + "]";
            const json::Value* held = values != nullptr && i < values->size() ? &(*values)[i] : nullptr;
            if (items[i].is_null()) {
                if (held == nullptr || !is_primitive(*held))
                    add("null may stand only where the primitive holds the place", "", "structure");
            } else if (!items[i].is_object()) {
                add("A name that starts with _ holds the id and extensions of a primitive", "", "structure");
            } else {
                if (held != nullptr && held->is_object()) add("Its counterpart is no primitive", "", "structure");
                object(*items[i].if_object(), true);
            }
            place_.resize(length);
        }
    }

    const Expected& expected_;
    std::vector<base::Error> issues_;
    std::string place_;
};

}  // namespace

std::vector<base::Error> check_structure(const json::Value& resource, const Expected& expected) {
    return Checker(expected).run(resource);
}

}  // namespace codec
