#include "fhir/validate/contained.hpp"

#include <algorithm>

namespace validate {
namespace {

const json::Array* contained_of(const json::Value& resource) {
    const auto* list = resource.find("contained");
    return list == nullptr ? nullptr : list->if_array();
}

// Any text "#..." in the tree: references, canonicals, uris and urls may all point inwards. Texts are few and short; walking by shape
// also finds those in extensions.
template <class Visit>
void visit_local_links(const json::Value& value, const Visit& visit) {
    if (const auto* text = value.if_string()) {
        if (text->starts_with('#')) visit(std::string_view(*text).substr(1));
    } else if (const auto* items = value.if_array()) {
        for (const auto& item : *items) visit_local_links(item, visit);
    } else if (const auto* object = value.if_object()) {
        for (const auto& [name, child] : *object) {
            if (name != "div") visit_local_links(child, visit);
        }
    }
}

bool refers_to_container(const json::Value& contained) {
    bool out = false;
    visit_local_links(contained, [&](std::string_view id) { out = out || id.empty(); });
    return out;
}

}  // namespace

const json::Value* find_contained(const json::Value& root, std::string_view id) {
    const auto* list = contained_of(root);
    if (list == nullptr) return nullptr;
    for (const auto& one : *list) {
        if (one.text("id") == id) return &one;
    }
    return nullptr;
}

void check_contained(const json::Value& contained, Report& report) {
    if (contained.text("id").empty()) report.error("required", "A contained resource needs an id, so that it can be referred to as #id", "id");
    if (contained.find("contained") != nullptr) report.error("invariant", "dom-2: If the resource is contained in another resource, it SHALL NOT contain nested Resources", "contained");
    const auto* meta = contained.find("meta");
    if (meta == nullptr) return;
    if (meta->find("versionId") != nullptr || meta->find("lastUpdated") != nullptr) {
        report.error("invariant", "dom-4: If a resource is contained in another resource, it SHALL NOT have a meta.versionId or a meta.lastUpdated", "meta");
    }
    if (meta->find("security") != nullptr) report.error("invariant", "dom-5: If a resource is contained in another resource, it SHALL NOT have a security label", "meta.security");
}

void check_containment(const json::Value& resource, const Scope& scope, Report& report) {
    const auto* list = contained_of(resource);
    if (list == nullptr || scope.contained()) return;
    std::vector<std::string_view> links;
    visit_local_links(resource, [&](std::string_view id) { links.push_back(id); });
    for (std::size_t i = 0; i < list->size(); ++i) {
        const auto& one = (*list)[i];
        const auto id = one.text("id");
        if (id.empty()) continue;
        const Report::Step step(report, "contained");
        const Report::Step item(report, i);
        if (std::find(links.begin(), links.end(), id) == links.end() && !refers_to_container(one)) {
            report.error("invariant", "dom-3: The resource refers nowhere to what it contains as #" + std::string(base::utf8_prefix(id, 64)) + "; a contained resource has no life of its own");
        }
        if (find_contained(resource, id) != &one) report.error("duplicate", "Two contained resources have this id", "id");
    }
}

}  // namespace validate
