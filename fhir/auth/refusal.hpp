// A request that was not let in, with the header that says so: WWW-Authenticate as in RFC 6750 section 3.
#pragma once

#include "storage/base/error.hpp"

#include <string>
#include <string_view>

namespace auth {

struct Refusal {
    base::Error error;  // Kind::unauthenticated, or forbidden for insufficient_scope; issue is FHIR's login, expired or forbidden
    std::string www_authenticate;  // the header's value
    std::string token_id;          // jti when the signature held and something else did not, for the audit; else empty
};

// No credentials at all: the challenge carries no error code (RFC 6750 section 3.1).
Refusal no_credentials();
// error="invalid_token". `description` has no quotes and no personal data. `issue`: "login" or "expired".
Refusal invalid_token(std::string_view description, std::string_view issue = "login", std::string token_id = {});
// error="insufficient_scope" with the scope that would do, for example "patient/Observation.r".
Refusal insufficient_scope(std::string_view needed);

}  // namespace auth
