// A ConceptMap (R4 conceptmap.html) taken apart for $translate.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/base/json.hpp"

namespace terminology {

struct MapTarget {
    std::string code, display, equivalence;
    json::Array products;  // as the map has them
    bool depends = false;  // it counts only beside other elements, dependsOn
};
struct MapElement {
    std::string code, display;
    std::vector<MapTarget> targets;
};
struct MapGroup {
    std::string source, source_version, target, target_version;
    std::vector<MapElement> elements;
    std::string unmapped_mode, unmapped_code, unmapped_display, unmapped_url;  // mode empty: nothing is said
};

struct ConceptMap {
    std::string url, version, source, target;  // source and target: value sets, without versions
    std::vector<MapGroup> groups;

    // Errors: Kind::invalid when an element or a target breaks the grammar of the resource.
    static base::Result<ConceptMap> parse(const json::Value& resource);
};

}  // namespace terminology
