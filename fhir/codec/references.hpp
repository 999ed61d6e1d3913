// References between resources (R4 references.html): what a reference text says, and every reference of a resource.
#pragma once

#include "storage/base/json.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace codec {

struct Reference {
    enum class Form : std::uint8_t {
        local,        // Type/id[/_history/v] on this server, written relative or absolute
        contained,    // #id, or # alone for the resource around it
        urn,          // urn:uuid: or urn:oid:
        conditional,  // Type?query (transactions only)
        external,     // any other absolute URL; type, id and version are filled when it ends like a RESTful one
        other,        // none of these: a server cannot follow it
    };
    Form form = Form::other;
    // Views into the parsed text.
    std::string_view type, id, version;
    std::string_view query;  // of conditional: what stands after '?'

    std::string relative() const { return std::string(type) + "/" + std::string(id); }  // of local: without version
    bool is_local(std::string_view of_type) const { return form == Form::local && type == of_type; }
};

// `base_url` without a trailing slash ("http://127.0.0.1:8080/fhir"); http and https are the same base (R4 http.html#root, Identity).
Reference parse_reference(std::string_view text, std::string_view base_url);

// Every Reference.reference of the resource, in document order, also in extensions, contained and nested resources. Types decide, not
// names alone: DetectedIssue.reference is a uri and is left out. Members that R4 does not know are searched by shape.
void visit_references(const json::Value& resource, const std::function<void(const std::string&)>& visit);
void visit_references(json::Value& resource, const std::function<void(std::string&)>& visit);

}  // namespace codec
