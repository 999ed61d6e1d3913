#include "fhir/patch/xml_order.hpp"

#include "fhir/definitions/elements.hpp"

#include <algorithm>

namespace patch {
namespace {

using codec::XmlNode;
using definitions::Group;

void order_children(XmlNode& node, const Group* group) {
    if (group == nullptr) return;
    const auto rank = [&](const std::unique_ptr<XmlNode>& child) {
        const auto member = definitions::member(*group, child->name);
        return member ? static_cast<std::size_t>(member.element - group->elements.data()) : SIZE_MAX;
    };
    std::stable_sort(node.children.begin(), node.children.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    for (const auto& child : node.children) {
        const auto member = definitions::member(*group, child->name);
        if (!member || member.type->code == "xhtml") continue;
        if (member.type->code != "Resource") {
            order_children(*child, member.type->group());
            continue;
        }
        for (const auto& resource : child->children) order_children(*resource, definitions::group(resource->name));
    }
}

}  // namespace

void put_in_order(XmlNode& resource) {
    order_children(resource, definitions::group(resource.name));
}

}  // namespace patch
