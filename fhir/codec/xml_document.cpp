#include "fhir/codec/xml_document.hpp"

#include "fhir/codec/xml.hpp"
#include "fhir/codec/xml_parser.hpp"
#include "fhir/codec/xml_text.hpp"

namespace codec {
namespace {

using base::Kind;
using base::Status;

constexpr std::string_view kXmlNamespace = "http://www.w3.org/XML/1998/namespace";

class Builder final : public XmlEvents {
  public:
    Builder(std::string_view source, const json::Limits& limits) : source_(source), limits_(limits) {}

    Status start(const XmlTag& tag) override {
        if (++depth_ > limits_.depth) return too_large("elements are nested deeper than ", limits_.depth);
        const auto attributes = tag.attributes.size() + tag.declarations.size();
        if (attributes > kMaxXmlAttributes) return too_large("the attributes of one element are more than ", kMaxXmlAttributes);
        if (auto fine = count(1 + attributes); !fine) return fine;
        auto node = std::make_unique<XmlNode>();
        node->space = tag.space;
        node->name = tag.name;
        node->declarations = tag.declarations;
        for (const auto& attribute : tag.attributes) node->attributes.push_back({attribute.space, attribute.name, attribute.value});
        if (!open_xhtml_ && tag.space == kXhtmlNamespace) {
            open_xhtml_ = depth_;
            source_begin_ = tag.source_begin;
            alone_ = tag.declares_default;
        }
        if (open_xhtml_ && tag.qualified != tag.name) alone_ = false;
        auto* made = node.get();
        if (here_ == nullptr) {
            root_ = std::move(node);
        } else {
            made->parent = here_;
            here_->children.push_back(std::move(node));
        }
        here_ = made;
        return {};
    }

    Status text(std::string_view text) override {
        if (here_ == nullptr || text.empty()) return {};
        if (!here_->children.empty() && here_->children.back()->is_text()) {
            here_->children.back()->text += text;
            return {};
        }
        if (auto fine = count(1); !fine) return fine;
        auto node = std::make_unique<XmlNode>();
        node->text = text;
        node->parent = here_;
        here_->children.push_back(std::move(node));
        return {};
    }

    Status end(std::string_view, std::size_t source_end) override {
        if (open_xhtml_ == depth_) {
            if (alone_) here_->source = source_.substr(source_begin_, source_end - source_begin_);
            open_xhtml_ = 0;
        }
        --depth_;
        here_ = here_->parent;
        return {};
    }

    std::string place() const override { return {}; }
    std::unique_ptr<XmlNode> take() { return std::move(root_); }

  private:
    static Status too_large(const char* what, std::size_t limit) {
        return base::fail(Kind::too_large, what + std::to_string(limit), {}, "too-costly");
    }
    Status count(std::size_t values) {
        values_ += values;
        if (values_ > limits_.values) return too_large("elements, attributes and texts of the document are more than ", limits_.values);
        return {};
    }

    std::string_view source_;
    const json::Limits& limits_;
    std::unique_ptr<XmlNode> root_;
    XmlNode* here_ = nullptr;
    std::size_t depth_ = 0, values_ = 0;
    std::size_t open_xhtml_ = 0;  // the depth of the outermost XHTML element that is open
    std::size_t source_begin_ = 0;
    bool alone_ = false;  // its text needs nothing from around it
};

void append_attributes(const XmlNode& node, std::string& out) {
    std::size_t prefixes = 0;
    for (const auto& attribute : node.attributes) {
        std::string prefix;
        if (attribute.space == kXmlNamespace) {
            prefix = "xml:";
        } else if (!attribute.space.empty()) {
            prefix = "a" + std::to_string(++prefixes);
            out.append(" xmlns:").append(prefix).append("=\"");
            append_attribute(attribute.space, out);
            out += '"';
            prefix += ':';
        }
        out.append(" ").append(prefix).append(attribute.name).append("=\"");
        append_attribute(attribute.value, out);
        out += '"';
    }
}

void append_node(const XmlNode& node, std::string_view default_space, std::string& out) {
    if (node.is_text()) return append_text(node.text, out);
    if (!node.source.empty()) {
        out += node.source;
        return;
    }
    out.append("<").append(node.name);
    if (node.space != default_space) {
        out.append(" xmlns=\"");
        append_attribute(node.space, out);
        out += '"';
    }
    append_attributes(node, out);
    if (node.children.empty()) {
        out += "/>";
        return;
    }
    out += '>';
    for (const auto& child : node.children) append_node(*child, node.space, out);
    out.append("</").append(node.name).append(">");
}

}  // namespace

std::string XmlNode::string_value() const {
    if (is_text()) return text;
    std::string out;
    for (const auto& child : children) out += child->string_value();
    return out;
}

base::Result<std::unique_ptr<XmlNode>> read_xml(std::string_view text, const json::Limits& limits) {
    if (text.size() > limits.bytes) {
        return base::fail(Kind::too_large,
                          "the document has " + std::to_string(text.size()) + " bytes; the limit is " + std::to_string(limits.bytes), {},
                          "too-long");
    }
    Builder builder(text, limits);
    XmlParser parser;
    if (auto parsed = parser.parse(text, builder); !parsed) return base::pass(parsed);
    return builder.take();
}

std::string write_xml(const XmlNode& root) {
    std::string out;
    append_node(root, {}, out);
    return out;
}

std::unique_ptr<XmlNode> copy_of(const XmlNode& node) {
    auto out = std::make_unique<XmlNode>();
    out->space = node.space;
    out->name = node.name;
    out->attributes = node.attributes;
    out->declarations = node.declarations;
    out->text = node.text;
    out->source = node.source;
    for (const auto& child : node.children) {
        out->children.push_back(copy_of(*child));
        out->children.back()->parent = out.get();
    }
    return out;
}

void mark_changed(XmlNode* node) {
    for (; node != nullptr; node = node->parent) node->source.clear();
}

}  // namespace codec
