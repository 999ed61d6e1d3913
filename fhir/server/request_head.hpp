// From the bytes of a request head to http::Request, and what the connection must know beside it.
#pragma once

#include "fhir/http/request.hpp"
#include "fhir/server/limits.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace server {

struct Refused {
    int status = 400;
    std::string_view code;  // FHIR issue type
    std::string diagnostics;
};

struct RequestHead {
    http::Request request;  // all but body, remote_address, tls; request_id only when the client gave a valid one
    std::uint64_t content_length = 0;
    bool chunked = false;
    bool expects_continue = false;
    bool keep_alive = true;
    bool http_1_0 = false;
    std::optional<Refused> refused;  // when set the rest is not to be used
};

// Where the head in `bytes` ends (behind the empty line), or 0 when it is not complete. Looks from `from` on; leading
// empty lines are part of it (RFC 9112 section 2.2 lets a client send one).
std::size_t head_end(std::string_view bytes, std::size_t from);

// Parses one whole head as head_end() found it. Refuses what two parties could read differently (request smuggling):
// both lengths, a second Host or Authorization, a transfer coding other than chunked.
RequestHead parse_head(std::string_view head, const Limits& limits);

// 1 to 64 characters of [A-Za-z0-9.-].
bool is_request_id(std::string_view text);

}  // namespace server
