#include "fhir/auth/authenticator.hpp"

#include "storage/crypto/hash.hpp"

#include <algorithm>
#include <cctype>

namespace auth {
namespace {

auto refuse(Refusal refusal) {
    return tl::unexpected<Refusal>(std::move(refusal));
}

// RFC 9110 section 11.1: the scheme's name ignores case. Empty when the scheme is another.
std::string_view bearer_token(std::string_view authorization) {
    constexpr std::string_view kScheme = "bearer ";
    if (authorization.size() <= kScheme.size()) return {};
    const bool same = std::equal(kScheme.begin(), kScheme.end(), authorization.begin(),
                                 [](char a, char b) { return a == static_cast<char>(std::tolower(static_cast<unsigned char>(b))); });
    if (!same) return {};
    authorization.remove_prefix(kScheme.size());
    while (!authorization.empty() && authorization.front() == ' ') authorization.remove_prefix(1);
    while (!authorization.empty() && authorization.back() == ' ') authorization.remove_suffix(1);
    return authorization;
}

}  // namespace

Authenticated Authenticator::authenticate(std::string_view authorization) {
    const auto token = bearer_token(authorization);
    if (token.empty()) return refuse(no_credentials());
    if (token.size() > kMaxTokenBytes)
        return refuse(invalid_token("the token is longer than the limit of " + std::to_string(kMaxTokenBytes) + " bytes"));
    const auto now = clock_.now_us();
    const auto digest = crypto::sha256(base::as_bytes(token));
    if (auto known = cache_.find(digest, now)) return known;
    const auto generation = cache_.generation();
    auto verified = verify(token, now);
    if (verified) cache_.put(digest, *verified, generation, now);
    return verified;
}

Authenticated Authenticator::verify(std::string_view token, base::TimeUs now) const {
    const auto payload = issuer_.key().verify(token);
    if (!payload) return refuse(invalid_token(payload.error().diagnostics));
    auto claims = read_claims(*payload);
    if (!claims) return refuse(invalid_token(claims.error().diagnostics));
    const auto& jti = claims->caller.token_id;
    if (claims->issuer != issuer_.name()) return refuse(invalid_token("the token is from another issuer", "login", jti));
    if (claims->audience != issuer_.audience()) return refuse(invalid_token("the token is meant for another server", "login", jti));
    const auto now_s = now / 1'000'000, skew_s = kClockSkewUs / 1'000'000;
    if (claims->expires_s + skew_s <= now_s) return refuse(invalid_token("the token has expired", "expired", jti));
    if (claims->not_before_s > now_s + skew_s || claims->issued_s > now_s + skew_s)
        return refuse(invalid_token("the token is not valid yet", "login", jti));
    if (claims->expires_s - claims->issued_s > kMaxTtlSeconds)
        return refuse(invalid_token("the token lives longer than this server allows", "login", jti));
    if (revoked_.contains(jti)) return refuse(invalid_token("the token was revoked", "login", jti));
    return std::make_shared<const Caller>(std::move(claims->caller));
}

base::Status Authenticator::revoke(std::string_view jti) {
    // The list first: whoever verifies this token from here on sees it there; then the cache, which holds those who did before.
    const auto added = revoked_.add(jti, clock_.now_us() + kMaxTtlSeconds * 1'000'000 + 2 * kClockSkewUs);
    cache_.remove(jti);
    return added;
}

}  // namespace auth
