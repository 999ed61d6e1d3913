#include "fhir/auth/issuer.hpp"

#include "storage/crypto/random.hpp"

namespace auth {

base::Result<Issuer> Issuer::make(const crypto::Key& seed, std::string name, std::string audience, const base::Clock& clock) {
    auto key = SigningKey::derive(seed);
    if (!key) return base::pass(key);
    return Issuer(std::move(*key), std::move(name), std::move(audience), clock);
}

base::Result<std::string> Issuer::issue(const TokenRequest& request) const {
    if (const auto fits = check_subject(request.role, request.subject); !fits) return base::pass(fits);
    if (request.ttl_s < 1 || request.ttl_s > kMaxTtlSeconds) {
        return base::fail(base::Kind::invalid, "a token lives from 1 second to " + std::to_string(kMaxTtlSeconds) + " seconds");
    }
    Claims claims;
    claims.issuer = name_;
    claims.audience = audience_;
    claims.issued_s = clock_->now_us() / 1'000'000;
    claims.not_before_s = claims.issued_s;
    claims.expires_s = claims.issued_s + request.ttl_s;
    claims.caller = Caller{{request.role, request.subject, request.organization, request.also, request.purposes},
                           crypto::random_uuid(),
                           request.client_id,
                           request.name,
                           request.scoped,
                           request.scopes,
                           claims.expires_s * 1'000'000};
    const auto payload = write_claims(claims);
    // What is issued must be what is accepted: an organization that is no reference, say, is refused here and not at the first request.
    if (const auto read_back = read_claims(payload); !read_back) return base::fail(base::Kind::invalid, read_back.error().diagnostics);
    return key_.sign(payload);
}

}  // namespace auth
