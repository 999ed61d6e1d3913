// Ed25519 (RFC 8032): signs checkpoints. Keys are the 32-byte raw forms.
#pragma once

#include <array>

#include "storage/base/bytes.hpp"
#include "storage/crypto/secret.hpp"

namespace crypto {

using Ed25519PublicKey = std::array<std::uint8_t, 32>;
using Ed25519Signature = std::array<std::uint8_t, 64>;

Ed25519PublicKey ed25519_public_key(const Key& seed);
Ed25519Signature ed25519_sign(const Key& seed, base::ByteView message);
bool ed25519_verify(const Ed25519PublicKey& key, base::ByteView message, base::ByteView signature);

}  // namespace crypto
