#include "fhir/rest/negotiate.hpp"

#include <array>

#include "fhir/http/media_type.hpp"
#include "fhir/http/query.hpp"

namespace rest {
namespace {

using base::Kind;

constexpr std::array<std::string_view, 3> kOffered{"application/fhir+json", "application/json", "text/json"};

bool is_json_format(std::string_view format) {
    return format == "json" || format == "application/json" || format == "application/fhir+json" || format == "text/json" ||
           format.starts_with("application/fhir+json;") || format.starts_with("application/json;");
}

base::Status check_body(const Attempt& a) {
    const bool has_body = a.request.method == "POST" || a.request.method == "PUT";
    if (!has_body || a.entry_of_bundle) return {};
    const auto text = a.request.header("Content-Type");
    if (text.empty()) return base::fail(Kind::unsupported_media, "Content-Type is missing; send application/fhir+json");
    const auto type = http::parse_media_type(text);
    if (!type) return base::fail(Kind::unsupported_media, "Content-Type does not parse: " + type.error().diagnostics);
    const bool search = a.request.path.ends_with("/_search");
    if (search) {
        if (type->essence() == "application/x-www-form-urlencoded") return {};
        return base::fail(Kind::unsupported_media, "_search takes application/x-www-form-urlencoded, not " + type->essence());
    }
    if (!is_json_format(type->essence())) {
        return base::fail(Kind::unsupported_media, type->essence() + " is not read here; send application/fhir+json");
    }
    const auto* charset = type->parameter("charset");
    if (charset != nullptr && !http::equal_ignoring_case(*charset, "utf-8")) {
        return base::fail(Kind::unsupported_media, "charset " + *charset + " is not read here; FHIR is UTF-8");
    }
    const auto* version = type->parameter("fhirversion");
    if (version != nullptr && *version != "4.0") return base::fail(Kind::unsupported_media, "fhirVersion " + *version + " is not served here; this is 4.0");
    return {};
}

}  // namespace

base::Status negotiate(Attempt& a) {
    if (const auto text = http::joined_header(a.request.headers, "Prefer"); !text.empty()) a.prefer = http::parse_prefer(text);
    std::string format;
    if (!a.request.query.empty()) {
        const auto query = http::parse_query(a.request.query);
        if (!query) return base::pass(query);
        if (const auto* value = http::find_parameter(*query, "_format")) format = *value;
        const auto* pretty = http::find_parameter(*query, "_pretty");
        a.pretty = pretty != nullptr && *pretty == "true";
    }
    if (!format.empty()) {  // R4: _format overrides Accept
        // A '+' that was not escaped arrives as a space.
        for (auto& c : format) c = c == ' ' ? '+' : c;
        if (!is_json_format(format)) return base::fail(Kind::not_acceptable, "_format=" + format.substr(0, 64) + " is not written here; ask for json");
    } else if (const auto accept = http::joined_header(a.request.headers, "Accept"); !accept.empty()) {
        const auto ranges = http::parse_accept(accept);
        if (!ranges) return base::pass(ranges);
        if (!http::negotiate(*ranges, kOffered)) {
            return base::fail(Kind::not_acceptable, "none of the types in Accept is written here; ask for application/fhir+json");
        }
    }
    return check_body(a);
}

}  // namespace rest
