#include "fhir/rest/negotiate.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "fhir/http/media_type.hpp"
#include "fhir/http/query.hpp"
#include "fhir/rest/patching.hpp"
#include "storage/base/encoding.hpp"

namespace rest {
namespace {

using base::Kind;

// The server's own preference first.
constexpr std::array<std::string_view, 6> kOffered{"application/fhir+json", "application/json", "text/json", "application/fhir+xml", "application/xml", "text/xml"};
constexpr std::size_t kFirstXml = 3;

std::optional<Format> format_of(std::string_view essence) {
    for (std::size_t i = 0; i < kOffered.size(); ++i) {
        if (essence == kOffered[i]) return i < kFirstXml ? Format::json : Format::xml;
    }
    return std::nullopt;
}

bool is_search_post(const Attempt& a) {
    return a.request.method == "POST" && a.request.path.ends_with("/_search");
}

// RFC 9110 section 8.4. A bundle's entries have no headers of their own.
base::Status check_coding(const Attempt& a) {
    const auto coding = http::joined_header(a.request.headers, "Content-Encoding");
    if (coding.empty() || http::equal_ignoring_case(coding, "identity")) return {};
    return base::fail(Kind::unsupported_media, "Content-Encoding: " + std::string(base::utf8_prefix(coding, 64)) + " is not read here; send the body as it is");
}

base::Status check_body(Attempt& a) {
    const bool has_body = a.request.method == "POST" || a.request.method == "PUT" || a.request.method == "PATCH";
    if (!has_body) return {};
    if (auto plain = check_coding(a); !plain) return plain;
    if (a.request.method == "PATCH") {
        const auto type = patch_media_type(a.request.header("Content-Type"));
        if (!type) return base::pass(type);
        a.body_format = (*type)->xml ? Format::xml : Format::json;
        return {};
    }
    if (a.entry_of_bundle) return {};
    const auto text = a.request.header("Content-Type");
    if (a.request.body.empty() && !a.request.has_header("Content-Type")) return {};  // nothing to read: an operation's parameters may all stand in the URL
    if (text.empty()) return base::fail(Kind::unsupported_media, "Content-Type is missing; send application/fhir+json or application/fhir+xml");
    const auto type = http::parse_media_type(text);
    if (!type) return base::fail(Kind::unsupported_media, "Content-Type does not parse: " + type.error().diagnostics);
    if (is_search_post(a)) {
        if (type->essence() == "application/x-www-form-urlencoded") return {};
        return base::fail(Kind::unsupported_media, "_search takes application/x-www-form-urlencoded, not " + type->essence());
    }
    const auto format = format_of(type->essence());
    if (!format) {
        return base::fail(Kind::unsupported_media, type->essence() + " is not read here; send application/fhir+json or application/fhir+xml");
    }
    a.body_format = *format;
    const auto* charset = type->parameter("charset");
    if (charset != nullptr && !http::equal_ignoring_case(*charset, "utf-8")) {
        return base::fail(Kind::unsupported_media, "charset " + *charset + " is not read here; FHIR is UTF-8");
    }
    const auto* version = type->parameter("fhirversion");
    if (version != nullptr && *version != "4.0") return base::fail(Kind::unsupported_media, "fhirVersion " + *version + " is not served here; this is 4.0");
    return {};
}

// _format and _pretty of the URL, and of a search's form.
base::Status read_parameters(Attempt& a) {
    const auto shapes = [](const std::string& body) { return body.find("_format") != std::string::npos || body.find("_pretty") != std::string::npos; };
    const std::string_view form = is_search_post(a) && shapes(a.request.body) ? std::string_view(a.request.body) : std::string_view();
    for (const auto text : {std::string_view(a.request.query), form}) {
        if (text.empty()) continue;
        const auto query = http::parse_query(text);
        if (!query) return base::pass(query);
        if (const auto* value = http::find_parameter(*query, "_format"); value != nullptr && a.format.empty()) a.format = *value;
        const auto* pretty = http::find_parameter(*query, "_pretty");
        a.pretty = a.pretty || (pretty != nullptr && *pretty == "true");
    }
    return {};
}

// Is the type that would stand in Content-Type named with q=0? Then its other names are no way around that.
bool refuses(std::span<const http::AcceptRange> ranges, std::string_view type) {
    const bool named = std::any_of(ranges.begin(), ranges.end(), [&](const http::AcceptRange& range) { return range.range.essence() == type; });
    return named && !http::negotiate(ranges, {&type, 1});
}

base::Status choose_format(Attempt& a) {
    if (auto read = read_parameters(a); !read) return read;
    auto& format = a.format;
    if (!format.empty()) {  // R4: _format overrides Accept
        // A '+' that was not escaped arrives as a space.
        for (auto& c : format) c = c == ' ' ? '+' : c;
        const auto essence = std::string_view(format).substr(0, format.find(';'));
        const auto named = essence == "json" ? Format::json : essence == "xml" ? Format::xml : format_of(essence);
        if (!named) {
            return base::fail(Kind::not_acceptable, "_format=" + std::string(base::utf8_prefix(format, 64)) + " is not written here; ask for json or xml");
        }
        a.answer_format = *named;
        return {};
    }
    const auto accept = http::joined_header(a.request.headers, "Accept");
    if (accept.empty()) return {};
    const auto ranges = http::parse_accept(accept);
    if (!ranges) return base::pass(ranges);
    const bool no_json = refuses(*ranges, kOffered.front()), no_xml = refuses(*ranges, kOffered[kFirstXml]);
    const std::size_t first = no_json ? kFirstXml : 0, last = no_xml ? kFirstXml : kOffered.size();
    auto chosen = first < last ? http::negotiate(*ranges, std::span(kOffered).subspan(first, last - first)) : std::nullopt;
    if (!chosen) return base::fail(Kind::not_acceptable, "none of the types in Accept is written here; ask for application/fhir+json or application/fhir+xml");
    a.answer_format = first + *chosen < kFirstXml ? Format::json : Format::xml;
    return {};
}

}  // namespace

base::Status negotiate(Attempt& a) {
    if (const auto text = http::joined_header(a.request.headers, "Prefer"); !text.empty()) a.prefer = http::parse_prefer(text);
    if (!a.entry_of_bundle) {
        if (auto chosen = choose_format(a); !chosen) return chosen;
    }
    return check_body(a);
}

}  // namespace rest
