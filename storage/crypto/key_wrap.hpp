// RFC 5649 AES key wrap with padding: how a key rests under another key.
#pragma once

#include "storage/base/bytes.hpp"
#include "storage/crypto/secret.hpp"

namespace crypto {

base::Result<base::Bytes> wrap_key(const Key& wrapping, const Key& wrapped);      // 40 bytes
base::Result<Key> unwrap_key(const Key& wrapping, base::ByteView wrapped_bytes);  // Kind::corrupt when it does not open

}  // namespace crypto
