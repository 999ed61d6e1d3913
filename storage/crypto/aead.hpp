// Authenticated encryption: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce in front and the tag behind.
#pragma once

#include "storage/base/bytes.hpp"
#include "storage/crypto/secret.hpp"

#include <initializer_list>
#include <memory>
#include <string_view>

namespace crypto {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

// nonce(12) || ciphertext || tag(16). `associated` is authenticated and not stored. Thread-safe.
// Error: Kind::fault when OpenSSL or its random source fails.
base::Result<base::Bytes> seal(const Key& key, base::ByteView plaintext, base::ByteView associated);

// As seal() of the parts in a row, appended to `out`; after an error `out` is as it was. Thread-safe.
base::Status seal_onto(base::Bytes& out, const Key& key, std::initializer_list<base::ByteView> plaintext, base::ByteView associated);

// The plaintext, or Kind::corrupt when the key, the associated data or any byte differs; which one is never said.
base::Result<base::Bytes> open(const Key& key, base::ByteView sealed, base::ByteView associated);

// Seals many texts under one key, whose schedule it keeps until it dies: for a writer of its own. Of one thread at a time.
class SealingKey {
  public:
    explicit SealingKey(const Key& key);
    ~SealingKey();
    SealingKey(SealingKey&&) noexcept;
    SealingKey& operator=(SealingKey&&) noexcept;
    // As crypto::seal_onto. Error: Kind::fault.
    base::Status seal_onto(base::Bytes& out, std::initializer_list<base::ByteView> plaintext, base::ByteView associated);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace crypto
