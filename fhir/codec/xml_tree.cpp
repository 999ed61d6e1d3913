#include "fhir/codec/xml_tree.hpp"

#include "fhir/codec/xml.hpp"
#include "fhir/codec/xml_text.hpp"
#include "fhir/definitions/definitions.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>

namespace codec {
namespace {

using base::Kind;

constexpr std::string_view kSchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";

std::string shown(std::string_view name) {
    return std::string(base::utf8_prefix(name, 64));
}

bool is_white(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; });
}

// The members `name` and `_name` as two arrays of one length: nulls fill what one of them lacks.
void pad(json::Object& members, const std::string& name, std::size_t length) {
    auto* list = members.find(name);
    if (list == nullptr) list = &members.set(name, json::Array{});
    list->if_array()->resize(length);
}

std::size_t repetitions(const json::Object& members, const std::string& name) {
    const auto length = [&](std::string_view key) {
        const auto* list = members.find(key);
        return list == nullptr || list->if_array() == nullptr ? 0 : list->if_array()->size();
    };
    return std::max(length(name), length("_" + name));
}

// A half that holds nulls alone says nothing.
void drop_empty_halves(json::Object& members) {
    std::erase_if(members.members(), [](const json::Member& member) {
        const auto* list = member.second.if_array();
        return list != nullptr && std::all_of(list->begin(), list->end(), [](const json::Value& item) { return item.is_null(); });
    });
}

}  // namespace

std::string XmlTree::place() const {
    std::string out;
    for (const auto& frame : frames_) {
        if (frame.kind == Frame::Kind::resource && !out.empty()) continue;  // Bundle.entry[0].resource, not ...resource.Patient
        if (!out.empty()) out += '.';
        out += frame.name;
        if (frame.element != nullptr && frame.element->many) out += "[" + std::to_string(frame.index) + "]";
    }
    return out;
}

base::Error XmlTree::fault(std::string what, std::string issue) const {
    base::Error error{Kind::invalid, std::move(what), {}, std::move(issue)};
    if (auto where = place(); !where.empty()) error.expression.push_back(std::move(where));
    return error;
}

base::Status XmlTree::count(std::size_t values) {
    values_ += values;
    if (values_ <= limits_.values) return {};
    return base::fail(Kind::too_large, "more than " + std::to_string(limits_.values) + " elements and attributes in one document", {},
                      "too-costly");
}

base::Status XmlTree::start(const XmlTag& tag) {
    if (++depth_ > limits_.depth)
        return base::fail(Kind::too_large, "elements are nested deeper than " + std::to_string(limits_.depth), {place()}, "too-costly");
    if (tag.attributes.size() > kMaxXmlAttributes) {
        return base::fail(Kind::too_large, "an element has more than " + std::to_string(kMaxXmlAttributes) + " attributes", {place()},
                          "too-costly");
    }
    if (auto fine = count(1 + tag.attributes.size()); !fine) return fine;
    if (narrative_) {
        auto fine = narrative_->start(tag);
        if (!fine) return tl::unexpected(fault(fine.error().diagnostics));
        return {};
    }
    if (frames_.empty() || frames_.back().kind == Frame::Kind::holder) return open_resource(tag);
    return open_element(frames_.back(), tag);
}

base::Status XmlTree::open_resource(const XmlTag& tag) {
    if (tag.space != kFhirNamespace) {
        return tl::unexpected(fault("<" + shown(tag.qualified) + "> is not in the namespace " + std::string(kFhirNamespace)));
    }
    if (!definitions::is_resource_type(tag.name)) return tl::unexpected(fault("R4 has no resource type '" + shown(tag.name) + "'"));
    const bool root = frames_.empty();
    if (!root && !frames_.back().value.is_null()) return tl::unexpected(fault("only one resource may stand here"));
    Frame frame;
    frame.kind = Frame::Kind::resource;
    frame.group = definitions::group(tag.name);
    frame.name = tag.name;
    frame.members.set("resourceType", tag.name);
    frames_.push_back(std::move(frame));
    for (const auto& attribute : tag.attributes) {
        if (root && attribute.space == kSchemaInstance) continue;  // a hint for validators; never followed
        return tl::unexpected(fault("a resource has no attribute '" + shown(attribute.qualified) + "' in R4"));
    }
    return {};
}

base::Status XmlTree::open_element(Frame& parent, const XmlTag& tag) {
    const auto member = definitions::member(*parent.group, tag.name);
    const bool narrative = member && member.type->code == "xhtml";
    if (tag.space != (narrative ? kXhtmlNamespace : kFhirNamespace)) {
        return tl::unexpected(
            fault("<" + shown(tag.qualified) + "> is not in the namespace " + std::string(narrative ? kXhtmlNamespace : kFhirNamespace)));
    }
    if (!member) return tl::unexpected(fault("R4 has no element '" + shown(tag.name) + "' here"));
    if (parent.kind != Frame::Kind::resource && is_attribute(*parent.group, tag.name)) {
        return tl::unexpected(fault("'" + tag.name + "' is an attribute here, not an element"));
    }
    const auto at = static_cast<std::size_t>(member.element - parent.group->elements.data());
    if (at < parent.next) {
        const bool again = at + 1 == parent.next && !member.element->many;
        return tl::unexpected(fault(again ? "the element '" + tag.name + "' may not stand here once more"
                                          : "the element '" + tag.name + "' comes too late: R4 puts it before '" +
                                                std::string(parent.group->elements[parent.next - 1].name) + "'"));
    }
    parent.next = member.element->many ? at : at + 1;
    Frame frame;
    frame.element = member.element;
    frame.type = member.type;
    frame.name = tag.name;
    if (member.element->many) frame.index = repetitions(parent.members, tag.name);
    frame.group = member.type->group();
    frame.kind = member.type->code == "Resource" ? Frame::Kind::holder
                 : frame.group != nullptr        ? Frame::Kind::complex
                                                 : Frame::Kind::primitive;
    if (frame.kind == Frame::Kind::primitive) {
        static const definitions::Group* const kElement = definitions::group("Element");
        frame.group = kElement;
    }
    frames_.push_back(std::move(frame));  // `parent` ends here
    if (!narrative) return attributes(frames_.back(), tag);
    narrative_.emplace();
    auto fine = narrative_->start(tag);
    if (!fine) return tl::unexpected(fault(fine.error().diagnostics));
    return {};
}

base::Status XmlTree::attributes(Frame& frame, const XmlTag& tag) {
    for (const auto& attribute : tag.attributes) {
        const bool own = attribute.space.empty();
        const bool value = own && attribute.name == "value" && frame.kind == Frame::Kind::primitive;
        const bool member = own && frame.kind != Frame::Kind::holder && is_attribute(*frame.group, attribute.name);
        if (!value && !member) return tl::unexpected(fault("R4 has no attribute '" + shown(attribute.qualified) + "' here"));
        auto made = primitive_from_text(value ? frame.type->code : "string", attribute.value);
        if (!made) return tl::unexpected(fault(made.error().diagnostics + " (attribute '" + attribute.name + "')", "value"));
        if (value)
            frame.value = std::move(*made);
        else
            frame.members.set(attribute.name, std::move(*made));
    }
    return {};
}

base::Status XmlTree::text(std::string_view text) {
    if (narrative_) {
        narrative_->text(text);
        return {};
    }
    if (is_white(text)) return {};
    return tl::unexpected(fault("text stands between the elements; FHIR puts it into value attributes"));
}

base::Status XmlTree::end(std::string_view local_name, std::size_t source_end) {
    --depth_;
    if (narrative_) {
        if (!narrative_->end(local_name)) return {};
        frames_.back().value = json::Value(narrative_->take(source_, source_end));
        narrative_.reset();
    }
    if (frames_.back().kind != Frame::Kind::resource) {
        const auto& frame = frames_.back();
        if (frame.members.empty() && frame.value.is_null()) {
            return tl::unexpected(
                fault(frame.kind == Frame::Kind::holder ? "a resource must stand here" : "an element must have a value or children"));
        }
    }
    auto frame = std::move(frames_.back());
    frames_.pop_back();
    return close(std::move(frame));
}

base::Status XmlTree::close(Frame frame) {
    drop_empty_halves(frame.members);
    if (frame.kind == Frame::Kind::resource) {
        (frames_.empty() ? root_ : frames_.back().value) = json::Value(std::move(frame.members));
        return {};
    }
    auto& parent = frames_.back().members;
    if (frame.kind == Frame::Kind::primitive) return close_primitive(std::move(frame), parent);
    auto value = frame.kind == Frame::Kind::holder ? std::move(frame.value) : json::Value(std::move(frame.members));
    if (!frame.element->many) {
        parent.set(std::move(frame.name), std::move(value));
        return {};
    }
    auto* list = parent.find(frame.name);
    if (list == nullptr) list = &parent.set(std::move(frame.name), json::Array{});
    list->if_array()->push_back(std::move(value));
    return {};
}

base::Status XmlTree::close_primitive(Frame frame, json::Object& parent) {
    const auto sibling = "_" + frame.name;
    if (!frame.element->many) {
        if (!frame.value.is_null()) parent.set(frame.name, std::move(frame.value));
        if (!frame.members.empty()) parent.set(sibling, std::move(frame.members));
        return {};
    }
    const auto length = frame.index + 1;
    pad(parent, frame.name, length);
    parent.find(frame.name)->if_array()->back() = std::move(frame.value);
    if (!frame.members.empty() || parent.find(sibling) != nullptr) {
        pad(parent, sibling, length);
        if (!frame.members.empty()) parent.find(sibling)->if_array()->back() = std::move(frame.members);
    }
    return {};
}

base::Result<json::Value> from_xml(std::string_view text, const json::Limits& limits) {
    if (text.size() > limits.bytes) {
        return base::fail(Kind::too_large,
                          "the document has " + std::to_string(text.size()) + " bytes; the limit is " + std::to_string(limits.bytes), {},
                          "too-long");
    }
    // Xerces leaves a byte order mark out when it counts where it stands, and there the narrative is cut out of the text.
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    if (text.starts_with("\xef\xbb\xbf")) return base::fail(base::Kind::invalid, "the document begins with more than one byte order mark", {}, "structure");
    XmlTree tree(text, limits);
    XmlParser parser;
    if (auto parsed = parser.parse(text, tree); !parsed) return base::pass(parsed);
    return tree.take();
}

base::Result<json::Value> from_either(std::string_view text, const json::Limits& limits) {
    auto rest = text;
    if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
    const auto first = rest.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && rest[first] == '<' ? from_xml(text, limits) : json::parse(rest, limits);
}

}  // namespace codec
