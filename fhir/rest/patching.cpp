#include "fhir/rest/patching.hpp"

#include "fhir/codec/structure.hpp"
#include "fhir/http/headers.hpp"
#include "fhir/http/media_type.hpp"
#include "fhir/rest/validating.hpp"
#include "storage/base/encoding.hpp"

namespace rest {
namespace {

using base::Kind;

base::Status unprocessable(std::string diagnostics, std::string expression, std::string issue) {
    return base::fail(Kind::unprocessable, std::move(diagnostics), {std::move(expression)}, std::move(issue));
}

// What a narrative tells of: all but the resource's own administration.
json::Value told_by_narrative(const json::Value& resource) {
    auto out = resource;
    for (const auto* name : {"id", "meta", "implicitRules", "text"}) out.if_object()->erase(name);
    return out;
}

base::Status check_structure(Attempt& attempt, const json::Value& resource, std::string_view type) {
    auto issues = codec::check_structure(resource, {type, std::nullopt});
    if (issues.empty()) return {};
    for (auto& issue : issues) issue.kind = Kind::unprocessable;
    issues.front().diagnostics = "the patched resource: " + issues.front().diagnostics;
    if (!attempt.entry_of_bundle && attempt.action.interaction == Interaction::patch)
        attempt.more_errors.assign(issues.begin() + 1, issues.end());
    return tl::unexpected(std::move(issues.front()));
}

}  // namespace

patch::Limits patch_limits(const Services& services) {
    patch::Limits out;
    out.document = services.settings.json;
    out.depth = services.settings.json.depth;
    return out;
}

base::Result<const patch::MediaType*> patch_media_type(std::string_view content_type) {
    const auto refused = [](const std::string& what) {
        return base::fail(Kind::unsupported_media, what + "; PATCH takes " + std::string(patch::accepted_media_types()));
    };
    if (content_type.empty()) return refused("Content-Type is missing");
    const auto type = http::parse_media_type(content_type);
    if (!type) return refused("Content-Type does not parse: " + type.error().diagnostics);
    const auto* out = patch::media_type(type->essence());
    if (out == nullptr) return refused(std::string(base::utf8_prefix(type->essence(), 64)) + " is no patch");
    const auto* charset = type->parameter("charset");
    if (charset != nullptr && !http::equal_ignoring_case(*charset, "utf-8")) return refused("the charset of a patch is UTF-8");
    const auto* version = type->parameter("fhirversion");
    if (version != nullptr && *version != "4.0")
        return refused("fhirVersion " + std::string(base::utf8_prefix(*version, 16)) + " is not served here");
    return out;
}

base::Result<patch::Patch> patch_of_entry(const json::Value& resource, const patch::Limits& limits) {
    if (resource.text("resourceType") == "Parameters") return patch::parse_parameters(resource, limits);
    if (resource.text("resourceType") != "Binary") {
        return base::fail(Kind::invalid, "PATCH takes a Parameters resource, or a Binary that holds the patch", {"resource"}, "value");
    }
    const auto type = patch_media_type(resource.text("contentType"));
    if (!type) return base::pass(type);
    const auto bytes = base::from_base64(resource.text("data"));
    if (!bytes) return base::fail(Kind::invalid, "the Binary's data is no base64", {"resource.data"}, "value");
    return patch::parse(**type, base::as_text(*bytes), limits);
}

base::Status keep_narrative_safe(const json::Value& before, json::Value& after) {
    const auto* text = after.find("text");
    const auto* old = before.find("text");
    if (text == nullptr || old == nullptr || !(*text == *old)) return {};
    const auto status = text->text("status");
    if (status == "empty" || told_by_narrative(before) == told_by_narrative(after)) return {};
    if (status == "additional") {
        return unprocessable("the narrative was written by a person and may not fit the patched data: patch 'text' too, or send an update",
                             "text", "business-rule");
    }
    after.if_object()->erase("text");
    return {};
}

Change::Edit edit_with(Attempt& attempt, const Services& services, patch::Patch patch, Finish finish) {
    return [&attempt, &services, patch = std::move(patch),
            finish = std::move(finish)](const json::Value& current) -> base::Result<json::Value> {
        attempt.issues.clear();
        auto out = patch.apply(current, patch_limits(services));
        if (!out) return out;
        const std::string type(current.text("resourceType"));
        if (out->text("id") != current.text("id")) {
            return base::pass(unprocessable("a patch does not change the id of a resource", type + ".id", "business-rule"));
        }
        if (auto safe = keep_narrative_safe(current, *out); !safe) return base::pass(safe);
        if (finish) {
            if (auto finished = finish(*out); !finished) return base::pass(finished);
        }
        if (auto sound = check_structure(attempt, *out, type); !sound) return base::pass(sound);
        if (auto valid = check_valid(attempt, services, *out); !valid) return base::pass(valid);
        return out;
    };
}

}  // namespace rest
