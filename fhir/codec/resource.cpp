#include "fhir/codec/resource.hpp"

#include <algorithm>
#include <array>

namespace codec {
namespace {

constexpr std::array<std::string_view, 4> kServerMeta{"versionId", "lastUpdated", "_versionId", "_lastUpdated"};

bool is_server_meta(std::string_view name) {
    return std::find(kServerMeta.begin(), kServerMeta.end(), name) != kServerMeta.end();
}

void put_first(json::Object& object, std::string_view name, json::Value value) {
    object.erase(name);
    object.set_first(std::string(name), std::move(value));
}

void put_type_first(json::Value& resource) {
    if (const auto* type = resource.find("resourceType")) put_first(*resource.if_object(), "resourceType", json::Value(*type));
}

// Equal members but those of `skip`, whatever their order.
template <class Skip>
bool equal_but(const json::Object& a, const json::Object& b, Skip skip) {
    const auto counted = [&](const json::Object& o) {
        return std::count_if(o.begin(), o.end(), [&](const json::Member& m) { return !skip(m); });
    };
    if (counted(a) != counted(b)) return false;
    return std::all_of(a.begin(), a.end(), [&](const json::Member& m) {
        if (skip(m)) return true;
        const auto* theirs = b.find(m.first);
        return theirs != nullptr && *theirs == m.second;
    });
}

bool same_meta(const json::Value* a, const json::Value* b) {
    static const json::Object kEmpty;
    if ((a != nullptr && !a->is_object()) || (b != nullptr && !b->is_object())) return a != nullptr && b != nullptr && *a == *b;
    return equal_but(a == nullptr ? kEmpty : *a->if_object(), b == nullptr ? kEmpty : *b->if_object(),
                     [](const json::Member& m) { return is_server_meta(m.first); });
}

}  // namespace

std::string_view resource_type(const json::Value& resource) {
    return resource.text("resourceType");
}
std::string_view id(const json::Value& resource) {
    return resource.text("id");
}

bool valid_id(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
}

void set_id(json::Value& resource, std::string id) {
    CHECK(resource.is_object());
    put_first(*resource.if_object(), "id", json::Value(std::move(id)));
    put_type_first(resource);
}

void set_meta(json::Value& resource, std::uint32_t version, base::TimeUs last_updated) {
    CHECK(resource.is_object());
    erase_server_meta(resource);
    json::Object meta;
    meta.set("versionId", json::Value(std::to_string(version)));
    meta.set("lastUpdated", json::Value(base::format_instant(last_updated)));
    if (auto* given = resource.find("meta"); given != nullptr && given->is_object()) {
        for (auto& [name, value] : *given->if_object()) meta.set(name, std::move(value));
    }
    put_first(*resource.if_object(), "meta", json::Value(std::move(meta)));
    if (const auto* own = resource.find("id")) put_first(*resource.if_object(), "id", json::Value(*own));
    put_type_first(resource);
}

void erase_server_meta(json::Value& resource) {
    auto* meta = resource.find("meta");
    if (meta == nullptr || !meta->is_object()) return;
    auto& members = *meta->if_object();
    for (const auto name : kServerMeta) members.erase(name);
    if (members.empty()) resource.if_object()->erase("meta");
}

bool same_content(const json::Value& a, const json::Value& b) {
    if (!a.is_object() || !b.is_object()) return a == b;
    return equal_but(*a.if_object(), *b.if_object(), [](const json::Member& m) { return m.first == "meta"; }) &&
           same_meta(a.find("meta"), b.find("meta"));
}

}  // namespace codec
