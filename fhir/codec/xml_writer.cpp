// Writes a resource as XML along R4's element tables, whose order is the order of XML.
#include "fhir/codec/resource.hpp"
#include "fhir/codec/xml.hpp"
#include "fhir/codec/xml_parser.hpp"
#include "fhir/codec/xml_text.hpp"
#include "fhir/definitions/definitions.hpp"
#include "fhir/definitions/elements.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>
#include <optional>

namespace codec {
namespace {

using base::Kind;
using base::Status;

// Adds what stands around a fault to its place, from the inside out.
Status below(std::string_view name, std::optional<std::size_t> index, Status status) {
    if (status) return status;
    auto error = std::move(status.error());
    auto place = std::string(base::utf8_prefix(name, 128)) + (index ? "[" + std::to_string(*index) + "]" : "");
    if (error.expression.empty()) error.expression.emplace_back();
    auto& inner = error.expression.front();
    inner = inner.empty() ? std::move(place) : place + "." + inner;
    return tl::unexpected(std::move(error));
}

Status wrong(std::string what) {
    return base::fail(Kind::invalid, std::move(what), {}, "structure");
}

// Is a div well-formed, XHTML alone, and nothing but one div? What it says is left as it is.
class DivCheck final : public XmlEvents {
  public:
    Status start(const XmlTag& tag) override {
        if (depth_++ == 0) {
            if (tag.name != "div") return wrong("a narrative is a div");
            bare_ = tag.space.empty();
        }
        // A div without any namespace is given XHTML's, and so is what it holds.
        if (bare_ && tag.space.empty()) {
            auto same = tag;
            same.space = kXhtmlNamespace;
            return narrative_.start(same);
        }
        return narrative_.start(tag);
    }
    Status text(std::string_view) override { return {}; }
    Status end(std::string_view, std::size_t source_end) override {
        --depth_;
        source_end_ = source_end;
        return {};
    }
    std::string place() const override { return {}; }
    bool bare() const { return bare_; }
    std::size_t source_end() const { return source_end_; }

  private:
    Narrative narrative_;
    std::size_t depth_ = 0, source_end_ = 0;
    bool bare_ = false;
};

class Writer {
  public:
    explicit Writer(XmlStyle style) : pretty_(style == XmlStyle::pretty) { out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"; }

    Status resource(const json::Value& value, bool root) {
        const auto* object = value.if_object();
        const auto type = resource_type(value);
        if (object == nullptr || !definitions::is_resource_type(type)) return wrong("a resource with a resourceType of R4 must stand here");
        line();
        out_.append("<").append(type);
        if (root) out_.append(" xmlns=\"").append(kFhirNamespace).append("\"");
        return content(*object, *definitions::group(type), true, type);
    }

    std::string take() {
        if (pretty_) out_ += '\n';
        return std::move(out_);
    }

  private:
    // The halves of one element of the object: `name` and `_name`.
    struct Slot {
        std::size_t at;  // in the group's elements
        std::string_view name;
        const definitions::ElementType* type;
        const json::Value* value;
        const json::Value* sibling;
    };

    // The object's members in R4's order. Error: a member that R4 does not have, or two types of one choice.
    base::Result<std::vector<Slot>> slots(const json::Object& object, const definitions::Group& group, bool is_resource) {
        std::vector<Slot> out;
        for (const auto& [name, value] : object) {
            if (is_resource && name == "resourceType") continue;
            const bool sibling = name.size() > 1 && name.front() == '_';
            const auto plain = std::string_view(name).substr(sibling ? 1 : 0);
            const auto member = definitions::member(group, plain);
            const bool fits = member && (!sibling || member.type->group() == nullptr) && (sibling || !value.is_null());
            if (!fits)
                return tl::unexpected(
                    below(name, {}, wrong(member ? "this has no form in XML" : "R4 has no element of this name")).error());
            const auto at = static_cast<std::size_t>(member.element - group.elements.data());
            const auto known = std::find_if(out.begin(), out.end(), [&](const Slot& slot) { return slot.at == at; });
            if (known == out.end()) {
                out.push_back({at, plain, member.type, sibling ? nullptr : &value, sibling ? &value : nullptr});
            } else if (known->name != plain) {
                return tl::unexpected(below(name, {}, wrong("only one type of a choice may stand")).error());
            } else {
                (sibling ? known->sibling : known->value) = &value;
            }
        }
        std::sort(out.begin(), out.end(), [](const Slot& a, const Slot& b) { return a.at < b.at; });
        return out;
    }

    // After "<name" was written: attributes, children and the end tag.
    Status content(const json::Object& object, const definitions::Group& group, bool is_resource, std::string_view tag) {
        auto all = slots(object, group, is_resource);
        if (!all) return base::pass(all);
        // An extension's url comes behind its extensions in R4's order, but it is an attribute.
        const auto children = std::stable_partition(all->begin(), all->end(),
                                                    [&](const Slot& slot) { return !is_resource && is_attribute(group, slot.name); });
        for (auto slot = all->begin(); slot != children; ++slot) {
            const bool plain = slot->sibling == nullptr && slot->value != nullptr;
            auto done = plain ? attribute(slot->name, "string", *slot->value) : wrong("an attribute has no id and no extensions");
            if (!done) return below(slot->name, {}, std::move(done));
        }
        const bool open = children == all->end();
        if (!open) {
            out_ += '>';
            ++depth_;
        }
        for (auto slot = children; slot != all->end(); ++slot) {
            if (auto done = element(*slot, group.elements[slot->at]); !done) return done;
        }
        if (open) {
            out_ += "/>";
            return {};
        }
        --depth_;
        line();
        out_.append("</").append(tag).append(">");
        return {};
    }

    Status attribute(std::string_view name, std::string_view type, const json::Value& value) {
        const auto text = primitive_to_text(type, value);
        if (!text) return base::pass(text);
        out_.append(" ").append(name).append("=\"");
        append_attribute(*text, out_);
        out_ += '"';
        return {};
    }

    Status element(const Slot& slot, const definitions::Element& element) {
        if (!element.many) return below(slot.name, {}, one(slot, slot.value, slot.sibling));
        const auto* values = slot.value == nullptr ? nullptr : slot.value->if_array();
        const auto* siblings = slot.sibling == nullptr ? nullptr : slot.sibling->if_array();
        if ((slot.value != nullptr && values == nullptr) || (slot.sibling != nullptr && siblings == nullptr)) {
            return below(slot.name, {}, wrong("an element that may repeat is an array in JSON"));
        }
        const auto length = std::max(values == nullptr ? 0 : values->size(), siblings == nullptr ? 0 : siblings->size());
        const auto item = [](const json::Array* list, std::size_t i) {
            return list == nullptr || i >= list->size() || (*list)[i].is_null() ? nullptr : &(*list)[i];
        };
        for (std::size_t i = 0; i < length; ++i) {
            if (auto done = below(slot.name, i, one(slot, item(values, i), item(siblings, i))); !done) return done;
        }
        return {};
    }

    Status one(const Slot& slot, const json::Value* value, const json::Value* sibling) {
        if (value == nullptr && sibling == nullptr) return wrong("an element must have a value or children");
        if (slot.type->code == "xhtml") return sibling == nullptr ? div(*value) : wrong("a narrative's div has no id and no extensions");
        line();
        out_.append("<").append(slot.name);
        if (slot.type->code == "Resource") {
            out_ += '>';
            ++depth_;
            if (auto done = resource(*value, false); !done) return done;
            --depth_;
            line();
            out_.append("</").append(slot.name).append(">");
            return {};
        }
        if (const auto* group = slot.type->group(); group != nullptr) {
            const auto* object = value->if_object();
            if (object == nullptr || object->empty())
                return wrong("a " + std::string(slot.type->code) + " is an object with members in JSON");
            return content(*object, *group, false, slot.name);
        }
        return primitive(slot, value, sibling);
    }

    Status primitive(const Slot& slot, const json::Value* value, const json::Value* sibling) {
        static const definitions::Group* const kElement = definitions::group("Element");
        static const json::Object kNothing;
        const auto* object = sibling == nullptr ? &kNothing : sibling->if_object();
        if (object == nullptr) return wrong("beside a primitive stands an object with id or extension");
        if (value == nullptr && object->empty()) return wrong("an element must have a value or children");
        if (value != nullptr) {
            if (auto done = attribute("value", slot.type->code, *value); !done) return done;
        }
        return content(*object, *kElement, false, slot.name);
    }

    Status div(const json::Value& value) {
        const auto* stored = value.if_string();
        if (stored == nullptr) return wrong("a narrative's div is a string in JSON");
        const bool refers = stored->find('&') != std::string::npos;
        const auto plain = refers ? without_html_entities(*stored) : std::string();
        const auto* text = refers ? &plain : stored;
        DivCheck check;
        if (!parser_) parser_.emplace();
        if (auto fine = parser_->parse(*text, check); !fine) {
            auto error = fine.error();
            error.expression.clear();
            error.diagnostics = "the narrative is no XHTML that XML can hold: " + error.diagnostics;
            return tl::unexpected(std::move(error));
        }
        // What stands before and after the div (a declaration, comments) cannot stand inside a document.
        const auto begin = text->find("<div"), end = check.source_end();
        const bool alone = text->find_first_not_of(" \t\r\n") == begin && text->find_first_not_of(" \t\r\n", end) == std::string::npos;
        if (!alone) return wrong("a narrative is one unprefixed div and nothing else");
        line();
        if (check.bare())
            out_.append("<div xmlns=\"").append(kXhtmlNamespace).append("\"").append(*text, begin + 4, end - begin - 4);
        else
            out_.append(*text, begin, end - begin);
        return {};
    }

    void line() {
        if (!pretty_) return;
        out_ += '\n';
        out_.append(2 * depth_, ' ');
    }

    bool pretty_;
    std::size_t depth_ = 0;
    std::string out_;
    std::optional<XmlParser> parser_;  // for narratives
};

}  // namespace

base::Result<std::string> to_xml(const json::Value& resource, XmlStyle style) {
    Writer writer(style);
    const auto type = resource_type(resource);
    if (auto done = below(type.empty() ? "Resource" : type, {}, writer.resource(resource, true)); !done) return base::pass(done);
    return writer.take();
}

}  // namespace codec
