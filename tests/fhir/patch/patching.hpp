// Short ways to write a patch down and to look at what came of it.
#pragma once

#include "fhir/patch/patch.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace patching {

inline json::Value tree(std::string_view text) {
    auto out = json::parse(text);
    EXPECT_TRUE(out.has_value()) << (out ? "" : out.error().diagnostics) << "\n" << text;
    return out ? std::move(*out) : json::Value();
}

inline base::Result<json::Value> apply(std::string_view patch, const json::Value& resource, const patch::Limits& limits = {}) {
    const auto read = patch::parse_any(patch, limits);
    if (!read) return base::pass(read);
    return read->apply(resource, limits);
}

// The patched resource as text; "invalid: what is wrong" (the kind's name first) when there is an error.
inline std::string patched(std::string_view patch, std::string_view resource, const patch::Limits& limits = {}) {
    const auto before = tree(resource);
    const auto out = apply(patch, before, limits);
    EXPECT_EQ(json::write(before), json::write(tree(resource))) << "the resource itself must not change";
    if (out) return json::write(*out);
    return std::string(base::to_string(out.error().kind)) + ": " + out.error().diagnostics;
}

// FHIRPath Patch: part("path", "valueString", "\"Patient\"").
inline std::string part(std::string_view name, std::string_view member, std::string_view json) {
    return R"({"name":")" + std::string(name) + R"(",")" + std::string(member) + R"(":)" + std::string(json) + "}";
}
inline std::string quoted(std::string_view text) {
    std::string out;
    json::write_string(text, out);
    return out;
}
// One operation: its type, its path, and further parts as JSON.
inline std::string operation(std::string_view type, std::string_view path, const std::string& more = {}) {
    return R"({"name":"operation","part":[)" + part("type", "valueCode", quoted(type)) + "," + part("path", "valueString", quoted(path)) +
           (more.empty() ? "" : "," + more) + "]}";
}
inline std::string parameters(const std::string& operations) {
    return R"({"resourceType":"Parameters","parameter":[)" + operations + "]}";
}
inline std::string add(std::string_view path, std::string_view name, const std::string& value_part) {
    return operation("add", path, part("name", "valueString", quoted(name)) + "," + value_part);
}
inline std::string value(std::string_view member, std::string_view json) {
    return part("value", member, json);
}

}  // namespace patching
