#include "fhir/rest/bundle_entries.hpp"

namespace rest {
namespace {

using base::Kind;

base::Result<BundleEntry> entry_of(json::Value& value, std::size_t index, const Settings& settings) {
    const auto place = "Bundle.entry[" + std::to_string(index) + "]";
    auto* request = value.find("request");
    if (request == nullptr || !request->is_object()) return base::fail(Kind::invalid, "the entry has no request", {place + ".request"}, "required");
    BundleEntry out;
    out.index = index;
    out.full_url = value.text("fullUrl");
    out.method = request->text("method");
    out.url = request->text("url");
    out.if_none_exist = request->text("ifNoneExist");
    out.if_match = request->text("ifMatch");
    out.if_none_match = request->text("ifNoneMatch");
    if (const auto since = request->text("ifModifiedSince"); !since.empty()) {
        const auto time = base::parse_datetime(since);
        if (!time) return base::fail(Kind::invalid, "request.ifModifiedSince is no instant", {place + ".request.ifModifiedSince"}, "value");
        out.if_modified_since = time->high - 1;  // meta.lastUpdated says it in milliseconds
    }
    if (out.url.starts_with(settings.base_url + "/")) out.url.erase(0, settings.base_url.size() + 1);
    while (out.url.starts_with('/')) out.url.erase(0, 1);
    if (out.method != "GET" && out.method != "HEAD" && out.method != "POST" && out.method != "PUT" && out.method != "PATCH" && out.method != "DELETE") {
        return base::fail(Kind::invalid, "request.method is none of GET HEAD POST PUT PATCH DELETE", {place + ".request.method"}, "value");
    }
    if (out.url.empty() || out.url.starts_with('?')) {
        if (out.method == "POST") return base::fail(Kind::not_supported, "a batch or transaction inside another is not taken", {place + ".request.url"});
        if (out.url.empty()) return base::fail(Kind::invalid, "request.url is empty", {place + ".request.url"}, "required");
    }
    if (auto* resource = value.find("resource")) out.resource = std::move(*resource);
    const bool needs = out.method == "POST" || out.method == "PUT" || out.method == "PATCH";
    if (needs && !out.url.ends_with("/_search") && !out.resource.is_object()) {
        return base::fail(Kind::invalid, out.method + " needs a resource", {place + ".resource"}, "required");
    }
    return out;
}

}  // namespace

base::Result<std::vector<BundleEntry>> bundle_entries(json::Value bundle, const Settings& settings) {
    auto* list = bundle.find("entry");
    auto* array = list == nullptr ? nullptr : list->if_array();
    std::vector<BundleEntry> out;
    if (array == nullptr) return out;
    if (array->size() > settings.bundle_entries) {
        return base::fail(Kind::too_large, "the Bundle has " + std::to_string(array->size()) + " entries; the limit is " + std::to_string(settings.bundle_entries),
                          {"Bundle.entry"}, "too-costly");
    }
    out.reserve(array->size());
    for (std::size_t i = 0; i < array->size(); ++i) {
        auto entry = entry_of((*array)[i], i, settings);
        if (!entry) return base::pass(entry);
        out.push_back(std::move(*entry));
    }
    return out;
}

}  // namespace rest
