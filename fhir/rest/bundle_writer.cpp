#include "fhir/rest/bundle_writer.hpp"

#include "fhir/http/etag.hpp"
#include "storage/base/json.hpp"
#include "storage/crypto/random.hpp"

namespace rest {
namespace {

void quoted(std::string& out, std::string_view text) {
    json::write(json::Value(text), out);
}
void member(std::string& out, std::string_view name, std::string_view text) {
    if (out.back() != '{') out += ',';
    out += '"';
    out += name;
    out += "\":";
    quoted(out, text);
}
void raw_member(std::string& out, std::string_view name, std::string_view json) {
    if (out.back() != '{') out += ',';
    out += '"';
    out += name;
    out += "\":";
    out += json;
}

}  // namespace

std::string status_line(int status) {
    switch (status) {
        case 200: return "200 OK";
        case 201: return "201 Created";
        case 204: return "204 No Content";
        case 304: return "304 Not Modified";
        case 400: return "400 Bad Request";
        case 401: return "401 Unauthorized";
        case 403: return "403 Forbidden";
        case 404: return "404 Not Found";
        case 405: return "405 Method Not Allowed";
        case 409: return "409 Conflict";
        case 410: return "410 Gone";
        case 412: return "412 Precondition Failed";
        case 422: return "422 Unprocessable Entity";
        default: return std::to_string(status);
    }
}

BundleWriter::BundleWriter(std::string_view type, base::TimeUs now) {
    head_ = R"({"resourceType":"Bundle","id":")" + crypto::random_uuid() + R"(","meta":{"lastUpdated":")" + base::format_instant(now) + R"("},"type":")";
    head_ += type;
    head_ += '"';
}

void BundleWriter::total(std::uint64_t n) {
    head_ += R"(,"total":)" + std::to_string(n);
}

void BundleWriter::link(std::string_view relation, std::string_view url) {
    links_ += links_.empty() ? "{" : ",{";
    member(links_, "relation", relation);
    member(links_, "url", url);
    links_ += '}';
}

void BundleWriter::entry(const Entry& e) {
    entries_ += entries_.empty() ? "{" : ",{";
    if (!e.extension.empty()) raw_member(entries_, "extension", e.extension);
    if (!e.full_url.empty()) member(entries_, "fullUrl", e.full_url);
    if (!e.resource.empty()) raw_member(entries_, "resource", e.resource);
    if (!e.search_mode.empty()) {
        raw_member(entries_, "search", "{");
        member(entries_, "mode", e.search_mode);
        entries_ += '}';
    }
    if (!e.method.empty()) {
        raw_member(entries_, "request", "{");
        member(entries_, "method", e.method);
        member(entries_, "url", e.url);
        entries_ += '}';
    }
    if (e.response) {
        raw_member(entries_, "response", "{");
        member(entries_, "status", status_line(e.response->status));
        if (!e.response->location.empty()) member(entries_, "location", e.response->location);
        if (e.response->version) member(entries_, "etag", http::write_etag(std::to_string(*e.response->version)));
        if (e.response->updated_us) member(entries_, "lastModified", base::format_instant(*e.response->updated_us));
        if (!e.response->outcome.empty()) raw_member(entries_, "outcome", e.response->outcome);
        entries_ += '}';
    }
    entries_ += '}';
}

std::string BundleWriter::take() {
    auto out = std::move(head_);
    if (!links_.empty()) out += ",\"link\":[" + links_ + ']';
    if (!entries_.empty()) out += ",\"entry\":[" + entries_ + ']';
    out += '}';
    return out;
}

}  // namespace rest
