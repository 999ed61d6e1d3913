#include "fhir/validate/bundle_rules.hpp"

#include "fhir/codec/references.hpp"
#include "fhir/validate/bundle_search.hpp"
#include "fhir/validate/bundle_whole.hpp"

namespace validate {
namespace {

const json::Array* entries_of(const json::Value& bundle) {
    const auto* list = bundle.find("entry");
    return list == nullptr ? nullptr : list->if_array();
}

// fullUrl names the resource itself: where it ends like a RESTful URL, it SHALL not disagree with the resource's id (R4 Bundle.entry.fullUrl).
void check_full_url(const json::Value& entry, std::string_view bundle_type, Report& report) {
    const auto url = entry.text("fullUrl");
    if (url.empty()) return;
    if (url.find(':') == std::string_view::npos) return report.error("value", "A fullUrl is absolute: a URL, or urn:uuid: with a UUID", "fullUrl");
    const auto* resource = entry.find("resource");
    if (resource == nullptr || bundle_type == "batch" || bundle_type == "transaction") return;
    const auto reference = codec::parse_reference(url, {});
    const auto id = resource->text("id");
    if (reference.form != codec::Reference::Form::external || reference.type.empty()) return;
    if (id.empty()) report.error("invalid", "The fullUrl ends with an id, the resource has none", "fullUrl");
    else if (reference.type != resource->text("resourceType")) report.error("invalid", "The fullUrl names a " + std::string(reference.type) + ", the resource is another type", "fullUrl");
    else if (id != reference.id) report.error("invalid", "The fullUrl does not end with the id of the resource", "fullUrl");
}

// R4 bundle.html#bundle-unique: every entry says which resource it is, but for what is still to be created, and for what only answers.
void check_has_full_url(const json::Value& entry, std::string_view bundle_type, Report& report) {
    const bool optional = bundle_type == "transaction" || bundle_type == "batch" || bundle_type == "transaction-response" || bundle_type == "batch-response";
    if (optional || entry.find("fullUrl") != nullptr || entry.find("resource") == nullptr) return;
    report.error("required", "An entry needs a fullUrl that says which resource it is, except in batches and transactions", "fullUrl");
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

void check_bundle(const json::Value& bundle, const Options& options, Report& report) {
    const auto type = bundle.text("type");
    const bool writes = type == "batch" || type == "transaction";
    check_links(bundle, report);
    if (type == "searchset") check_matches(bundle, report);
    if (type == "document" || type == "message") check_whole(bundle, options, report);
    const auto* list = entries_of(bundle);
    if (list == nullptr) return;
    for (std::size_t i = 0; i < list->size(); ++i) {
        const Report::Step step(report, "entry");
        const Report::Step item(report, i);
        check_full_url((*list)[i], type, report);
        check_has_full_url((*list)[i], type, report);
        if (writes) check_request((*list)[i], report);
    }
}

}  // namespace validate
