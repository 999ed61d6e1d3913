// SHA-256, HMAC-SHA-256, HKDF-SHA-256 (RFC 5869). All thread-safe.
#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <string_view>

#include "storage/base/bytes.hpp"
#include "storage/crypto/secret.hpp"

namespace crypto {

base::Digest sha256(base::ByteView data);
base::Digest sha256(std::initializer_list<base::ByteView> parts);  // of the concatenation
// Of all that `next` gives, piece by piece, until an empty one: for files that are not to be held in memory.
base::Digest sha256_of_pieces(const std::function<base::ByteView()>& next);
base::Digest hmac_sha256(base::ByteView key, base::ByteView data);
base::Digest hmac_sha256(base::ByteView key, std::initializer_list<base::ByteView> parts);
// HMAC-SHA-256 of many texts under one key, of which half the work of a short text is done once. Thread-safe.
class HmacKey {
  public:
    explicit HmacKey(base::ByteView key);
    ~HmacKey();
    HmacKey(HmacKey&&) noexcept;
    base::Digest of(std::initializer_list<base::ByteView> parts) const;

  private:
    struct Begun;
    std::unique_ptr<Begun> begun_;
};
// 32 bytes of HKDF-Expand(HKDF-Extract(salt, key), info).
Key hkdf_sha256(const Key& key, base::ByteView salt, std::string_view info);
// The same of a secret that is no Key (RFC 5869 takes any length).
Key hkdf_sha256(base::ByteView secret, base::ByteView salt, std::string_view info);

}  // namespace crypto
