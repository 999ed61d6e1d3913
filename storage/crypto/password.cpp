#include "storage/crypto/password.hpp"

#include "storage/crypto/openssl.hpp"

#include <climits>

namespace crypto {
namespace {

using base::Kind;

const char* chars(base::ByteView bytes) {
    return reinterpret_cast<const char*>(bytes.data());
}

const EVP_CIPHER* aes_ctr() {
    static const EVP_CIPHER* const cipher = openssl::fetch_cipher("AES-128-CTR");
    return cipher;
}

}  // namespace

base::Result<base::Bytes> scrypt(base::ByteView password, base::ByteView salt, std::uint64_t n, std::uint64_t r, std::uint64_t p,
                                 std::size_t length, std::uint64_t most_bytes) {
    if (n < 2 || (n & (n - 1)) != 0 || r == 0 || p == 0) return base::fail(Kind::invalid, "scrypt takes a power of two as n, and r and p above zero");
    if (r < 4 && n >= std::uint64_t{1} << (16 * r)) return base::fail(Kind::invalid, "scrypt's n must be below 2 to the power of 16 r (RFC 7914 section 6)");
    // Divided, so that no product overflows.
    if (p > 64 || r > most_bytes / 128 || n > most_bytes / 128 / r)
        return base::fail(Kind::too_large, "scrypt would take more than " + std::to_string(most_bytes >> 20) + " MiB, or p is above 64");
    base::Bytes out(length);
    // OpenSSL counts some blocks more than 128 * n * r.
    if (EVP_PBE_scrypt(chars(password), password.size(), salt.data(), salt.size(), n, r, p, 2 * most_bytes, out.data(), out.size()) != 1)
        return openssl::fail(Kind::fault, "scrypt failed inside OpenSSL");
    return out;
}

base::Result<base::Bytes> pbkdf2_sha256(base::ByteView password, base::ByteView salt, std::uint64_t iterations, std::size_t length) {
    if (iterations == 0) return base::fail(Kind::invalid, "PBKDF2 takes at least one iteration");
    if (iterations > 10'000'000 || password.size() > INT_MAX || salt.size() > INT_MAX)
        return base::fail(Kind::too_large, "PBKDF2 takes at most 10000000 iterations here");
    base::Bytes out(length);
    if (PKCS5_PBKDF2_HMAC(chars(password), static_cast<int>(password.size()), salt.data(), static_cast<int>(salt.size()),
                          static_cast<int>(iterations), EVP_sha256(), static_cast<int>(length), out.data()) != 1)
        return openssl::fail(Kind::fault, "PBKDF2 failed inside OpenSSL");
    return out;
}

base::Bytes aes_128_ctr(base::ByteView key, base::ByteView counter, base::ByteView text) {
    CHECK(key.size() == 16 && counter.size() == 16 && text.size() <= INT_MAX);
    base::Bytes out(text.size());
    auto* const context = openssl::thread_cipher_context();
    int written = 0;
    const bool ok = EVP_EncryptInit_ex2(context, aes_ctr(), key.data(), counter.data(), nullptr) == 1 &&
                    EVP_EncryptUpdate(context, out.data(), &written, text.data(), static_cast<int>(text.size())) == 1;
    EVP_CIPHER_CTX_reset(context);  // the thread's context keeps no key
    CHECK(ok && static_cast<std::size_t>(written) == text.size());
    return out;
}

}  // namespace crypto
