// kedge's local issuer: signs access tokens for development, demos and tests (`kedge token`), with a key derived from the server's key
// ring. It is no authorization server: there is no login and no authorize endpoint.
#pragma once

#include "fhir/auth/claims.hpp"
#include "fhir/auth/jose.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace auth {

struct TokenRequest {
    consent::Role role = consent::Role::patient;
    std::string subject;                // "Practitioner/7"; must fit the role
    std::string organization;           // "Organization/1" or empty
    std::vector<std::string> purposes;  // v3-ActReason codes
    std::vector<std::string> also;      // further references of the same actor
    bool scoped = false;                // false: no scope claim, the role alone bounds
    std::vector<std::string> scopes;
    std::string name;
    std::string client_id = "local";
    std::int64_t ttl_s = 3600;  // 1 second to kMaxTtlSeconds
};

// Longest life of a token, in seconds: a day. A revocation need not be remembered longer.
constexpr std::int64_t kMaxTtlSeconds = 24 * 3600;

// Thread-safe. The clock must outlive it.
class Issuer {
  public:
    // seed: store::KeyRing::derived("token"). name: the iss claim, kedge's own base URL or a fixed name; audience: the aud claim.
    // Error: Kind::fault.
    static base::Result<Issuer> make(const crypto::Key& seed, std::string name, std::string audience, const base::Clock& clock);

    // Error: Kind::invalid when the subject does not fit the role, the organization is no reference, or the ttl is out of range.
    base::Result<std::string> issue(const TokenRequest& request) const;

    const SigningKey& key() const { return key_; }
    const std::string& name() const { return name_; }
    const std::string& audience() const { return audience_; }

  private:
    Issuer(SigningKey key, std::string name, std::string audience, const base::Clock& clock)
        : key_(std::move(key)), name_(std::move(name)), audience_(std::move(audience)), clock_(&clock) {}

    SigningKey key_;
    std::string name_, audience_;
    const base::Clock* clock_;
};

}  // namespace auth
