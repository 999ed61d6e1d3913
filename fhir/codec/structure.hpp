// The rules of FHIR's JSON form that hold for every resource (R4 json.html), checked on each write. The rules of profiles and types come
// with validation; these keep out what no reader could understand.
#pragma once

#include "storage/base/json.hpp"

#include <optional>
#include <string>
#include <vector>

namespace codec {

struct Expected {
    std::string_view type;               // of the route; empty: any known resource type
    std::optional<std::string_view> id;  // of the route (update): must be there and equal
};

constexpr std::size_t kMaxIssues = 100;  // then one more says that there are others

// All faults that were found, none when the resource may be stored. Each is Kind::invalid with its place in `expression` and a FHIR
// issue type. Checked: an object with a known resourceType (also in contained and nested resources), type and id as the route says, the
// id's form; no empty string, array or object; no array in an array and none of objects mixed with others; null only inside arrays of
// primitives where the other half of the pair name/_name holds the element; both halves equally long.
std::vector<base::Error> check_structure(const json::Value& resource, const Expected& expected);

}  // namespace codec
