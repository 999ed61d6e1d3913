#define OPENSSL_SUPPRESS_DEPRECATED  // see class Sha256
#include "storage/crypto/hash.hpp"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace crypto {
namespace {

constexpr std::size_t kBlockBytes = 64;  // of SHA-256, as HMAC (RFC 2104) pads to it

// One SHA-256 over several parts. OpenSSL's EVP doubles the time of a short text (124 ns against 73 for 48 bytes), and an audit entry
// takes a dozen of them: so the functions beneath, which OpenSSL 3 marks deprecated and still keeps, with the same assembler behind.
// Hashing has no outside cause of failure: CHECK. The state of a keyed hash is the secret or leads to it, so none is left behind.
class Sha256 {
  public:
    Sha256() { CHECK(SHA256_Init(&state_) == 1); }
    ~Sha256() { OPENSSL_cleanse(&state_, sizeof(state_)); }
    Sha256(const Sha256&) = default;
    Sha256& operator=(const Sha256&) = delete;
    Sha256& add(base::ByteView part) {
        CHECK(SHA256_Update(&state_, part.data(), part.size()) == 1);
        return *this;
    }
    void finish(base::Digest& out) { CHECK(SHA256_Final(out.data(), &state_) == 1); }

  private:
    SHA256_CTX state_;
};

// RFC 2104 written out: OpenSSL 3.0's EVP_MAC allocates and looks names up on every start (README.md has the figures).
struct Hmac {
    explicit Hmac(base::ByteView key) {
        std::array<std::uint8_t, kBlockBytes> pad{};
        if (key.size() > kBlockBytes) {
            base::Digest digest;
            Sha256().add(key).finish(digest);
            std::copy(digest.begin(), digest.end(), pad.begin());
            base::wipe(digest);
        } else {
            std::copy(key.begin(), key.end(), pad.begin());
        }
        for (auto& b : pad) b ^= 0x36;
        inner.add(pad);
        for (auto& b : pad) b ^= 0x36 ^ 0x5c;
        outer.add(pad);
        base::wipe(pad);
    }
    // Once. To a place that the caller can wipe, as the result may be a key.
    void finish(std::initializer_list<base::ByteView> parts, base::Digest& out) {
        base::Digest digest;
        for (const auto part : parts) inner.add(part);
        inner.finish(digest);
        outer.add(digest).finish(out);
        base::wipe(digest);
    }
    Sha256 inner, outer;
};

void hmac_into(base::ByteView key, std::initializer_list<base::ByteView> parts, base::Digest& out) {
    Hmac(key).finish(parts, out);
}

}  // namespace

base::Digest sha256(base::ByteView data) {
    return sha256({data});
}

base::Digest sha256(std::initializer_list<base::ByteView> parts) {
    base::Digest out;
    Sha256 hash;
    for (const auto part : parts) hash.add(part);
    hash.finish(out);
    return out;
}

base::Digest sha256_of_pieces(const std::function<base::ByteView()>& next) {
    Sha256 hash;
    for (auto piece = next(); !piece.empty(); piece = next()) hash.add(piece);
    base::Digest out;
    hash.finish(out);
    return out;
}

base::Digest hmac_sha256(base::ByteView key, base::ByteView data) {
    return hmac_sha256(key, {data});
}

base::Digest hmac_sha256(base::ByteView key, std::initializer_list<base::ByteView> parts) {
    base::Digest out;
    hmac_into(key, parts, out);
    return out;
}

struct HmacKey::Begun : Hmac {
    using Hmac::Hmac;
};
HmacKey::HmacKey(base::ByteView key) : begun_(new Begun(key)) {}
HmacKey::~HmacKey() = default;
HmacKey::HmacKey(HmacKey&&) noexcept = default;

base::Digest HmacKey::of(std::initializer_list<base::ByteView> parts) const {
    base::Digest out;
    Hmac(*begun_).finish(parts, out);
    return out;
}

Key hkdf_sha256(const Key& key, base::ByteView salt, std::string_view info) {
    return hkdf_sha256(key.view(), salt, info);
}

Key hkdf_sha256(base::ByteView secret, base::ByteView salt, std::string_view info) {
    // RFC 5869 section 2.2: an absent salt is HashLen zeroes, which is what HMAC makes of an empty key.
    base::Digest extracted, expanded;
    hmac_into(salt, {secret}, extracted);
    constexpr std::uint8_t kFirstBlock = 1;  // one block of output is all that a Key needs
    hmac_into(extracted, {base::as_bytes(info), base::ByteView(&kFirstBlock, 1)}, expanded);
    Key out(expanded);
    base::wipe(extracted);
    base::wipe(expanded);
    return out;
}

}  // namespace crypto
