// From an Authorization header to a Caller, or a Refusal. Nothing else in kedge reads a token.
#pragma once

#include "fhir/auth/issuer.hpp"
#include "fhir/auth/refusal.hpp"
#include "fhir/auth/revocation.hpp"
#include "fhir/auth/token_cache.hpp"

#include <string>
#include <string_view>

namespace auth {

constexpr std::size_t kMaxTokenBytes = 8192;          // of the token; the listener bounds the header as a whole
constexpr base::TimeUs kClockSkewUs = 5 * 1'000'000;  // between issuer and server, for exp, nbf and iat
constexpr std::size_t kMaxCachedTokens = 16 * 1024;

using Authenticated = tl::expected<CallerPtr, Refusal>;

// Thread-safe. The issuer and the clock must outlive it.
class Authenticator {
  public:
    Authenticator(const Issuer& issuer, RevocationList revoked, const base::Clock& clock)
        : issuer_(issuer), revoked_(std::move(revoked)), clock_(clock), cache_(kMaxCachedTokens) {}

    // `authorization`: the header's value, empty when there is none. Bearer alone. A token that was seen before costs one SHA-256.
    // Always refuses with WWW-Authenticate: no header; another scheme; longer than kMaxTokenBytes; not ES256 by our key; iss or aud
    // not ours; expired or not yet valid; longer-lived than kMaxTtlSeconds; revoked; claims that are not understood.
    Authenticated authenticate(std::string_view authorization);

    // The token with this jti is refused from now on, here and after a restart. Errors as RevocationList::add.
    base::Status revoke(std::string_view jti);

    std::size_t cached() const { return cache_.size(); }

  private:
    Authenticated verify(std::string_view token, base::TimeUs now) const;

    const Issuer& issuer_;
    RevocationList revoked_;
    const base::Clock& clock_;
    TokenCache cache_;
};

}  // namespace auth
