// Authenticated encryption: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce in front and the tag behind.
#pragma once

#include <string_view>

#include "storage/base/bytes.hpp"
#include "storage/crypto/secret.hpp"

namespace crypto {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

// nonce(12) || ciphertext || tag(16). `associated` is authenticated and not stored. Thread-safe.
// Error: Kind::fault when OpenSSL or its random source fails.
base::Result<base::Bytes> seal(const Key& key, base::ByteView plaintext, base::ByteView associated);

// The plaintext, or Kind::corrupt when the key, the associated data or any byte differs; which one is never said.
base::Result<base::Bytes> open(const Key& key, base::ByteView sealed, base::ByteView associated);

}  // namespace crypto
