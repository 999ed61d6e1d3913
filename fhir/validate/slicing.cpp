#include "fhir/validate/slicing.hpp"

#include "fhir/validate/coded.hpp"

#include <algorithm>

namespace validate {
namespace {

using fhirpath::Node;

std::string_view type_of(const Node& node) {
    if (node.type == nullptr) return {};
    const bool any = node.type->code == "Resource" || node.type->code == "DomainResource";
    return any && node.value != nullptr ? node.value->text("resourceType") : node.type->code;
}

// One step of a discriminator's path: a name, or extension('url').
struct StepOf {
    std::string name, url;
    bool known = true;  // false: resolve() and what else cannot be followed here
};
std::vector<StepOf> steps_of(std::string_view path) {
    std::vector<StepOf> out;
    while (!path.empty()) {
        std::size_t end = 0;
        bool quoted = false;
        while (end < path.size() && (quoted || path[end] != '.')) {
            if (path[end] == '\'') quoted = !quoted;
            ++end;
        }
        const auto step = path.substr(0, end);
        path.remove_prefix(std::min(end + 1, path.size()));
        if (step == "$this") continue;
        StepOf one;
        if (step.starts_with("extension('") && step.ends_with("')")) {
            one.name = "extension";
            one.url = step.substr(11, step.size() - 13);
        } else if (step.find('(') != std::string_view::npos) {
            one.known = step.starts_with("ofType(");
            if (one.known) continue;
        } else {
            one.name = step;
        }
        out.push_back(std::move(one));
    }
    return out;
}

std::vector<Node> follow(const Node& from, const std::vector<StepOf>& steps) {
    std::vector<Node> at{from};
    for (const auto& step : steps) {
        std::vector<Node> next;
        for (const auto& node : at) fhirpath::children_named(node, step.name, next);
        if (!step.url.empty()) std::erase_if(next, [&](const Node& n) { return n.value == nullptr || n.value->text("url") != step.url; });
        at = std::move(next);
    }
    return at;
}

const Rule* follow(const Rule& from, const std::vector<StepOf>& steps) {
    const auto* at = &from;
    for (const auto& step : steps) {
        const auto child = std::find_if(at->children.begin(), at->children.end(), [&](const Rule& r) { return r.name == step.name; });
        if (child == at->children.end()) return nullptr;
        at = &*child;
        if (step.url.empty()) continue;
        const auto slice = std::find_if(at->slices.begin(), at->slices.end(), [&](const Rule& r) {
            return !r.types.empty() && std::find(r.types[0].profiles.begin(), r.types[0].profiles.end(), step.url) != r.types[0].profiles.end();
        });
        if (slice == at->slices.end()) return nullptr;
        at = &*slice;
    }
    return at;
}

// Does the value meet what the rule fixes, here or below? Nothing when it fixes nothing.
std::optional<bool> meets(const Node& node, const Rule& rule, const terminology::Library& terms) {
    if (rule.fixed) return node.value != nullptr && *node.value == *rule.fixed;
    if (rule.pattern) return node.value != nullptr && fits_pattern(*node.value, *rule.pattern);
    if (rule.strict && !rule.value_set.empty()) {
        const auto held = node.value == nullptr ? terminology::Held::no : in_value_set(terms, *node.value, rule.value_set).held;
        if (held != terminology::Held::unknown) return held == terminology::Held::yes;
    }
    std::optional<bool> out;
    const auto below = [&](const Rule& child) {
        std::vector<Node> nodes;
        fhirpath::children_named(node, child.name, nodes);
        bool determined = false, met = false;
        for (const auto& one : nodes) {
            if (const auto fits = meets(one, child, terms)) {
                determined = true;
                met = met || *fits;
            }
        }
        const bool absent = nodes.empty() && child.min > 0 && (child.fixed || child.pattern);
        if (determined || absent) out = out.value_or(true) && met;
    };
    for (const auto& child : rule.children) {
        below(child);
        for (const auto& slice : child.slices) {
            if (slice.min > 0) below(slice);
        }
    }
    return out;
}

std::optional<bool> by_value(const std::vector<Node>& nodes, const Rule& slice, const Rule* rule, const std::string& path, const terminology::Library& terms) {
    // An extension's slice names its profile, whose url the extension carries.
    const bool extension = slice.name == "extension" || slice.name == "modifierExtension";
    if (extension && path == "url" && !slice.types.empty() && !slice.types[0].profiles.empty()) {
        const auto& urls = slice.types[0].profiles;
        return std::any_of(nodes.begin(), nodes.end(), [&](const Node& n) {
            const auto* url = n.value == nullptr ? nullptr : n.value->if_string();
            return url != nullptr && std::any_of(urls.begin(), urls.end(), [&](const std::string& u) { return u.substr(0, u.find('|')) == *url; });
        });
    }
    if (rule == nullptr) return std::nullopt;
    bool determined = false;
    for (const auto& node : nodes) {
        const auto fits = meets(node, *rule, terms);
        if (fits && *fits) return true;
        determined = determined || fits;
    }
    if (determined || nodes.empty()) return false;
    return std::nullopt;
}

std::optional<bool> by_type(const std::vector<Node>& nodes, const Rule& rule) {
    return std::any_of(nodes.begin(), nodes.end(), [&](const Node& node) {
        return std::any_of(rule.types.begin(), rule.types.end(), [&](const ProfileType& t) { return t.code == type_of(node); });
    });
}

}  // namespace

bool fits_pattern(const json::Value& value, const json::Value& pattern) {
    if (const auto* members = pattern.if_object()) {
        return std::all_of(members->begin(), members->end(), [&](const json::Member& m) {
            const auto* own = value.find(m.first);
            return own != nullptr && fits_pattern(*own, m.second);
        });
    }
    if (const auto* items = pattern.if_array()) {
        const auto* own = value.if_array();
        return own != nullptr && std::all_of(items->begin(), items->end(), [&](const json::Value& item) {
                   return std::any_of(own->begin(), own->end(), [&](const json::Value& v) { return fits_pattern(v, item); });
               });
    }
    return value == pattern;
}

std::optional<bool> lies_in(const Node& node, const Rule& slice, const std::vector<Discriminator>& discriminators, const Profiles& profiles) {
    bool unsure = false;
    for (const auto& one : discriminators) {
        const auto steps = steps_of(one.path);
        if (std::any_of(steps.begin(), steps.end(), [](const StepOf& s) { return !s.known; })) {
            unsure = true;
            continue;
        }
        const auto nodes = follow(node, steps);
        const auto* rule = follow(slice, steps);
        std::optional<bool> in;
        switch (one.type) {
            case Discriminator::Type::value: in = by_value(nodes, slice, rule, one.path, profiles.terms()); break;
            case Discriminator::Type::exists:
                if (rule != nullptr) in = rule->max == 0 ? nodes.empty() : rule->min > 0 ? std::optional(!nodes.empty()) : std::nullopt;
                break;
            case Discriminator::Type::type:
                if (rule != nullptr && !rule->types.empty()) in = by_type(nodes, *rule);
                break;
            case Discriminator::Type::profile: break;  // would ask for a whole validation inside; slices of it stay open
        }
        if (in && !*in) return false;
        unsure = unsure || !in;
    }
    if (unsure || discriminators.empty()) return std::nullopt;
    return true;
}

}  // namespace validate
