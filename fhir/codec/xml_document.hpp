// An XML document as a tree of nodes, for what changes XML as XML (XML Patch). Resources are read by xml.hpp.
#pragma once

#include "storage/base/json.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace codec {

// An element, or text when `name` is empty. Comments and processing instructions are not kept.
struct XmlNode {
    struct Attribute {
        std::string space, name, value;
    };
    std::string space, name;  // namespace and local name
    std::vector<Attribute> attributes;
    std::vector<std::pair<std::string, std::string>> declarations;  // prefix and namespace, as they stood in the tag
    std::string text;
    std::vector<std::unique_ptr<XmlNode>> children;
    XmlNode* parent = nullptr;  // nullptr: the document's own element
    std::string source;         // an XHTML element as it was written, with all that is in it; empty once it was changed

    bool is_text() const { return name.empty(); }
    std::string string_value() const;  // XPath 1.0 section 5.2: all text in it
};

// Errors as from_xml's, for well-formedness and limits (here `depth` and `values` count elements, attributes and texts).
base::Result<std::unique_ptr<XmlNode>> read_xml(std::string_view text, const json::Limits& limits = {});

// The document: namespaces are declared where they begin, without prefixes for elements. An element of XHTML that was not changed stands
// as it was written.
std::string write_xml(const XmlNode& root);

std::unique_ptr<XmlNode> copy_of(const XmlNode& node);  // without parent
// After a change in the node: its source, and that of what stands around it, says the truth no more.
void mark_changed(XmlNode* node);

}  // namespace codec
