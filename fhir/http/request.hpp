// What the rest of kedge sees of an HTTP request. No library type in it: rest and its tests build one by hand.
#pragma once

#include "fhir/http/headers.hpp"

#include <string>
#include <string_view>

namespace http {

struct Request {
    std::string method;          // as sent, upper case for all standard methods: "GET"
    std::string target;          // origin-form as sent: "/fhir/Patient?name=a%20b"; "*" for OPTIONS *
    std::string path;            // target up to '?', still percent-encoded: split at '/' first, then decode each segment
    std::string query;           // after '?', still encoded: parse_query()
    Headers headers;             // as sent; Host, Authorization and Content-Type stand at most once (the listener refuses more)
    std::string body;            // decoded from chunks; whole, at most Limits::body_bytes
    std::string remote_address;  // IPv4 or IPv6 text without port; behind a proxy the last X-Forwarded-For entry
    bool tls = false;            // this connection, or what the trusted proxy says in X-Forwarded-Proto
    std::string request_id;      // X-Request-Id when the client sent a valid one, else made by the listener. Never empty

    // The first field of this name, case-insensitive; empty when absent. Valid until headers change.
    std::string_view header(std::string_view name) const {
        const auto* value = find_header(headers, name);
        return value ? std::string_view(*value) : std::string_view();
    }
    bool has_header(std::string_view name) const { return find_header(headers, name) != nullptr; }
};

}  // namespace http
