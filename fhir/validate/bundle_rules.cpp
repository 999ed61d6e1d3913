#include "fhir/validate/bundle_rules.hpp"

#include "fhir/codec/references.hpp"

#include <algorithm>

namespace validate {
namespace {

const json::Array* entries_of(const json::Value& bundle) {
    const auto* list = bundle.find("entry");
    return list == nullptr ? nullptr : list->if_array();
}

// fullUrl names the resource itself: where it ends like a RESTful URL, the resource's id must be that one.
void check_full_url(const json::Value& entry, std::string_view bundle_type, Report& report) {
    const auto url = entry.text("fullUrl");
    if (url.empty()) return;
    if (url.find(':') == std::string_view::npos) return report.error("value", "A fullUrl is absolute: a URL, or urn:uuid: with a UUID", "fullUrl");
    const auto* resource = entry.find("resource");
    if (resource == nullptr || bundle_type == "batch" || bundle_type == "transaction") return;
    const auto reference = codec::parse_reference(url, {});
    const auto id = resource->text("id");
    if (reference.form != codec::Reference::Form::external || reference.type.empty()) return;
    if (reference.type != resource->text("resourceType")) report.error("invalid", "The fullUrl names a " + std::string(reference.type) + ", the resource is another type", "fullUrl");
    else if (!id.empty() && id != reference.id) report.error("invalid", "The fullUrl does not end with the id of the resource", "fullUrl");
}

void check_request(const json::Value& entry, Report& report) {
    const auto* request = entry.find("request");
    if (request == nullptr) return;
    const auto method = request->text("method"), url = request->text("url");
    const bool has_resource = entry.find("resource") != nullptr;
    if ((method == "POST" && url.find('$') == std::string_view::npos && !url.ends_with("_search")) || method == "PUT") {
        if (!has_resource) report.error("required", std::string(method) + " needs the resource to write", "resource");
    }
}

}  // namespace

BundleIndex index_bundle(const json::Value& bundle) {
    BundleIndex out;
    const auto* list = entries_of(bundle);
    if (list == nullptr) return out;
    for (const auto& entry : *list) {
        const auto url = entry.text("fullUrl");
        if (const auto* resource = entry.find("resource"); resource != nullptr && !url.empty()) out.emplace(url, resource);
    }
    return out;
}

void check_bundle(const json::Value& bundle, const Options&, Report& report) {
    const auto* list = entries_of(bundle);
    if (list == nullptr) return;
    const auto type = bundle.text("type");
    const bool writes = type == "batch" || type == "transaction";
    for (std::size_t i = 0; i < list->size(); ++i) {
        const Report::Step step(report, "entry");
        const Report::Step item(report, i);
        check_full_url((*list)[i], type, report);
        if (writes) check_request((*list)[i], report);
    }
}

}  // namespace validate
