#include "fhir/auth/documents.hpp"

#include "storage/base/json.hpp"

namespace auth {

std::string jwks(const Issuer& issuer) {
    const auto& key = issuer.key().public_key();
    json::Object jwk;
    jwk.set("kty", "EC");
    jwk.set("crv", "P-256");
    jwk.set("x", key.x);
    jwk.set("y", key.y);
    jwk.set("alg", "ES256");
    jwk.set("use", "sig");
    jwk.set("kid", key.kid);
    json::Object out;
    out.set("keys", json::Array{json::Value(std::move(jwk))});
    return json::write(json::Value(std::move(out)));
}

std::string smart_configuration(const Issuer& issuer, const std::string& jwks_url) {
    json::Object out;
    out.set("issuer", issuer.name());
    if (!jwks_url.empty()) out.set("jwks_uri", jwks_url);
    out.set("scopes_supported", json::Array{"patient/*.cruds", "user/*.cruds", "system/*.cruds"});
    out.set("capabilities", json::Array{"permission-patient", "permission-user", "permission-v1", "permission-v2"});
    return json::write(json::Value(std::move(out)));
}

}  // namespace auth
