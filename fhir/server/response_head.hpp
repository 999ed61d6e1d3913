// The bytes before a response's body.
#pragma once

#include "fhir/http/response.hpp"

#include <string>
#include <string_view>

namespace server {

struct ResponseFraming {
    std::string_view date;        // IMF-fixdate
    std::string_view request_id;  // echoed unless the handler set X-Request-Id itself
    bool keep_alive = true;
    bool http_1_0 = false;
};

// Appends status line and fields with the empty line to `out`. False, with `out` unchanged, when a field name is no
// token or a value holds CR, LF or NUL: that would let data write headers (response splitting).
bool write_head(const http::Response& response, const ResponseFraming& framing, std::string& out);

// 1xx, 204 and 304 have neither body nor Content-Length (RFC 9110 sections 8.6 and 15).
bool status_forbids_body(int status);

}  // namespace server
