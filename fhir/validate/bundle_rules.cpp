#include "fhir/validate/bundle_rules.hpp"

#include "fhir/codec/references.hpp"

#include <algorithm>
#include <utility>

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
    if (reference.type != resource->text("resourceType")) report.error("invalid", "The fullUrl names a " + std::string(reference.type) + ", the resource is another type", "fullUrl");
    else if (!id.empty() && id != reference.id) report.error("invalid", "The fullUrl does not end with the id of the resource", "fullUrl");
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

// The base of a RESTful fullUrl, "http://x.example/fhir/" of "http://x.example/fhir/Patient/1"; empty when it is none.
std::string_view base_of(std::string_view full_url) {
    const auto reference = codec::parse_reference(full_url, {});
    if (reference.form != codec::Reference::Form::external || reference.type.empty()) return {};
    return full_url.substr(0, static_cast<std::size_t>(reference.type.data() - full_url.data()));
}

// R4 bundle.html#references: a relative reference is read against the fullUrl of the entry it stands in; where that is no RESTful one,
// the type and id of the entries decide.
bool resolves(const std::string& text, std::string_view full_url, const BundleIndex& entries, const json::Array& list) {
    if (entries.contains(text)) return true;
    const auto version = text.find("/_history/");
    const auto plain = text.substr(0, version);
    if (entries.contains(plain)) return true;
    if (text.find(':') != std::string::npos) return false;
    if (const auto base = base_of(full_url); !base.empty()) return entries.contains(std::string(base) + plain);
    return std::any_of(list.begin(), list.end(), [&](const json::Value& entry) {
        const auto* resource = entry.find("resource");
        return resource != nullptr && plain == std::string(resource->text("resourceType")) + "/" + std::string(resource->text("id"));
    });
}

// R4 documents.html#content: what the Composition of a document refers to is in the Bundle; of a message likewise what MessageHeader.focus
// names (messaging.html).
void check_whole(const json::Array& list, std::string_view type, const BundleIndex& entries, Report& report) {
    const auto* first = list.empty() ? nullptr : list.front().find("resource");
    if (first == nullptr || first->text("resourceType") != (type == "document" ? "Composition" : "MessageHeader")) return;  // bdl-11, bdl-12 tell
    json::Value scope = *first;
    if (type == "message") {
        json::Object only;
        only.set("resourceType", "MessageHeader");
        if (const auto* focus = first->find("focus")) only.set("focus", *focus);
        scope = std::move(only);
    } else {
        scope.if_object()->erase("relatesTo");  // other documents
        scope.if_object()->erase("contained");
    }
    codec::visit_references(std::as_const(scope), [&](const std::string& text) {
        if (text.starts_with('#') || resolves(text, list.front().text("fullUrl"), entries, list)) return;
        // An absolute URL may leave the document for what the reader need not have; what is relative or a urn can be nowhere else.
        if (text.find("://") != std::string::npos) return;
        const Report::Step step(report, "entry");
        const Report::Step item(report, 0);
        report.error("not-found", "The " + std::string(type) + " refers to " + std::string(base::utf8_prefix(text, 100)) + ", which is not in the Bundle", "resource");
    });
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

void check_bundle(const json::Value& bundle, const BundleIndex& entries, Report& report) {
    const auto* list = entries_of(bundle);
    if (list == nullptr) return;
    const auto type = bundle.text("type");
    const bool writes = type == "batch" || type == "transaction";
    if (type == "document" || type == "message") check_whole(*list, type, entries, report);
    for (std::size_t i = 0; i < list->size(); ++i) {
        const Report::Step step(report, "entry");
        const Report::Step item(report, i);
        check_full_url((*list)[i], type, report);
        check_has_full_url((*list)[i], type, report);
        if (writes) check_request((*list)[i], report);
    }
}

}  // namespace validate
