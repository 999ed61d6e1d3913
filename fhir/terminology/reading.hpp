// Small helpers that the parsers of this folder share. Inside fhir/terminology only.
#pragma once

#include "storage/base/json_members.hpp"

#include <string>
#include <string_view>

namespace terminology {

inline bool flag(const json::Value& value, std::string_view name, bool otherwise) {
    const auto* member = value.find(name);
    const auto* given = member == nullptr ? nullptr : member->if_bool();
    return given == nullptr ? otherwise : *given;
}

// A canonical with its version apart: "http://x/y|1.0".
struct Reference {
    std::string url, version;

    explicit Reference(std::string_view canonical, std::string_view other_version = {})
        : url(canonical.substr(0, canonical.find('|'))),
          version(canonical.find('|') == std::string_view::npos ? other_version : canonical.substr(canonical.find('|') + 1)) {}
    std::string text() const { return version.empty() ? url : url + "|" + version; }
};

// What a client sent, short enough for a sentence.
std::string shown(std::string_view text);

}  // namespace terminology
