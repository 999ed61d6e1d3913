#include "storage/crypto/aead.hpp"

#include "storage/crypto/openssl.hpp"
#include "storage/crypto/random.hpp"

#include <algorithm>

#include <sodium.h>

namespace crypto {
namespace {

using base::Kind;

constexpr std::size_t kOverhead = kNonceBytes + kTagBytes;

const EVP_CIPHER* aes_256_gcm() {
    static const EVP_CIPHER* const cipher = openssl::fetch_cipher("AES-256-GCM");
    return cipher;
}

// Feeds any length: EVP counts in int. `out` null: associated data.
bool update(EVP_CIPHER_CTX* context, std::uint8_t* out, base::ByteView in) {
    while (!in.empty()) {
        const auto part = std::min<std::size_t>(in.size(), 1u << 30);
        int written = 0;
        if (EVP_CipherUpdate(context, out, &written, in.data(), static_cast<int>(part)) != 1) return false;
        // GCM is a stream: all that went in came out. Associated data comes out nowhere.
        if (out != nullptr) {
            if (static_cast<std::size_t>(written) != part) return false;
            out += part;
        }
        in = in.subspan(part);
    }
    return true;
}

// Borrows the thread's context and takes the key schedule out of it again, so that a destroyed key does not live on in there.
class Session {
  public:
    explicit Session(EVP_CIPHER_CTX* context) : context_(context) {}
    ~Session() { EVP_CIPHER_CTX_reset(context_); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    EVP_CIPHER_CTX* get() { return context_; }

  private:
    EVP_CIPHER_CTX* context_;
};

// For a short text under a key that is used once, most of OpenSSL's time goes to its provider and parameters: 1.0 us for 320 bytes, where
// libsodium takes 0.5 with a state of its own. From 1.3 kB on OpenSSL's assembler is ahead. libsodium knows processors with AES and
// carry-less multiplication only; what the two write is the same.
constexpr std::size_t kShort = 1024;

bool aes_in_hardware() {
    static const bool available = ::sodium_init() >= 0 && ::crypto_aead_aes256gcm_is_available() == 1;
    return available;
}

// Makes room behind `out` for nonce, ciphertext and tag, and draws the nonce.
struct Room {
    Room(base::Bytes& out, std::initializer_list<base::ByteView> plaintext) {
        std::size_t length = 0;
        for (const auto part : plaintext) length += part.size();
        const auto before = out.size();
        out.resize(before + length + kOverhead);
        nonce = std::span(out).subspan(before, kNonceBytes);
        text = std::span(out).subspan(before + kNonceBytes, length);
        tag = std::span(out).last(kTagBytes);
        random_fill(nonce);
    }
    std::span<std::uint8_t> nonce, text, tag;
};

void seal_short(base::Bytes& out, const Key& key, std::initializer_list<base::ByteView> plaintext, base::ByteView associated) {
    const Room room(out, plaintext);
    auto* at = room.text.data();
    for (const auto part : plaintext) at = std::copy(part.begin(), part.end(), at);
    crypto_aead_aes256gcm_state schedule;
    // In place: each block is read before it is written. Nothing outside can make the two fail.
    CHECK(::crypto_aead_aes256gcm_beforenm(&schedule, key.view().data()) == 0);
    CHECK(::crypto_aead_aes256gcm_encrypt_detached_afternm(room.text.data(), room.tag.data(), nullptr, room.text.data(), room.text.size(),
                                                           associated.data(), associated.size(), nullptr, room.nonce.data(), &schedule) == 0);
    ::sodium_memzero(&schedule, sizeof schedule);
}

// Any length, under the key that `context` holds.
base::Status seal_with(EVP_CIPHER_CTX* context, base::Bytes& out, std::initializer_list<base::ByteView> plaintext, base::ByteView associated) {
    const auto before = out.size();
    const Room room(out, plaintext);
    auto* at = room.text.data();
    int rest = 0;
    bool ok = EVP_EncryptInit_ex2(context, nullptr, nullptr, room.nonce.data(), nullptr) == 1 && update(context, nullptr, associated);
    for (const auto part : plaintext) {
        ok = ok && update(context, at, part);
        at += part.size();
    }
    ok = ok && EVP_EncryptFinal_ex(context, at, &rest) == 1 && rest == 0 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, room.tag.data()) == 1;
    if (ok) return {};
    out.resize(before);
    return openssl::fail(Kind::fault, "sealing failed inside OpenSSL");
}

}  // namespace

base::Result<base::Bytes> seal(const Key& key, base::ByteView plaintext, base::ByteView associated) {
    base::Bytes sealed;
    if (auto ok = seal_onto(sealed, key, {plaintext}, associated); !ok) return base::pass(ok);
    return sealed;
}

base::Status seal_onto(base::Bytes& out, const Key& key, std::initializer_list<base::ByteView> plaintext, base::ByteView associated) {
    std::size_t length = 0;
    for (const auto part : plaintext) length += part.size();
    if (length <= kShort && aes_in_hardware()) {
        seal_short(out, key, plaintext, associated);
        return {};
    }
    Session session(openssl::thread_cipher_context());
    if (EVP_EncryptInit_ex2(session.get(), aes_256_gcm(), key.view().data(), nullptr, nullptr) != 1)
        return openssl::fail(Kind::fault, "sealing failed inside OpenSSL");
    return seal_with(session.get(), out, plaintext, associated);
}

base::Result<base::Bytes> open(const Key& key, base::ByteView sealed, base::ByteView associated) {
    // One sentence for every cause: which one it was would help a forger.
    constexpr const char* kRefused = "a sealed text does not open";
    if (sealed.size() < kOverhead) return base::fail(Kind::corrupt, kRefused);
    const auto ciphertext = sealed.subspan(kNonceBytes, sealed.size() - kOverhead);
    // EVP's ctrl takes the tag as void*, and only reads it.
    auto* const tag = const_cast<std::uint8_t*>(sealed.last(kTagBytes).data());
    base::Bytes plaintext(ciphertext.size());

    Session session(openssl::thread_cipher_context());
    int rest = 0;
    std::uint8_t nothing = 0;
    // The return code alone decides: after a tag mismatch OpenSSL's error queue is empty.
    const bool ok = EVP_DecryptInit_ex2(session.get(), aes_256_gcm(), key.view().data(), sealed.data(), nullptr) == 1 &&
                    update(session.get(), nullptr, associated) && update(session.get(), plaintext.data(), ciphertext) &&
                    EVP_CIPHER_CTX_ctrl(session.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag) == 1 &&
                    EVP_DecryptFinal_ex(session.get(), &nothing, &rest) == 1 && rest == 0;
    if (!ok) {
        base::wipe(plaintext);  // not authenticated: nobody may see it
        return openssl::fail(Kind::corrupt, kRefused);
    }
    return plaintext;
}

struct SealingKey::Impl {
    openssl::CipherContext context{EVP_CIPHER_CTX_new()};
};

SealingKey::SealingKey(const Key& key) : impl_(new Impl) {
    CHECK(impl_->context != nullptr);
    CHECK(EVP_EncryptInit_ex2(impl_->context.get(), aes_256_gcm(), key.view().data(), nullptr, nullptr) == 1);
}
SealingKey::~SealingKey() = default;  // freeing a context wipes what it holds
SealingKey::SealingKey(SealingKey&&) noexcept = default;
SealingKey& SealingKey::operator=(SealingKey&&) noexcept = default;

base::Status SealingKey::seal_onto(base::Bytes& out, std::initializer_list<base::ByteView> plaintext, base::ByteView associated) {
    return seal_with(impl_->context.get(), out, plaintext, associated);
}

}  // namespace crypto
