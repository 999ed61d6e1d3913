#include "fhir/validate/quick_invariants.hpp"

#include "fhir/fhirpath/fhirpath.hpp"
#include "fhir/validate/codes.hpp"
#include "fhir/validate/primitives.hpp"
#include "fhir/validate/quantities.hpp"

#include <algorithm>

namespace validate {

namespace {

std::size_t decoded_bytes(std::string_view base64) {
    std::size_t characters = 0, padding = 0;
    for (const char c : base64) {
        if (c == '=') ++padding;
        else if (c > ' ') ++characters;
    }
    return (characters + padding) / 4 * 3 - std::min<std::size_t>(padding, 2);
}

void check_attachment(const json::Value& value, Report& report) {
    const auto data = value.text("data");
    const auto* size = value.find("size");
    const auto* number = size == nullptr ? nullptr : size->if_number();
    if (data.empty() || number == nullptr || check_base64(data) != nullptr) return;
    const auto actual = std::to_string(decoded_bytes(data));
    if (number->text != actual) report.error("value", "The data has " + actual + " bytes, size says " + number->text, "size");
}

// Absolute: a scheme and a colon (RFC 3986 section 3.1).
bool is_absolute(std::string_view uri) {
    return uri.find(':') != std::string_view::npos;
}

// Security labels are a set: one that stands twice says nothing the second time, and a reader may count on that.
void check_labels(const json::Value& meta, Report& report) {
    const auto* member = meta.find("security");
    const auto* labels = member == nullptr ? nullptr : member->if_array();
    for (std::size_t i = 1; labels != nullptr && i < labels->size(); ++i) {
        const auto& label = (*labels)[i];
        const bool again = !label.text("code").empty() && std::any_of(labels->begin(), labels->begin() + static_cast<std::ptrdiff_t>(i), [&](const json::Value& other) {
            return other.text("code") == label.text("code") && other.text("system") == label.text("system");
        });
        if (again) report.error("duplicate", "This security label stands here already", "security[" + std::to_string(i) + "]");
    }
}

// Where R4 holds FHIRPath it must be some: an invariant or a search parameter that nobody can compile is of no use to anyone.
void check_expression(const json::Value& value, Report& report) {
    const auto expression = value.text("expression");
    if (expression.empty()) return;
    if (const auto compiled = fhirpath::compile(expression); !compiled && compiled.error().kind == base::Kind::invalid) {
        report.error("invalid", "This is no FHIRPath: " + compiled.error().diagnostics, "expression");
    }
}

}  // namespace

void check_data_type(const json::Value& value, const definitions::Group& group, const Options& options, Report& report) {
    static const auto* const kAttachment = definitions::group("Attachment");
    static const auto* const kMeta = definitions::group("Meta");
    static const auto* const kSampledData = definitions::group("SampledData");
    static const auto* const kIdentifier = definitions::group("Identifier");
    static const auto* const kCoding = definitions::group("Coding");
    static const auto* const kInclude = definitions::group("ValueSet.compose.include");
    static const auto* const kConstraint = definitions::group("ElementDefinition.constraint");
    static const auto* const kSearchParameter = definitions::group("SearchParameter");
    if (&group == kMeta) return check_labels(value, report);
    if (&group == kSampledData) return check_sampled_data(value, options, report);
    if (&group == kCoding) check_coding(value, options, report);
    if (&group == kAttachment) return check_attachment(value, report);
    if (&group == kConstraint || &group == kSearchParameter) return check_expression(value, report);
    if (&group != kIdentifier && &group != kCoding && &group != kInclude) return;
    const auto system = value.text("system");
    if (system.empty() || check_uri(system) != nullptr) return;  // what is no URI at all was told already
    if (!is_absolute(system)) report.error("value", "A system is an absolute URI, not a relative one", "system");
    else if (&group == kCoding && (system.starts_with("http://hl7.org/fhir/ValueSet/") || system.starts_with("http://terminology.hl7.org/ValueSet/"))) {
        report.error("code-invalid", "This is the URL of a value set; the system of a Coding is a code system", "system");
    } else if (&group == kIdentifier && system == "urn:ietf:rfc:3986" && !value.text("value").empty() && !has_scheme(value.text("value"))) {
        report.error("value", "Of the system urn:ietf:rfc:3986 the value is a whole URI, which begins with its scheme: urn:uuid: before a UUID", "value");
    }
}

void check_has_narrative(const json::Value& resource, const definitions::Group& group, Report& report) {
    // Resources that are no DomainResource have no text at all.
    if (definitions::element(group, "text") == nullptr || definitions::element(group, "contained") == nullptr) return;
    const auto* text = resource.find("text");
    if (text == nullptr || text->find("div") == nullptr) report.warning("invariant", "dom-6: A resource should have narrative for robust management");
}

}  // namespace validate
