#include "fhir/http/etag.hpp"

#include "fhir/http/headers.hpp"

#include <algorithm>

namespace http {

bool EntityTags::match(std::string_view version) const {
    return any || std::any_of(tags.begin(), tags.end(), [&](const EntityTag& t) { return t.tag == version; });
}

base::Result<EntityTags> parse_entity_tags(std::string_view text) {
    EntityTags out;
    if (trimmed(text) == "*") {
        out.any = true;
        return out;
    }
    for (auto part : split_list(text, ',')) {
        EntityTag tag;
        if (part.substr(0, 2) == "W/") {
            tag.weak = true;
            part.remove_prefix(2);
        }
        // An opaque-tag knows no escapes (unlike quoted-string), so a quote inside is a fault.
        if (part.size() < 2 || part.front() != '"' || part.back() != '"' || std::count(part.begin(), part.end(), '"') != 2) {
            return base::fail(base::Kind::invalid, "an entity tag must read W/\"version\"");
        }
        tag.tag = part.substr(1, part.size() - 2);
        out.tags.push_back(std::move(tag));
    }
    if (out.tags.empty()) return base::fail(base::Kind::invalid, "an empty list of entity tags");
    return out;
}

std::string write_etag(std::string_view version) {
    return "W/\"" + std::string(version) + "\"";
}

}  // namespace http
