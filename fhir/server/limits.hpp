// Everything a client can make large or slow, and where it ends. Each answer is an OperationOutcome that
// names the limit. Defaults suit a hospital's server with 2 GiB of memory or more.
#pragma once

#include <cstddef>

namespace server {

struct Limits {
    std::size_t header_bytes = 16u << 10;        // request line and fields together -> 431
    std::size_t header_fields = 100;             // -> 431
    std::size_t body_bytes = 64u << 20;          // of one request, after chunks are decoded -> 413
    std::size_t body_budget_bytes = 512u << 20;  // of all requests under way together -> 503 with Retry-After
    std::size_t connections = 4096;              // open at once; the next is told 503 and closed
    std::size_t linger_bytes = 256u << 20;       // read over after a refusal: a client that sends all before it reads gets to see it; then cut off
    int header_timeout_ms = 10'000;              // first byte (or accept, or TLS start) to the end of the header -> 408
    int body_timeout_ms = 120'000;               // end of the header to the end of the body -> 408
    int idle_timeout_ms = 60'000;                // between two requests of one connection: closed without a word
    int write_timeout_ms = 30'000;               // without the client taking a byte of the response: closed
    int linger_timeout_ms = 2'000;               // the same in time
    int drain_timeout_ms = 10'000;               // on stop: what is still in flight then is cut off
};

}  // namespace server
