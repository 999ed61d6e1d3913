#include "fhir/patch/patch.hpp"

#include "fhir/codec/xml.hpp"
#include "fhir/definitions/definitions.hpp"
#include "fhir/patch/fhirpath_patch.hpp"
#include "fhir/patch/json_patch.hpp"
#include "fhir/patch/place.hpp"
#include "fhir/patch/xml_patch.hpp"

#include <algorithm>

namespace patch {
namespace {

using base::Kind;

template <class Made>
base::Result<Patch> wrapped(base::Result<Made> made) {
    if (!made) return base::pass(made);
    return Patch(std::make_shared<const Made>(std::move(*made)));
}

base::Result<Patch> from_parameters(const base::Result<json::Value>& tree, const Limits& limits) {
    if (!tree) return base::pass(tree);
    return wrapped(FhirpathPatch::parse(*tree, limits));
}

// What stands first in the text, behind a byte order mark and white space.
char first_of(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    const auto at = text.find_first_not_of(" \t\r\n");
    return at == std::string_view::npos ? '\0' : text[at];
}

}  // namespace

std::string_view to_string(Form form) {
    switch (form) {
        case Form::json:
            return "JSON Patch";
        case Form::fhirpath:
            return "FHIRPath Patch";
        case Form::xml:
            return "XML Patch";
    }
    return {};
}

const MediaType* media_type(std::string_view essence) {
    const auto found = std::find_if(kMediaTypes.begin(), kMediaTypes.end(), [&](const MediaType& type) { return type.essence == essence; });
    return found == kMediaTypes.end() ? nullptr : &*found;
}

std::string_view accepted_media_types() {
    static const std::string kText = [] {
        std::string out;
        for (const auto& type : kMediaTypes) out += (out.empty() ? "" : ", ") + std::string(type.essence);
        return out;
    }();
    return kText;
}

Form Patch::form() const {
    return operations_->form();
}

std::size_t Patch::size() const {
    return operations_->size();
}

base::Result<json::Value> Patch::apply(const json::Value& resource, const Limits& limits) const {
    auto out = operations_->apply(resource, limits);
    if (!out) return out;
    drop_empty(*out);
    if (out->is_object() && out->text("resourceType") == resource.text("resourceType")) return out;
    return base::fail(Kind::unprocessable, "the patch makes something else than a " + std::string(resource.text("resourceType")) + " of it",
                      {"resourceType"}, "business-rule");
}

base::Result<Patch> parse(const MediaType& type, std::string_view text, const Limits& limits) {
    switch (type.form) {
        case Form::json: {
            const auto tree = json::parse(text, limits.document);
            if (!tree) return base::pass(tree);
            return wrapped(JsonPatch::parse(*tree, limits));
        }
        case Form::fhirpath:
            return from_parameters(type.xml ? codec::from_xml(text, limits.document) : json::parse(text, limits.document), limits);
        case Form::xml:
            return wrapped(XmlPatch::parse(text, limits));
    }
    return base::fail(Kind::fault, "no such form");
}

base::Result<Patch> parse_any(std::string_view text, const Limits& limits) {
    const auto first = first_of(text);
    if (first == '[') return parse(kMediaTypes[0], text, limits);
    if (first != '<') return parse(kMediaTypes[2], text, limits);
    if (XmlPatch::is_diff(text)) return parse(kMediaTypes[1], text, limits);
    return parse(kMediaTypes[3], text, limits);
}

base::Result<Patch> parse_parameters(const json::Value& parameters, const Limits& limits) {
    return wrapped(FhirpathPatch::parse(parameters, limits));
}

}  // namespace patch
