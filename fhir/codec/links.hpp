// Rewriting the links of a transaction once the server has given its new ids (R4 http.html#trules).
#pragma once

#include "storage/base/json.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace codec {

struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

// What an entry of the bundle became.
struct NewIdentity {
    std::string reference;  // "Patient/12"
    std::string version;    // "1": a reference to a version stays one, and points to this
};
// By the entry's fullUrl, without version.
using LinkMap = std::unordered_map<std::string, NewIdentity, TextHash, std::equal_to<>>;

// Replaces every link of the resource that names a key of `links`: Reference.reference, elements of type uri, url, oid and uuid (a
// canonical is never replaced), <a href> and <img src> of the narrative. `full_url` is the entry's own: a relative reference is read
// against its base (R4 bundle.html#references). Others stay as they are. Returns how many were replaced.
std::size_t rewrite_links(json::Value& resource, const LinkMap& links, std::string_view full_url);

}  // namespace codec
