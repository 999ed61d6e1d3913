// A client of Ethereum nodes: JSON-RPC 2.0 over HTTP or HTTPS, several endpoints, one of them at a time. The one place that uses
// cpprestsdk, and a library of its own (anchoring::ethereum_rpc), so that what only signs or verifies links no HTTP.
#pragma once

#include "storage/base/bytes.hpp"
#include "storage/base/json.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ethereum {

struct RpcOptions {
    std::vector<std::string> urls;                             // http:// or https://; the first that answers is kept until it fails
    std::vector<std::pair<std::string, std::string>> headers;  // for example Authorization; sent to every endpoint, never logged
    int timeout_ms = 5000;                                     // of one attempt, and again of its body
    int attempts = 3;                                          // in all; each endpoint is tried at least once
    std::string ca_file;                                       // PEM: authorities that https trusts besides the system's
    std::size_t max_answer_bytes = 32u << 20;
    // When given, an endpoint is asked for its chain id before it is used, and again after each failure: an endpoint that moved to
    // another chain, or a load balancer with one wrong node behind it, must not be believed.
    std::optional<std::uint64_t> chain_id;
};

// What a node says when it understood the question and will not do it.
struct RpcError {
    std::int64_t code = 0;
    std::string message;
    json::Value data;  // null when there is none; of a revert: the revert data in hex, or an object with it (Nethermind, older geth)
};

// An answer: either a result (which may be null) or an error object.
struct RpcReply {
    json::Value result;
    std::optional<RpcError> error;
};

// Thread-safe.
class RpcClient {
  public:
    // Asks nobody yet. Errors: Kind::invalid when there is no URL, or one does not parse or is neither http nor https, or ca_file is
    // not there.
    static base::Result<std::unique_ptr<RpcClient>> open(RpcOptions options);
    ~RpcClient();

    // Blocks, at the longest for every attempt's timeout and the waits between them. A connection that was kept from an earlier question and is
    // found closed is no failed attempt: the question goes over a new one, at once. An error object is a value here. Errors:
    // Kind::unavailable when no endpoint gave a whole JSON-RPC answer (no connection, timeout, 429, 5xx, malformed, another id): ask
    // again later; Kind::too_large when the answer is longer than max_answer_bytes: ask for less; Kind::corrupt when an endpoint is on
    // another chain than options.chain_id and no other one answers.
    base::Result<RpcReply> ask(std::string_view method, json::Array params);
    // As ask(); an error object is Kind::unprocessable, with code and message in the diagnostics.
    base::Result<json::Value> call(std::string_view method, json::Array params);

    // Scheme, host and port of the endpoint in use: paths and user parts often hold the provider's key, so no message shows them.
    std::string endpoint() const;
    // When a whole answer came last, in microseconds since 1970; 0: never.
    std::int64_t last_answer_us() const;

  private:
    struct Impl;
    explicit RpcClient(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace ethereum
