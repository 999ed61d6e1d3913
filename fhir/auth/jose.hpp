// Compact JWS with ES256 and nothing else: one algorithm per key, fixed before a byte of a token is read (RFC 8725 section 3.1).
// The only file whose source sees cjose.
#pragma once

#include "storage/base/error.hpp"
#include "storage/crypto/secret.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace auth {

// The public half, as a JWK writes it (RFC 7518 section 6.2.1): base64url coordinates of a P-256 point.
struct PublicKey {
    std::string x, y;
    std::string kid;  // RFC 7638 thumbprint
};

// A P-256 key pair. Immutable after derive(); sign and verify may be called from many threads.
class SigningKey {
  public:
    // The same seed yields the same key, so that nothing but the seed needs to be kept. Error: Kind::fault when OpenSSL refuses.
    static base::Result<SigningKey> derive(const crypto::Key& seed);

    const PublicKey& public_key() const { return public_key_; }
    // header.payload.signature. Error: Kind::fault.
    base::Result<std::string> sign(std::string_view payload) const;
    // The payload's bytes. The header must say exactly alg ES256, this key's kid when it names one, typ JWT or at+jwt when it names
    // one, and no crit. Error: Kind::unauthenticated, without saying more than that to a stranger.
    base::Result<std::string> verify(std::string_view token) const;

  private:
    SigningKey() = default;
    std::shared_ptr<struct JoseKey> key_;
    PublicKey public_key_;
};

}  // namespace auth
