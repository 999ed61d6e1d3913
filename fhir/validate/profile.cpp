#include "fhir/validate/profile.hpp"

#include "fhir/definitions/definitions.hpp"
#include "fhir/definitions/rules.hpp"
#include "storage/base/json_members.hpp"

#include <algorithm>
#include <charconv>

namespace validate {
namespace {

using base::Kind;

constexpr std::string_view kBase = "http://hl7.org/fhir/StructureDefinition/";

std::size_t number(const json::Value& value, std::string_view name) {
    const auto* member = value.find(name);
    const auto* text = member == nullptr ? nullptr : member->if_number();
    std::size_t out = 0;
    if (text != nullptr) std::from_chars(text->text.data(), text->text.data() + text->text.size(), out);
    return out;
}
std::size_t maximum(std::string_view text) {
    std::size_t out = 0;
    if (text == "*" || text.empty()) return std::size_t(-1);
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

// fixedCode, patternCodeableConcept ...
std::optional<json::Value> valued(const json::Value& element, std::string_view prefix) {
    for (const auto& [name, value] : *element.if_object()) {
        if (name.starts_with(prefix) && name.size() > prefix.size() && name[prefix.size()] >= 'A' && name[prefix.size()] <= 'Z') return value;
    }
    return std::nullopt;
}

bool is_base_constraint(std::string_view key, std::string_view expression) {
    if (key == "ele-1" || key == "ext-1") return true;
    const auto all = definitions::all_constraints();
    return std::any_of(all.begin(), all.end(), [&](const auto& c) { return c.key == key && c.expression == expression; });
}

base::Status read_constraints(Rule& rule, const json::Value& element) {
    for (const auto& one : list(element, "constraint")) {
        const auto key = one.text("key"), expression = one.text("expression");
        if (expression.empty() || is_base_constraint(key, expression)) continue;
        auto compiled = fhirpath::compile(expression);
        if (!compiled) return base::fail(Kind::invalid, "the constraint " + std::string(key) + " does not compile: " + compiled.error().diagnostics);
        rule.constraints.push_back({std::string(key), std::string(one.text("human")), one.text("severity") == "error", std::move(*compiled)});
    }
    return {};
}

void read_types(Rule& rule, const json::Value& element) {
    for (const auto& one : list(element, "type")) {
        ProfileType type;
        type.code = one.text("code");
        for (const auto& profile : list(one, "profile")) {
            if (const auto* url = profile.if_string()) type.profiles.push_back(*url);
        }
        for (const auto& target : list(one, "targetProfile")) {
            const auto* url = target.if_string();
            if (url != nullptr && url->starts_with(kBase) && definitions::is_resource_type(url->substr(kBase.size()))) type.targets.push_back(url->substr(kBase.size()));
            else type.targets.push_back({});  // a profile of a type: what it is, is known when all are loaded
        }
        if (std::find(type.targets.begin(), type.targets.end(), "") != type.targets.end()) type.targets.clear();
        rule.types.push_back(std::move(type));
    }
}

base::Status read(Rule& rule, const json::Value& element) {
    rule.min = number(element, "min");
    rule.max = maximum(element.text("max"));
    const auto* base = element.find("base");
    rule.bounded = base == nullptr || number(*base, "min") != rule.min || maximum(base->text("max")) != rule.max;
    rule.fixed = valued(element, "fixed");
    rule.pattern = valued(element, "pattern");
    read_types(rule, element);
    if (const auto* binding = element.find("binding")) {
        rule.strict = binding->text("strength") == "required";
        if (rule.strict || binding->text("strength") == "extensible") rule.value_set = binding->text("valueSet");
    }
    if (const auto* slicing = element.find("slicing")) {
        rule.sliced = true;
        rule.closed = slicing->text("rules") == "closed";
        for (const auto& one : list(*slicing, "discriminator")) {
            const auto type = one.text("type");
            rule.discriminators.push_back({type == "exists"    ? Discriminator::Type::exists
                                           : type == "type"    ? Discriminator::Type::type
                                           : type == "profile" ? Discriminator::Type::profile
                                                               : Discriminator::Type::value,
                                           std::string(one.text("path"))});
        }
    }
    return read_constraints(rule, element);
}

// "component:systolic.code" below the root: the rule of that id, made where it is not there yet.
Rule& place(Rule& root, std::string_view id) {
    auto* at = &root;
    while (!id.empty()) {
        const auto dot = std::min(id.find('.'), id.size());
        auto segment = id.substr(0, dot);
        id.remove_prefix(std::min(dot + 1, id.size()));
        const auto colon = segment.find(':');
        const auto slice = colon == std::string_view::npos ? std::string_view{} : segment.substr(colon + 1);
        auto name = segment.substr(0, colon);
        if (name.ends_with("[x]")) name.remove_suffix(3);
        const auto named = [&](std::vector<Rule>& rules, std::string_view key, std::string Rule::*member) -> Rule& {
            const auto found = std::find_if(rules.begin(), rules.end(), [&](const Rule& r) { return r.*member == key; });
            if (found != rules.end()) return *found;
            auto& made = rules.emplace_back();
            made.name = name;
            made.slice = slice;
            return made;
        };
        if (slice.empty()) {
            at = &named(at->children, name, &Rule::name);
        } else {
            const auto owner = std::find_if(at->children.begin(), at->children.end(), [&](const Rule& r) { return r.name == name; });
            auto& element = owner != at->children.end() ? *owner : at->children.emplace_back();
            element.name = name;
            at = &named(element.slices, slice, &Rule::slice);
        }
    }
    return *at;
}

// Most snapshots repeat the binding of the base, which was asked with it.
bool is_base_binding(const Rule& rule, const definitions::Element& element) {
    const auto& own = definitions::rules(element);
    const auto url = std::string_view(rule.value_set).substr(0, rule.value_set.find('|'));
    return own.value_set != nullptr && own.value_set->url == url && (!rule.strict || own.strength == definitions::Strength::required);
}

// What says nothing beyond the base specification is not walked again.
bool prune(Rule& rule, const definitions::Group* group) {
    std::erase_if(rule.children, [&](Rule& child) {
        const auto* element = group == nullptr ? nullptr : definitions::element(*group, child.name);
        const auto* inner = element == nullptr || element->types.size() != 1 ? nullptr : element->types.front().group();
        if (element != nullptr && is_base_binding(child, *element)) child.value_set.clear();
        return prune(child, inner) && (element == nullptr || !element->choice || child.types.size() == element->types.size());
    });
    std::for_each(rule.slices.begin(), rule.slices.end(), [&](Rule& slice) { prune(slice, group); });
    const bool profiled = std::any_of(rule.types.begin(), rule.types.end(), [](const ProfileType& t) { return !t.profiles.empty(); });
    return !rule.bounded && !rule.fixed && !rule.pattern && rule.value_set.empty() && rule.constraints.empty() && rule.slices.empty() && rule.children.empty() && !profiled;
}

}  // namespace

base::Result<Profile> make_profile(const json::Value& source) {
    Profile out;
    out.url = source.text("url");
    out.name = source.text("name");
    out.type = source.text("type");
    const auto* snapshot = source.find("snapshot");
    if (out.url.empty() || out.type.empty()) return base::fail(Kind::invalid, "a StructureDefinition needs url and type");
    if (snapshot == nullptr) return base::fail(Kind::invalid, out.url + " has no snapshot; kedge does not make snapshots");
    for (const auto& element : list(*snapshot, "element")) {
        const auto id = element.text("id").empty() ? element.text("path") : element.text("id");
        const auto dot = id.find('.');
        auto& rule = place(out.root, dot == std::string_view::npos ? std::string_view{} : id.substr(dot + 1));
        if (auto done = read(rule, element); !done) return base::fail(Kind::invalid, out.url + ": " + done.error().diagnostics);
    }
    prune(out.root, definitions::group(out.type));
    return out;
}

}  // namespace validate
