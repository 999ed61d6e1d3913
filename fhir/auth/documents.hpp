// What the server publishes about its tokens. Both list only what is there.
#pragma once

#include "fhir/auth/issuer.hpp"

#include <string>

namespace auth {

// RFC 7517 key set with the local issuer's one public key.
std::string jwks(const Issuer& issuer);

// .well-known/smart-configuration. kedge has no authorize and no token endpoint of its own, so none is named, and the capabilities are
// those of a resource server that enforces scopes. jwks_url: where jwks() is served, empty when it is not.
std::string smart_configuration(const Issuer& issuer, const std::string& jwks_url);

}  // namespace auth
