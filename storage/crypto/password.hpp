// Keys from passwords, and the stream cipher that password-protected key files use (Ethereum's V3 key stores). For such files only: what
// kedge itself seals is sealed by aead.hpp.
#pragma once

#include <cstdint>

#include "storage/base/bytes.hpp"

namespace crypto {

// RFC 7914. Errors: Kind::too_large when 128 * n * r bytes are more than `most_bytes` of memory, or p is above 64; Kind::invalid when n is no
// power of two above 1, or not below 2^(16 r), or r or p is zero.
base::Result<base::Bytes> scrypt(base::ByteView password, base::ByteView salt, std::uint64_t n, std::uint64_t r, std::uint64_t p,
                                 std::size_t length, std::uint64_t most_bytes = std::uint64_t{512} << 20);

// RFC 8018 with HMAC-SHA-256. Errors: Kind::invalid when iterations is zero; Kind::too_large above 10,000,000.
base::Result<base::Bytes> pbkdf2_sha256(base::ByteView password, base::ByteView salt, std::uint64_t iterations, std::size_t length);

// NIST SP 800-38A. Not authenticated: the caller checks a MAC first. CHECK: a key and an initial counter of 16 bytes each.
base::Bytes aes_128_ctr(base::ByteView key, base::ByteView counter, base::ByteView text);

}  // namespace crypto
