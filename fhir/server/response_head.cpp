#include "fhir/server/response_head.hpp"

#include <algorithm>
#include <charconv>

#include <boost/beast/http/status.hpp>

namespace server {
namespace {

void append_number(std::string& out, std::size_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out.append(digits, end);
}

bool is_safe(const std::pair<std::string, std::string>& field) {
    return http::is_token(field.first) &&
           std::none_of(field.second.begin(), field.second.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

// The listener decides these: a second one from a handler would contradict the bytes that follow.
bool is_ours(std::string_view name) {
    return http::equal_ignoring_case(name, "Content-Length") || http::equal_ignoring_case(name, "Transfer-Encoding") ||
           http::equal_ignoring_case(name, "Connection") || http::equal_ignoring_case(name, "Date");
}

// RFC 9111: no shared cache keeps it, and nobody's own uses it again without asking here, where consent is asked anew and an ETag still
// saves the bytes. For every answer that does not say otherwise.
constexpr std::string_view kAskAgain = "\r\nCache-Control: private, no-cache\r\nVary: Accept, Authorization";

}  // namespace

bool status_forbids_body(int status) {
    return status < 200 || status == 204 || status == 304;
}

bool write_head(const http::Response& response, const ResponseFraming& framing, std::string& out) {
    if (response.status < 100 || response.status > 999) return false;
    if (!std::all_of(response.headers.begin(), response.headers.end(), is_safe)) return false;
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(response.status));
    out += ' ';
    const auto reason = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(static_cast<unsigned>(response.status)));
    out.append(reason.data(), reason.size());
    out += "\r\nDate: ";
    out += framing.date;
    if (http::find_header(response.headers, "Cache-Control") == nullptr) out += kAskAgain;
    bool has_request_id = false;
    for (const auto& [name, value] : response.headers) {
        if (is_ours(name)) continue;
        has_request_id = has_request_id || http::equal_ignoring_case(name, "X-Request-Id");
        out += "\r\n";
        out += name;
        out += ": ";
        out += value;
    }
    if (!has_request_id && !framing.request_id.empty()) {
        out += "\r\nX-Request-Id: ";
        out += framing.request_id;
    }
    if (!status_forbids_body(response.status)) {
        out += "\r\nContent-Length: ";
        append_number(out, response.bytes().size());
    }
    if (!framing.keep_alive) {
        out += "\r\nConnection: close";
    } else if (framing.http_1_0) {
        out += "\r\nConnection: keep-alive";
    }
    out += "\r\n\r\n";
    return true;
}

}  // namespace server
