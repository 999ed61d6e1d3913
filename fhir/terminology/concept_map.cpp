#include "fhir/terminology/concept_map.hpp"

#include "fhir/terminology/reading.hpp"

namespace terminology {
namespace {

std::string scope(const json::Value& resource, std::string_view uri, std::string_view canonical) {
    const auto text = resource.text(uri).empty() ? resource.text(canonical) : resource.text(uri);
    return Reference(text).url;
}

MapElement element_of(const json::Value& source) {
    MapElement out{std::string(source.text("code")), std::string(source.text("display")), {}};
    for (const auto& one : list(source, "target")) {
        MapTarget target;
        target.code = one.text("code");
        target.display = one.text("display");
        target.equivalence = one.text("equivalence").empty() ? "equivalent" : one.text("equivalence");
        target.products = list(one, "product");
        target.depends = !list(one, "dependsOn").empty();
        out.targets.push_back(std::move(target));
    }
    return out;
}

}  // namespace

base::Result<ConceptMap> ConceptMap::parse(const json::Value& resource) {
    ConceptMap out;
    out.url = resource.text("url");
    out.version = resource.text("version");
    out.source = scope(resource, "sourceUri", "sourceCanonical");
    out.target = scope(resource, "targetUri", "targetCanonical");
    for (const auto& one : list(resource, "group")) {
        MapGroup group;
        group.source = one.text("source");
        group.source_version = one.text("sourceVersion");
        group.target = one.text("target");
        group.target_version = one.text("targetVersion");
        for (const auto& element : list(one, "element")) {
            if (!element.text("code").empty()) group.elements.push_back(element_of(element));
        }
        if (const auto* unmapped = one.find("unmapped")) {
            group.unmapped_mode = unmapped->text("mode");
            group.unmapped_code = unmapped->text("code");
            group.unmapped_display = unmapped->text("display");
            group.unmapped_url = unmapped->text("url");
            if (group.unmapped_mode == "fixed" && group.unmapped_code.empty()) {
                return base::fail(base::Kind::invalid, "an unmapped mode 'fixed' needs its code (cmd-2)", {"ConceptMap.group.unmapped"}, "required");
            }
            if (group.unmapped_mode == "other-map" && group.unmapped_url.empty()) {
                return base::fail(base::Kind::invalid, "an unmapped mode 'other-map' needs the url of the map (cmd-3)", {"ConceptMap.group.unmapped"}, "required");
            }
        }
        out.groups.push_back(std::move(group));
    }
    return out;
}

}  // namespace terminology
