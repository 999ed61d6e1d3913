// PATCH (https://hl7.org/fhir/R4/http.html#patch) in its three forms: JSON Patch (RFC 6902), FHIRPath Patch
// (https://hl7.org/fhir/R4/fhirpatch.html) and XML Patch (RFC 5261). A patch is read once, then applied to any number of resources.
#pragma once

#include "storage/base/json.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace patch {

enum class Form : std::uint8_t { json, fhirpath, xml };
std::string_view to_string(Form form);  // "JSON Patch", "FHIRPath Patch", "XML Patch"

// What PATCH takes: a media type without its parameters, the form it stands for, and whether a FHIRPath Patch is written in XML.
struct MediaType {
    std::string_view essence;
    Form form;
    bool xml;
};
constexpr std::array<MediaType, 4> kMediaTypes{{{"application/json-patch+json", Form::json, false},
                                                {"application/xml-patch+xml", Form::xml, true},
                                                {"application/fhir+json", Form::fhirpath, false},
                                                {"application/fhir+xml", Form::fhirpath, true}}};
const MediaType* media_type(std::string_view essence);  // nullptr: PATCH does not take it
// "application/json-patch+json, ...": the header Accept-Patch (RFC 5789 section 3.1), and the text of a refusal.
std::string_view accepted_media_types();

// What one patch may cost. Each refusal is Kind::too_large and names the limit and its value.
struct Limits {
    std::size_t operations = 1000;
    std::size_t path_bytes = 4096;          // of one path or selector
    std::size_t growth_bytes = 16u << 20;   // what the operations add, copies counted each time
    std::size_t growth_values = 1'000'000;  // the same in JSON values or XML nodes
    std::size_t depth = 64;                 // nested arrays and objects, or elements, of the result
    std::chrono::milliseconds time{2000};   // of all operations together; looked at between two of them
    json::Limits document;                  // of the patch as a text
};

class Operations;  // of one form

// Immutable; shared by copies; used by any number of threads at once.
class Patch {
  public:
    Form form() const;
    std::size_t size() const;  // operations

    // The patched resource: all operations in their order, or an error and nothing. What a patch leaves empty (an array after its last
    // element was removed) is taken out, for FHIR has no empty elements. Whether the result is valid R4 is for the caller to ask.
    // Errors name the operation by its number, the first being 1, and have its path in `expression`:
    // Kind::unprocessable when an operation does not fit this resource (nothing or several at its path, an index out of range, a value of
    // a wrong type, a failed `test`), and when the result is no resource of the same type; Kind::too_large for the limits;
    // Kind::not_supported for what is left out (README.md).
    base::Result<json::Value> apply(const json::Value& resource, const Limits& limits = {}) const;

    // Made by the functions below.
    explicit Patch(std::shared_ptr<const Operations> operations) : operations_(std::move(operations)) {}

  private:
    std::shared_ptr<const Operations> operations_;
};

// Reads a patch that came with this media type. Errors: Kind::invalid for what is no patch of that form, with the operation's number;
// Kind::too_large for the limits.
base::Result<Patch> parse(const MediaType& type, std::string_view text, const Limits& limits = {});
// The same by what the text is: an array is JSON Patch; a Parameters resource, as JSON or XML, FHIRPath Patch; other XML is XML Patch.
base::Result<Patch> parse_any(std::string_view text, const Limits& limits = {});
// A FHIRPath Patch that is parsed already, as it stands in a Bundle.
base::Result<Patch> parse_parameters(const json::Value& parameters, const Limits& limits = {});

}  // namespace patch
