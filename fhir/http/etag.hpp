// Entity tags (RFC 9110 section 8.8.3) for If-Match and If-None-Match; FHIR's are weak: W/"3" (R4 http.html#versioning).
#pragma once

#include "storage/base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace http {

struct EntityTag {
    bool weak = false;
    std::string tag;  // between the quotes
};

struct EntityTags {
    bool any = false;  // "*"
    std::vector<EntityTag> tags;

    // Weak comparison: FHIR says W/"n" everywhere, also in If-Match, where strong comparison could never be true.
    bool match(std::string_view version) const;
};

// "*" or a list of tags. Error: Kind::invalid on anything else, also on a bare word without quotes.
base::Result<EntityTags> parse_entity_tags(std::string_view text);

// W/"version".
std::string write_etag(std::string_view version);

}  // namespace http
