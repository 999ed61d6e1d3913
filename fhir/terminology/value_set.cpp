#include "fhir/terminology/value_set.hpp"

#include <algorithm>

#include "fhir/terminology/reading.hpp"

namespace terminology {
namespace {

using base::Kind;

Listed listed_of(const json::Value& source) {
    Listed out{std::string(source.text("code")), std::string(source.text("display")), {}};
    for (const auto& one : list(source, "designation")) {
        const auto* use = one.find("use");
        out.designations.push_back({std::string(one.text("language")), std::string(one.text("value")), use == nullptr ? json::Value() : *use});
    }
    return out;
}

void add(Include& include, Listed listed) {
    include.places.emplace(listed.code, include.concepts.size());
    include.concepts.push_back(std::move(listed));
}

base::Result<Include> include_of(const json::Value& source, const std::string& place) {
    Include out;
    out.system = source.text("system");
    out.version = source.text("version");
    for (const auto& one : list(source, "valueSet")) {
        if (const auto* url = one.if_string()) out.value_sets.push_back(*url);
    }
    if (out.system.empty() && out.value_sets.empty()) return base::fail(Kind::invalid, "an include names a system or a value set", {place}, "required");
    for (const auto& one : list(source, "concept")) {
        if (one.text("code").empty()) return base::fail(Kind::invalid, "a listed concept has no code", {place + ".concept"}, "required");
        add(out, listed_of(one));
    }
    for (const auto& one : list(source, "filter")) {
        Filter filter{std::string(one.text("property")), std::string(one.text("op")), std::string(one.text("value"))};
        if (filter.property.empty() || filter.op.empty() || filter.value.empty()) {
            return base::fail(Kind::invalid, "a filter needs property, op and value", {place + ".filter"}, "required");
        }
        out.filters.push_back(std::move(filter));
    }
    if (out.system.empty() && (!out.concepts.empty() || !out.filters.empty())) {
        return base::fail(Kind::invalid, "codes and filters need the system they are of", {place + ".system"}, "required");
    }
    return out;
}

base::Status read(std::vector<Include>& into, const json::Value& compose, const char* name) {
    const auto& sources = list(compose, name);
    for (std::size_t i = 0; i < sources.size(); ++i) {
        auto made = include_of(sources[i], "ValueSet.compose." + std::string(name) + "[" + std::to_string(i) + "]");
        if (!made) return base::pass(made);
        into.push_back(std::move(*made));
    }
    return {};
}

// The codes that an expansion lists, one include for each system.
void read_contains(std::vector<Include>& into, const json::Array& contains) {
    for (const auto& one : contains) {
        const auto system = one.text("system");
        if (!one.text("code").empty() && !system.empty()) {
            auto found = std::find_if(into.begin(), into.end(), [&](const Include& i) { return i.system == system; });
            if (found == into.end()) {
                into.emplace_back().system = system;
                found = std::prev(into.end());
            }
            add(*found, listed_of(one));
        }
        read_contains(into, list(one, "contains"));  // no deeper than the JSON parser went
    }
}

bool is_whole(const json::Value& expansion) {
    const auto* offset = expansion.find("offset");
    const auto* start = offset == nullptr ? nullptr : offset->if_number();
    return !list(expansion, "contains").empty() && (start == nullptr || start->text == "0");
}

}  // namespace

base::Result<ValueSet> ValueSet::parse(const json::Value& resource) {
    ValueSet out;
    out.url = resource.text("url");
    out.version = resource.text("version");
    out.title = resource.text("title").empty() ? resource.text("name") : resource.text("title");
    out.head = resource;
    if (auto* members = out.head.if_object()) {
        for (const auto* name : {"text", "compose", "expansion", "contained"}) members->erase(name);
    }
    for (const auto& inner : list(resource, "contained")) {
        if (inner.text("resourceType") != "ValueSet" || inner.text("id").empty()) continue;
        // One that does not parse is not there for who names it.
        if (auto made = parse(inner)) out.contained.emplace(std::string(inner.text("id")), std::make_shared<const ValueSet>(std::move(*made)));
    }
    if (const auto* compose = resource.find("compose")) {
        out.compose = *compose;
        out.inactive = flag(*compose, "inactive", true);
        if (auto done = read(out.include, *compose, "include"); !done) return base::pass(done);
        if (auto done = read(out.exclude, *compose, "exclude"); !done) return base::pass(done);
        return out;
    }
    const auto* expansion = resource.find("expansion");
    if (expansion == nullptr || !is_whole(*expansion)) {
        return base::fail(Kind::unprocessable, "the value set " + shown(out.url) + " has neither a compose nor a whole expansion, so nobody can say what is in it", {"ValueSet.compose"}, "required");
    }
    read_contains(out.include, list(*expansion, "contains"));
    return out;
}

}  // namespace terminology
