#include "fhir/rest/xml_entries.hpp"

#include "fhir/codec/xml.hpp"
#include "fhir/rest/outcome.hpp"

namespace rest {
namespace {

json::Value outcome_of(const json::Value& resource, base::Error error) {
    const auto named = std::string(resource.text("resourceType")) + "/" + std::string(resource.text("id"));
    error.diagnostics = named + " cannot be written as XML (ask for JSON): " + error.diagnostics;
    error.issue = "not-supported";
    auto out = json::parse(operation_outcome(error));
    CHECK(out.has_value());
    return std::move(*out);
}

bool replace(json::Object& entry, bool history) {
    const auto* resource = entry.find("resource");
    if (resource == nullptr) return false;
    const auto text = codec::to_xml(*resource);
    if (text) return false;
    auto outcome = outcome_of(*resource, text.error());
    if (!history) {
        json::Object search;
        search.set("mode", "outcome");
        entry.set("search", std::move(search));
        entry.set("resource", std::move(outcome));
        entry.erase("fullUrl");  // it names the resource
        return true;
    }
    auto* response = entry.find("response");
    if (response == nullptr || response->if_object() == nullptr) return false;
    response->if_object()->set("outcome", std::move(outcome));
    entry.erase("resource");
    return true;
}

}  // namespace

bool replace_what_xml_cannot_hold(json::Value& bundle) {
    const auto type = bundle.text("type");
    const bool history = type == "history";
    auto* entries = bundle.text("resourceType") == "Bundle" && (history || type == "searchset") ? bundle.find("entry") : nullptr;
    auto* list = entries == nullptr ? nullptr : entries->if_array();
    if (list == nullptr) return false;
    bool replaced = false;
    for (auto& entry : *list) {
        if (auto* object = entry.if_object(); object != nullptr && replace(*object, history)) replaced = true;
    }
    return replaced;
}

}  // namespace rest
