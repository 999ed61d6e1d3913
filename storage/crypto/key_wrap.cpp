#include "storage/crypto/key_wrap.hpp"

#include "storage/crypto/openssl.hpp"

namespace crypto {
namespace {

using base::Kind;

constexpr std::size_t kWrappedBytes = Key::kBytes + 8;  // RFC 5649 section 3: the 64-bit alternative initial value stands in front

const EVP_CIPHER* aes_256_wrap_pad() {
    static const EVP_CIPHER* const cipher = openssl::fetch_cipher("AES-256-WRAP-PAD");
    return cipher;
}

// A context of its own: wrapping is rare, and EVP lets wrap modes be used only on a context that carries a flag.
openssl::CipherContext context() {
    openssl::CipherContext made(EVP_CIPHER_CTX_new());
    CHECK(made != nullptr);
    EVP_CIPHER_CTX_set_flags(made.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    return made;
}

}  // namespace

base::Result<base::Bytes> wrap_key(const Key& wrapping, const Key& wrapped) {
    const auto ctx = context();
    base::Bytes out(kWrappedBytes + 8);  // EVP may ask for a block more than it fills
    int written = 0, rest = 0;
    const bool ok = EVP_EncryptInit_ex2(ctx.get(), aes_256_wrap_pad(), wrapping.view().data(), nullptr, nullptr) == 1 &&
                    EVP_EncryptUpdate(ctx.get(), out.data(), &written, wrapped.view().data(), static_cast<int>(Key::kBytes)) == 1 &&
                    static_cast<std::size_t>(written) == kWrappedBytes &&
                    EVP_EncryptFinal_ex(ctx.get(), out.data() + written, &rest) == 1 && rest == 0;
    if (!ok) return openssl::fail(Kind::fault, "key wrapping failed inside OpenSSL");
    out.resize(kWrappedBytes);
    return out;
}

base::Result<Key> unwrap_key(const Key& wrapping, base::ByteView wrapped_bytes) {
    constexpr const char* kRefused = "a wrapped key does not open";
    if (wrapped_bytes.size() != kWrappedBytes) return base::fail(Kind::corrupt, kRefused);
    const auto ctx = context();
    std::array<std::uint8_t, kWrappedBytes + 8> out{};
    int written = 0, rest = 0;
    const bool ok = EVP_DecryptInit_ex2(ctx.get(), aes_256_wrap_pad(), wrapping.view().data(), nullptr, nullptr) == 1 &&
                    EVP_DecryptUpdate(ctx.get(), out.data(), &written, wrapped_bytes.data(), static_cast<int>(wrapped_bytes.size())) == 1 &&
                    static_cast<std::size_t>(written) == Key::kBytes && EVP_DecryptFinal_ex(ctx.get(), out.data() + written, &rest) == 1 &&
                    rest == 0;
    if (!ok) {
        base::wipe(out);
        return openssl::fail(Kind::corrupt, kRefused);
    }
    Key key(base::ByteView(out).first(Key::kBytes));
    base::wipe(out);
    return key;
}

}  // namespace crypto
