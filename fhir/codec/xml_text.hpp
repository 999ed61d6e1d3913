// Characters and values between XML and JSON. Inside codec only.
#pragma once

#include "fhir/codec/xml.hpp"
#include "fhir/definitions/elements.hpp"
#include "storage/base/json.hpp"

#include <string>
#include <string_view>

namespace codec {

constexpr std::string_view kFhirNamespace = kFhirXmlNamespace;
constexpr std::string_view kXhtmlNamespace = "http://www.w3.org/1999/xhtml";

// R4 xml.html: id of a data type and the url of an extension are attributes; a resource's id is an element, as all else.
inline bool is_attribute(const definitions::Group& group, std::string_view name) {
    return name == "id" || (name == "url" && group.name == "Extension");
}

// Appends. `utf16` is sound: Xerces has checked it.
void append_utf8(std::u16string_view utf16, std::string& out);

// Appends UTF-8 text as the value of an attribute between double quotes, or as text of an element. Tab, line feed and carriage return
// become references in an attribute, for a reader turns the characters themselves into spaces.
void append_attribute(std::string_view text, std::string& out);
void append_text(std::string_view text, std::string& out);

// A div with the characters themselves in place of HTML's names for them (&nbsp;), of which XML without a DTD knows five. Those five and
// numbers stay, and so does what nobody knows.
std::string without_html_entities(std::string_view xhtml);

// XML 1.0 production 2 (Char): the first character that XML cannot hold ("U+0001"), empty when all can be held.
std::string forbidden_character(std::string_view utf8);

// A primitive by its R4 type: boolean as a literal, integers and decimals as numbers, all others as strings. Error: Kind::invalid when
// JSON has no such literal.
base::Result<json::Value> primitive_from_text(std::string_view type, std::string text);
// The other way. Error: Kind::invalid when the value is of another kind than the type has, or empty.
base::Result<std::string_view> primitive_to_text(std::string_view type, const json::Value& value);

}  // namespace codec
