// One connection of `kedge load` to a FHIR server.
#pragma once

#include "storage/base/error.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace server {

struct ClientOptions {
    std::string url;      // http(s)://host[:port]/path without a slash at the end
    std::string token;    // bearer; empty: none
    std::string ca_file;  // PEM; empty: the system's authorities
    int timeout_s = 120;  // for connecting, and for each answer
};

struct Answer {
    int status = 0;
    std::string body;
    std::optional<int> retry_after_s;  // Retry-After in seconds; its date form is left out
};

// For one thread; keeps its connection open between requests.
class LoadClient {
  public:
    // Error: Kind::invalid for a URL or CA file that cannot be used.
    static base::Result<std::unique_ptr<LoadClient>> make(const ClientOptions& options);
    virtual ~LoadClient() = default;

    // Sends a FHIR JSON body to url + path. The certificate and its host name are always verified.
    // Errors: Kind::unavailable when the request certainly did not arrive whole; Kind::fault when it was sent but no
    // answer came, so that nobody knows what the server did.
    virtual base::Result<Answer> send(std::string_view method, std::string_view path, std::string_view body) = 0;
};

}  // namespace server
