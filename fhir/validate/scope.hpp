// Which resource the walk is in: what invariants call %resource and %rootResource, and where a reference can be followed to.
#pragma once

#include "fhir/definitions/elements.hpp"
#include "fhir/validate/validate.hpp"

#include <unordered_map>

namespace validate {

// The entries of a Bundle by their fullUrl, for references between them; the first of several.
using BundleIndex = std::unordered_map<std::string_view, const json::Value*>;

struct Scope {
    const json::Value* resource = nullptr;       // whose elements are walked
    const json::Value* root = nullptr;           // of a contained resource the one around it, else `resource`
    const BundleIndex* bundle = nullptr;         // of the nearest Bundle around it; nullptr: none
    const definitions::Group* group = nullptr;   // of `resource`
    std::vector<std::string_view> element_ids;   // seen so far in `resource`

    bool contained() const { return root != resource; }
};

// Every element of this name is a repetition of this one, wherever it stands.
struct Spot {
    const json::Value* value = nullptr;                // nullptr: a primitive that has only an id or extensions
    const json::Value* extra = nullptr;                // the object beside a primitive, "_birthDate"
    const definitions::Element* element = nullptr;     // as whose value; nullptr: a resource
    const definitions::ElementType* type = nullptr;
    const definitions::Group* owner = nullptr;         // the group that `element` is of
};

}  // namespace validate
