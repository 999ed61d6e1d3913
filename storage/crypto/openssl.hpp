// Shared by the .cpp files of this folder only: contexts that are reused by their thread, and how a failure leaves OpenSSL.
#pragma once

#include "storage/base/error.hpp"

#include <memory>

#include <openssl/err.h>
#include <openssl/evp.h>

namespace crypto::openssl {

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* pointer) const {
        Free(pointer);
    }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using PrivateOrPublicKey = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;

// Making a context costs more than sealing a short text, so each thread keeps one. Whoever uses it must leave no key in it.
inline EVP_CIPHER_CTX* thread_cipher_context() {
    thread_local const CipherContext context(EVP_CIPHER_CTX_new());
    CHECK(context != nullptr);
    return context.get();
}

// A fetch walks the providers under a lock. It is done once a process for each algorithm; the result is never freed, because
// threads may still seal while the process ends.
inline const EVP_CIPHER* fetch_cipher(const char* name) {
    const EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
    CHECK(cipher != nullptr);
    return cipher;
}

// A refused text may or may not leave entries in the thread's error queue (a GCM tag mismatch leaves none). What is left there
// would be taken for an error of its own by the next SSL_get_error on this thread, so every failure path comes through here.
inline tl::unexpected<base::Error> fail(base::Kind kind, const char* diagnostics) {
    ERR_clear_error();
    return base::fail(kind, diagnostics);
}

}  // namespace crypto::openssl
