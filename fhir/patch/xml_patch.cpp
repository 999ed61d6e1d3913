#include "fhir/patch/xml_patch.hpp"

#include "fhir/codec/xml.hpp"
#include "fhir/patch/xml_order.hpp"

#include <algorithm>

namespace patch {
namespace {

using base::Kind;
using base::Status;
using codec::XmlNode;

constexpr std::string_view kXmlNamespace = "http://www.w3.org/XML/1998/namespace";

bool white(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

const std::string* attribute_of(const XmlNode& node, std::string_view name) {
    for (const auto& attribute : node.attributes) {
        if (attribute.space.empty() && attribute.name == name) return &attribute.value;
    }
    return nullptr;
}

// What the prefix stands for in this element of the patch.
std::optional<std::string> space_of(const XmlNode* node, std::string_view prefix) {
    if (prefix == "xml") return std::string(kXmlNamespace);
    for (; node != nullptr; node = node->parent) {
        for (const auto& [declared, space] : node->declarations) {
            if (declared == prefix) return space;
        }
    }
    return std::nullopt;
}

Measure measure(const XmlNode& node) {
    Measure out{node.name.size() * 2 + node.text.size() + 5, 1 + node.attributes.size(), node.is_text() ? 0u : 1u};
    for (const auto& attribute : node.attributes) out.bytes += attribute.name.size() + attribute.value.size() + 4;
    std::size_t below = 0;
    for (const auto& child : node.children) {
        const auto inner = measure(*child);
        out.bytes += inner.bytes;
        out.values += inner.values;
        below = std::max(below, inner.depth);
    }
    out.depth += below;
    return out;
}

std::size_t depth_of(const XmlNode* node) {
    std::size_t out = 0;
    for (; node != nullptr; node = node->parent) ++out;
    return out;
}

std::size_t index_of(const XmlNode& node) {
    const auto& siblings = node.parent->children;
    const auto at = std::find_if(siblings.begin(), siblings.end(), [&](const auto& one) { return one.get() == &node; });
    return static_cast<std::size_t>(at - siblings.begin());
}

// "line 1, column 7: what" without the line, which is none that the client has seen.
std::string without_line(const std::string& text) {
    if (!text.starts_with("line ")) return text;
    const auto at = text.find(": ");
    return at == std::string::npos ? text : text.substr(at + 2);
}

base::Error of_result(const base::Error& error, std::string_view what) {
    const auto kind = error.kind == Kind::invalid ? Kind::unprocessable : error.kind;
    return {kind, std::string(what) + without_line(error.diagnostics), error.expression, error.issue};
}

}  // namespace

bool XmlPatch::is_diff(std::string_view text) {
    const auto root = codec::read_xml(text);
    return root && ((*root)->name == "diff" || (*root)->name == "patch");
}

Status XmlPatch::parse_add(const XmlNode& element, Step& step) {
    constexpr std::array<std::string_view, 3> kPositions{"prepend", "before", "after"};
    if (const auto* position = attribute_of(element, "pos")) {
        const auto known = std::find(kPositions.begin(), kPositions.end(), *position);
        if (known == kPositions.end()) return step.label.malformed("'pos' is none of prepend, before, after", "value");
        step.position = static_cast<Position>(known - kPositions.begin() + 1);
    }
    const auto* type = attribute_of(element, "type");
    if (type == nullptr) return {};
    if (type->starts_with("namespace::")) {
        return tl::unexpected(step.label.error(Kind::not_supported, "namespace nodes are not patched: FHIR's namespaces are fixed"));
    }
    if (!type->starts_with('@') || type->size() < 2) return step.label.malformed("'type' is @ and the name of an attribute", "value");
    if (step.position != Position::append) return step.label.malformed("an attribute has no 'pos'", "value");
    auto name = std::string_view(*type).substr(1);
    if (const auto colon = name.find(':'); colon != std::string_view::npos) {
        const auto space = space_of(&element, name.substr(0, colon));
        if (!space) return step.label.malformed("the prefix in 'type' is not declared", "value");
        step.attribute_space = *space;
        name.remove_prefix(colon + 1);
    }
    step.attribute_name = name;
    return {};
}

base::Result<XmlPatch::Step> XmlPatch::parse_step(XmlNode& element, std::size_t number, const Limits& limits) {
    constexpr std::array<std::string_view, 3> kNames{"add", "replace", "remove"};
    Step out;
    out.label.number = number;
    const auto known = std::find(kNames.begin(), kNames.end(), element.name);
    if (known == kNames.end()) return out.label.malformed("the element is none of add, replace, remove", "value");
    out.op = static_cast<Op>(known - kNames.begin());
    out.label.name = element.name;
    const auto* path = attribute_of(element, "sel");
    if (path == nullptr) return out.label.malformed("the attribute 'sel' is missing", "required");
    if (path->size() > limits.path_bytes) {
        return tl::unexpected(out.label.error(
            Kind::too_large, "'sel' is longer than the limit of " + std::to_string(limits.path_bytes) + " bytes", "too-long"));
    }
    out.label.path = *path;
    auto selector = XmlSelector::parse(*path, [&](std::string_view prefix) { return space_of(&element, prefix); });
    if (!selector) return out.label.at(selector.error());
    out.selector = std::move(*selector);
    if (out.op == Op::add) {
        if (auto done = parse_add(element, out); !done) return base::pass(done);
    }
    if (const auto* ws = attribute_of(element, "ws"); ws != nullptr && *ws != "before" && *ws != "after" && *ws != "both") {
        return out.label.malformed("'ws' is none of before, after, both", "value");
    }
    out.text = element.string_value();
    out.nodes = std::move(element.children);
    for (auto& node : out.nodes) node->parent = nullptr;
    if (out.op == Op::remove && !out.nodes.empty() && !(out.nodes.size() == 1 && white(out.text))) {
        return out.label.malformed("<remove> is empty");
    }
    return out;
}

base::Result<XmlPatch> XmlPatch::parse(std::string_view text, const Limits& limits) {
    const auto root = codec::read_xml(text, limits.document);
    if (!root) return base::pass(root);
    if ((*root)->name != "diff" && (*root)->name != "patch") {
        return base::fail(Kind::invalid, "an XML Patch is a <diff> with add, replace and remove in it", {}, "structure");
    }
    XmlPatch out;
    for (auto& child : (*root)->children) {
        if (child->is_text() && white(child->text)) continue;
        if (child->is_text()) return base::fail(Kind::invalid, "text stands between the operations", {}, "structure");
        auto step = parse_step(*child, out.steps_.size() + 1, limits);
        if (!step) return base::pass(step);
        out.steps_.push_back(std::move(*step));
    }
    if (auto few = check_count(out.steps_.size(), limits); !few) return base::pass(few);
    return out;
}

// One application: the resource's XML while it changes.
class XmlPatch::Run {
  public:
    Run(std::unique_ptr<XmlNode> root, const Limits& limits) : root_(std::move(root)), budget_(limits) {}

    Status step(const Step& step) {
        if (auto time = budget_.next(step.label); !time) return time;
        const auto found = step.selector.select(*root_);
        if (found.empty())
            return step.label.refused("nothing is selected (names without a prefix are in the patch's default namespace)", "not-found");
        if (found.size() > 1) {
            return step.label.refused("the selector names " + std::to_string(found.size()) + " nodes; it must name one",
                                      "multiple-matches");
        }
        switch (step.op) {
            case Op::add:
                return step.attribute_name.empty() ? add(step, found.front()) : add_attribute(step, found.front());
            case Op::replace:
                return replace(step, found.front());
            case Op::remove:
                return remove(step, found.front());
        }
        return {};
    }

    std::unique_ptr<XmlNode> take() { return std::move(root_); }

  private:
    Status add(const Step& step, const XmlTarget& target) {
        auto& node = *target.node;
        if (target.attribute) return step.label.refused("nothing can be added to an attribute; replace it", "value");
        const bool beside = step.position == Position::before || step.position == Position::after;
        if (beside && node.parent == nullptr) return step.label.refused("beside a resource nothing can stand", "value");
        if (!beside && node.is_text()) return step.label.refused("a text has no children; use pos before or after", "value");
        auto& parent = beside ? *node.parent : node;
        auto at = parent.children.size();
        if (step.position == Position::prepend) at = 0;
        if (beside) at = index_of(node) + (step.position == Position::after ? 1 : 0);
        for (const auto& one : step.nodes) {
            // White space counts in XHTML alone.
            if (one->is_text() && white(one->text) && parent.space == codec::kFhirXmlNamespace) continue;
            if (auto paid = budget_.add(step.label, measure(*one), depth_of(&parent)); !paid) return paid;
            auto copy = copy_of(*one);
            copy->parent = &parent;
            parent.children.insert(parent.children.begin() + static_cast<std::ptrdiff_t>(at++), std::move(copy));
        }
        mark_changed(&parent);
        return {};
    }

    Status add_attribute(const Step& step, const XmlTarget& target) {
        auto& node = *target.node;
        if (target.attribute || node.is_text()) return step.label.refused("an attribute is added to an element", "value");
        for (const auto& attribute : node.attributes) {
            if (attribute.space == step.attribute_space && attribute.name == step.attribute_name)
                return step.label.refused("the attribute is there already; replace it", "duplicate");
        }
        if (auto paid = pay_text(step, node); !paid) return paid;
        node.attributes.push_back({step.attribute_space, step.attribute_name, step.text});
        mark_changed(&node);
        return {};
    }

    Status replace(const Step& step, const XmlTarget& target) {
        auto& node = *target.node;
        if (auto paid = pay_text(step, node); !paid) return paid;
        if (target.attribute || node.is_text()) {
            const bool text_alone = std::all_of(step.nodes.begin(), step.nodes.end(), [](const auto& one) { return one->is_text(); });
            if (!text_alone) return step.label.refused("an attribute or a text is replaced by text", "value");
            (target.attribute ? node.attributes[*target.attribute].value : node.text) = step.text;
            mark_changed(&node);
            return {};
        }
        const XmlNode* only = nullptr;
        for (const auto& one : step.nodes) {
            if (one->is_text() && white(one->text)) continue;
            if (one->is_text() || only != nullptr) return one_element(step);
            only = one.get();
        }
        if (only == nullptr) return one_element(step);
        if (auto paid = budget_.add(step.label, measure(*only), depth_of(node.parent)); !paid) return paid;
        auto* parent = node.parent;
        auto copy = copy_of(*only);
        copy->parent = parent;
        if (parent == nullptr) {
            root_ = std::move(copy);
            return {};
        }
        parent->children[index_of(node)] = std::move(copy);
        mark_changed(parent);
        return {};
    }

    static Status one_element(const Step& step) { return step.label.refused("an element is replaced by one element", "value"); }

    Status remove(const Step& step, const XmlTarget& target) {
        auto& node = *target.node;
        if (target.attribute) {
            node.attributes.erase(node.attributes.begin() + static_cast<std::ptrdiff_t>(*target.attribute));
            mark_changed(&node);
            return {};
        }
        if (node.parent == nullptr) return step.label.refused("a patch does not remove the resource itself");
        auto* parent = node.parent;
        parent->children.erase(parent->children.begin() + static_cast<std::ptrdiff_t>(index_of(node)));
        mark_changed(parent);
        return {};
    }

    Status pay_text(const Step& step, const XmlNode& node) {
        return budget_.add(step.label, {step.text.size() + 1, 1, 0}, depth_of(&node));
    }

    std::unique_ptr<XmlNode> root_;
    Budget budget_;
};

namespace {

// An element without value, attributes and children is what a patch left when it took the last of them: FHIR has no empty elements.
void drop_empty_elements(XmlNode& node) {
    for (auto& child : node.children) drop_empty_elements(*child);
    std::erase_if(node.children, [](const auto& child) {
        return !child->is_text() && child->space == codec::kFhirXmlNamespace && child->attributes.empty() &&
               std::all_of(child->children.begin(), child->children.end(),
                           [](const auto& one) { return one->is_text() && white(one->text); });
    });
}

}  // namespace

base::Result<json::Value> XmlPatch::apply(const json::Value& resource, const Limits& limits) const {
    // What the server stores is within its own limits, and XML takes more levels than JSON for a Bundle's resources.
    json::Limits own;
    own.depth = 256;
    const auto before = codec::to_xml(resource);
    if (!before) return tl::unexpected(of_result(before.error(), "the resource cannot be written as XML: "));
    auto root = codec::read_xml(*before, own);
    if (!root) return base::pass(root);
    Run run(std::move(*root), limits);
    for (const auto& step : steps_) {
        if (auto done = run.step(step); !done) return base::pass(done);
    }
    const auto patched = run.take();
    drop_empty_elements(*patched);
    put_in_order(*patched);
    auto out = codec::from_xml(codec::write_xml(*patched), own);
    if (!out) return tl::unexpected(of_result(out.error(), "the patched document is no resource: "));
    return out;
}

}  // namespace patch
