// Who sends a request, as a verified token says. What the caller may see is not decided here but by consent/decide; a token can only
// narrow that, by its scopes.
#pragma once

#include "consent/decide/decide.hpp"
#include "storage/base/clock.hpp"

#include <memory>
#include <string>
#include <vector>

namespace auth {

struct Caller {
    consent::Requester requester;
    std::string token_id;             // jti: stands in the audit event, so that a token's whole use can be found
    std::string client_id;            // the application; "local" for a development token
    std::string name;                 // for people, in the audit event; may be empty
    bool scoped = false;              // the token carries a scope claim: scopes bound what it may do. False: the role alone does
    std::vector<std::string> scopes;  // as written in the token
    base::TimeUs expires_us = 0;
};

// Shared by every request that sends the same token, so that a request copies nothing. Immutable.
using CallerPtr = std::shared_ptr<const Caller>;

}  // namespace auth
