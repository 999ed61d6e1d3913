// Small questions and changes that every interaction has about a resource as JSON.
#pragma once

#include "storage/base/clock.hpp"
#include "storage/base/json.hpp"

#include <string>
#include <string_view>

namespace codec {

std::string_view resource_type(const json::Value& resource);  // empty when absent
std::string_view id(const json::Value& resource);             // empty when absent
// R4 datatypes.html#id: [A-Za-z0-9\-\.]{1,64}
bool valid_id(std::string_view text);

// Puts the server's id and meta in place. The canonical order of the stored form is resourceType, id, meta, then the client's members in
// their order; inside meta versionId and lastUpdated come first. Other members of meta are kept. CHECK: the resource is an object.
void set_id(json::Value& resource, std::string id);
void set_meta(json::Value& resource, std::uint32_t version, base::TimeUs last_updated);

// Takes meta.versionId and meta.lastUpdated out (and a meta that is empty then).
void erase_server_meta(json::Value& resource);
// Equal but for meta.versionId and meta.lastUpdated, whatever the order of members: an update that changes nothing.
bool same_content(const json::Value& a, const json::Value& b);

}  // namespace codec
