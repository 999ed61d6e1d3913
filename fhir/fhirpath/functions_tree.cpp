// N1 section 5.8 and what R4 adds to it (R4 fhirpath.html#functions): the tree, extensions, values, references.
#include "fhir/fhirpath/functions.hpp"
#include "fhir/fhirpath/html.hpp"
#include "fhir/fhirpath/nodes.hpp"
#include "fhir/fhirpath/types.hpp"

namespace fhirpath {
namespace {

bool children(Call& call) {
    for (const auto& item : call.input) {
        if (!call.evaluator.step(call.term)) return false;
        if (item.is(ItemKind::node)) append_children(item.node(), call.out);
    }
    return true;
}

// Breadth first, as repeat(children()) has it; but nothing is left out for being equal to another.
bool descendants(Call& call) {
    Items level(call.evaluator.arena()), next(call.evaluator.arena());
    level.append(call.input.span());
    while (!level.empty()) {
        next.clear();
        for (const auto& item : level) {
            if (!call.evaluator.step(call.term)) return false;
            if (item.is(ItemKind::node)) append_children(item.node(), next);
        }
        call.out.append(next.span());
        level.clear();
        level.append(next.span());
    }
    return true;
}

bool extension(Call& call) {
    std::optional<std::string_view> url;
    if (!call.evaluator.text_argument(call, 0, url)) return false;
    if (!url || url->empty()) return true;
    Items found(call.evaluator.arena());
    for (const auto& item : call.input) {
        if (item.is(ItemKind::node)) append_named(item.node(), "extension", found);
    }
    for (const auto& item : found) {
        if (item.place.value != nullptr && item.place.value->text("url") == *url) call.out.push(item);
    }
    return call.evaluator.step(call.term, found.size());
}

bool has_primitive_value(const Item& item) {
    if (!item.is(ItemKind::node)) return !item.is(ItemKind::quantity) && !item.is(ItemKind::type_name);
    const auto* value = item.place.value;
    const bool xhtml = item.type != nullptr && item.type->code == "xhtml";  // no primitive in what R4 means here
    return !xhtml && value != nullptr && (value->is_string() || value->is_bool() || value->is_number());
}

bool has_value(Call& call) {
    call.out.push(Item::of(call.input.size() == 1 && has_primitive_value(call.input[0])));
    return true;
}

bool get_value(Call& call) {
    if (call.input.size() == 1 && has_primitive_value(call.input[0])) call.out.push(to_system(call.input[0], call.evaluator.arena()));
    return true;
}

// "#p1" in the resource around it, or an entry of a Bundle at the root by its fullUrl or by Type/id.
std::optional<Node> resolve_inside(std::string_view reference, const json::Value& root) {
    if (reference.starts_with('#')) {
        const auto* contained = root.find("contained");
        const auto* list = contained == nullptr ? nullptr : contained->if_array();
        if (reference.size() == 1) return resource_node(root);
        if (list == nullptr) return std::nullopt;
        for (const auto& resource : *list) {
            if (resource.text("id") == reference.substr(1)) return resource_node(resource);
        }
        return std::nullopt;
    }
    const auto* entries = root.text("resourceType") == "Bundle" ? root.find("entry") : nullptr;
    const auto* list = entries == nullptr ? nullptr : entries->if_array();
    if (list == nullptr) return std::nullopt;
    const auto slash = reference.find('/');
    for (const auto& entry : *list) {
        const auto* resource = entry.find("resource");
        if (resource == nullptr) continue;
        const bool by_url = entry.text("fullUrl") == reference;
        const bool by_id = slash != std::string_view::npos && resource->text("resourceType") == reference.substr(0, slash) &&
                           resource->text("id") == reference.substr(slash + 1);
        if (by_url || by_id) return resource_node(*resource);
    }
    return std::nullopt;
}

bool resolve(Call& call) {
    const auto& evaluator = call.evaluator;
    const auto root = evaluator.root_resource();
    for (const auto& item : call.input) {
        if (!call.evaluator.step(call.term)) return false;
        const auto value = to_system(item, call.evaluator.arena());
        std::string_view reference;
        if (value.is(ItemKind::string)) reference = value.text();
        if (item.is(ItemKind::node) && item.place.value != nullptr && item.place.value->is_object())
            reference = item.place.value->text("reference");
        if (reference.empty()) continue;
        auto found = root.value == nullptr ? std::nullopt : resolve_inside(reference, *root.value);
        if (!found && !reference.starts_with('#') && evaluator.environment().resolve) found = evaluator.environment().resolve(reference);
        if (found) call.out.push(Item::of(*found));
    }
    return true;
}

// memberOf() and conformsTo(): the environment knows terminologies and profiles.
bool asked(Call& call, const std::function<base::Result<bool>(const Node&, std::string_view)>& ask, bool many) {
    std::optional<std::string_view> url;
    if (!call.evaluator.text_argument(call, 0, url)) return false;
    if (!url || call.input.empty()) return true;
    if (!many && call.input.size() > 1) return call.evaluator.fail(call.term, call.term.name + "() is for one item, here are several");
    for (const auto& item : call.input) {
        if (!item.is(ItemKind::node)) return call.evaluator.fail(call.term, call.term.name + "() is for elements of a resource");
        if (!ask)
            return call.evaluator.fail(call.term, call.term.name + "() needs definitions that are not at hand here",
                                       base::Kind::not_supported);
        auto answer = ask(item.node(), *url);
        if (!answer) return call.evaluator.fail(std::move(answer.error()));
        call.out.push(Item::of(*answer));
    }
    return true;
}
bool member_of(Call& call) {
    return asked(call, call.evaluator.environment().member_of, false);
}
bool conforms_to(Call& call) {
    return asked(call, call.evaluator.environment().conforms_to, true);
}

bool html_checks(Call& call) {
    for (const auto& item : call.input) {
        const auto value = to_system(item, call.evaluator.arena());
        if (!value.is(ItemKind::string)) return call.evaluator.fail(call.term, "htmlChecks() is for xhtml");
        call.out.push(Item::of(html_is_allowed(value.text())));
    }
    return true;
}

bool type(Call& call) {
    for (const auto& item : call.input) call.out.push(Item::of(call.evaluator.arena().make(type_of(item))));
    return true;
}

bool is(Call& call) {
    if (call.input.size() > 1) return call.evaluator.fail(call.term, "is() is for one item, here are several");
    if (!call.input.empty()) call.out.push(Item::of(item_is(call.input[0], call.term.type)));
    return true;
}

bool as(Call& call) {
    if (call.input.size() > 1) return call.evaluator.fail(call.term, "as() is for one item, here are several");
    if (!call.input.empty() && item_as(call.input[0], call.term.type)) call.out.push(call.input[0]);
    return true;
}

// Which slice an element is in is the knowledge of a profile's validator.
bool slice(Call& call) {
    return call.evaluator.fail(call.term, "slice() needs a profile, which is not at hand here", base::Kind::not_supported);
}

}  // namespace

const FunctionTable& tree_functions() {
    using Quick = Function::Quick;
    constexpr auto kPlain = Function::Argument::expression;
    static const FunctionTable kTable{
        {"children", 0, 0, children, kPlain, Quick::none, false, true},
        {"descendants", 0, 0, descendants, kPlain, Quick::none, false, true},
        {"extension", 1, 1, extension},
        {"hasValue", 0, 0, has_value},
        {"getValue", 0, 0, get_value},
        {"resolve", 0, 0, resolve, kPlain, Quick::none, false, true},
        {"memberOf", 1, 1, member_of},
        {"conformsTo", 1, 1, conforms_to},
        {"htmlChecks", 0, 0, html_checks},
        {"htmlchecks", 0, 0, html_checks},  // as R4's constraint txt-1 writes it in some places
        {"type", 0, 0, type},
        {"is", 1, 1, is, Function::Argument::type},
        {"as", 1, 1, as, Function::Argument::type},
        {"slice", 2, 2, slice},
    };
    return kTable;
}

}  // namespace fhirpath
