// What a handler answers, and the shape of a handler.
#pragma once

#include "fhir/http/headers.hpp"
#include "fhir/http/request.hpp"
#include "storage/base/clock.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace http {

struct Response {
    int status = 200;
    Headers headers;   // without Date, Content-Length, Connection and X-Request-Id: the listener writes those
    std::optional<base::TimeUs> modified_us;  // what Last-Modified says in whole seconds
    std::string body;  // moved to the socket, never copied
    // When set it is sent in place of `body`: for bytes that several responses share (a CapabilityStatement, a cache entry).
    std::shared_ptr<const std::string> shared_body;
    // What the answer was made from: let go of by the thread that sends it, which made most of it, not by the one that says it may leave.
    std::shared_ptr<const void> made_from;

    const std::string& bytes() const { return shared_body ? *shared_body : body; }
    void set(std::string name, std::string value) {
        for (auto& [key, old] : headers) {
            if (equal_ignoring_case(key, name)) {
                old = std::move(value);
                return;
            }
        }
        headers.emplace_back(std::move(name), std::move(value));
    }
};

// Gives the answer to one request. May be called from any thread, now or later, once: a second call is ignored and
// logged. When every copy is destroyed without a call the client gets 500, so a lost request never hangs a connection.
using Respond = std::function<void(Response)>;

// Called on an IO thread, which it must not block for long: work of more than about a millisecond belongs to a worker
// that calls Respond later. HEAD arrives as HEAD; answer as for GET, the listener leaves the body out.
using Handler = std::function<void(Request, Respond)>;

}  // namespace http
