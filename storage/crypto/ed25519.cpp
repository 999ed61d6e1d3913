#include "storage/crypto/ed25519.hpp"

#include "storage/crypto/openssl.hpp"

namespace crypto {
namespace {

openssl::PrivateOrPublicKey private_key(const Key& seed) {
    openssl::PrivateOrPublicKey key(EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, seed.view().data(), seed.view().size()));
    CHECK(key != nullptr);  // every 32 bytes are a seed
    return key;
}

openssl::DigestContext context() {
    openssl::DigestContext made(EVP_MD_CTX_new());
    CHECK(made != nullptr);
    return made;
}

}  // namespace

Ed25519PublicKey ed25519_public_key(const Key& seed) {
    Ed25519PublicKey out;
    auto length = out.size();
    CHECK(EVP_PKEY_get_raw_public_key(private_key(seed).get(), out.data(), &length) == 1 && length == out.size());
    return out;
}

Ed25519Signature ed25519_sign(const Key& seed, base::ByteView message) {
    const auto key = private_key(seed);
    const auto ctx = context();
    Ed25519Signature out;
    auto length = out.size();
    CHECK(EVP_DigestSignInit_ex(ctx.get(), nullptr, nullptr, nullptr, nullptr, key.get(), nullptr) == 1);
    CHECK(EVP_DigestSign(ctx.get(), out.data(), &length, message.data(), message.size()) == 1 && length == out.size());
    return out;
}

bool ed25519_verify(const Ed25519PublicKey& key, base::ByteView message, base::ByteView signature) {
    if (signature.size() != std::tuple_size_v<Ed25519Signature>) return false;
    const openssl::PrivateOrPublicKey public_key(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, key.data(), key.size()));
    const auto ctx = context();
    const bool ok = public_key != nullptr &&
                    EVP_DigestVerifyInit_ex(ctx.get(), nullptr, nullptr, nullptr, nullptr, public_key.get(), nullptr) == 1 &&
                    EVP_DigestVerify(ctx.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
    if (!ok) ERR_clear_error();
    return ok;
}

}  // namespace crypto
