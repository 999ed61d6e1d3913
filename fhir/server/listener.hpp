// The HTTP/1.1 server: sockets, TLS, limits, keep-alive, drain. It knows no FHIR beyond the OperationOutcome it refuses with.
#pragma once

#include "fhir/http/response.hpp"
#include "fhir/server/limits.hpp"
#include "fhir/server/refusal.hpp"
#include "fhir/server/tls.hpp"
#include "storage/base/error.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace server {

struct ListenOptions {
    std::string address = "127.0.0.1";  // IPv4 or IPv6 literal
    std::uint16_t port = 8080;          // 0: any free one, see Listener::port()
    unsigned threads = 0;               // IO threads; 0: one per hardware thread
    std::optional<TlsFiles> tls;        // absent: plain HTTP
    bool behind_proxy = false;          // believe the last X-Forwarded-For entry and X-Forwarded-Proto
    Limits limits;
    Refuse refuse = refusal;
};

struct ListenerStats {
    std::size_t connections = 0;        // open now
    std::uint64_t refused = 0;          // requests answered by the listener itself since start
    std::uint64_t turned_away = 0;      // connections above the limit since start
    std::size_t body_bytes_in_use = 0;  // of Limits::body_budget_bytes
};

// Thread-safe, but drain() and the destructor may not be called from an IO thread (that is: not from a Handler).
class Listener {
  public:
    // Listens and serves when it returns. Also raises the process's soft limit of open files to its hard limit.
    // Errors: Kind::invalid for an address that is no literal or TLS files that do not work; Kind::fault when the port
    // cannot be had (in use, no right), with what to do about it.
    static base::Result<std::unique_ptr<Listener>> start(ListenOptions options, http::Handler handler);
    ~Listener();  // drains

    std::uint16_t port() const;
    // Stops accepting, closes idle connections, lets requests under way finish, cuts off what is left after
    // Limits::drain_timeout_ms. Blocks until then. Answers that come later are dropped. Safe to call twice.
    void drain();
    // Reads the TLS files again for connections to come; on an error the old ones stay. Kind::invalid as start().
    base::Status reload_tls();
    ListenerStats stats() const;

  private:
    class Impl;
    explicit Listener(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace server
