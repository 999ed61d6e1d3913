// FHIR XML in and out (R4 xml.html). Inside kedge a resource is JSON; XML is read once at the door and written once on the way out.
#pragma once

#include "storage/base/json.hpp"

#include <string>
#include <string_view>

namespace codec {

constexpr std::size_t kMaxXmlAttributes = 32;  // of one element; FHIR needs two, narrative a few
constexpr std::string_view kFhirXmlNamespace = "http://hl7.org/fhir";

// The resource as JSON, as its JSON twin would hold it: resourceType first, members in R4's order, `name` before `_name`, repeated
// primitives in two arrays aligned with nulls (left out when it would hold nulls alone), decimals as written, the narrative's div as it
// was written (or, where it leans on prefixes or namespaces of an element around it, written anew in XHTML's own namespace). Comments and
// processing instructions are dropped, and so is xsi:schemaLocation of the root; no schema is ever fetched.
// Thread-safe. Every error has the FHIR place in `expression` and begins with line and column:
// Kind::invalid for what is no well-formed UTF-8 XML 1.0, for any DOCTYPE or undeclared entity, a foreign namespace, an element or
// attribute that R4 does not have there, one out of R4's order or too often, text between elements, an empty element or attribute, and a
// value that JSON cannot hold in the element's type. Kind::too_large names the limit: `limits` (bytes, depth of elements, elements and
// attributes together) or kMaxXmlAttributes. Cardinalities and code lists are for validation.
base::Result<json::Value> from_xml(std::string_view text, const json::Limits& limits = {});

// For a file whose form nobody has named: JSON, or XML when it begins with '<'. A byte order mark in front, which editors leave in files,
// is passed over (RFC 8259 section 8.1 lets a reader do so). Errors: from_xml's and json::parse's.
base::Result<json::Value> from_either(std::string_view text, const json::Limits& limits = {});

enum class XmlStyle { compact, pretty };  // pretty: two spaces of indent, never inside the narrative

// The resource as an XML document. A div that lacks its namespace is given it; otherwise it stands as it is.
// Errors, each Kind::invalid with the place in `expression`: a member that R4 does not have there, or a value of another kind than its
// type (neither has a form in XML), a character that XML 1.0 cannot hold, a div that is no well-formed XHTML.
base::Result<std::string> to_xml(const json::Value& resource, XmlStyle style = XmlStyle::compact);

}  // namespace codec
