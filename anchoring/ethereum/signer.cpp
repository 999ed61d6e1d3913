#include "anchoring/ethereum/signer.hpp"

#include "anchoring/ethereum/keccak.hpp"

#include <algorithm>

#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <sys/random.h>

namespace ethereum {
namespace {

using base::fail;
using base::Kind;

// One context for the process: reading it is thread-safe once it is made. Randomising it blinds the signing arithmetic against
// side channels; the library works without it, so a failing getrandom is no reason to stop.
const secp256k1_context* context() {
    static const secp256k1_context* const kContext = [] {
        auto* made = secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
        std::array<std::uint8_t, 32> seed{};
        if (getrandom(seed.data(), seed.size(), 0) == static_cast<ssize_t>(seed.size()))
            CHECK(secp256k1_context_randomize(made, seed.data()) == 1);
        base::wipe(seed);
        return made;
    }();
    return kContext;
}

Address address_of(const secp256k1_pubkey& key) {
    std::array<std::uint8_t, 65> point{};  // 0x04 || x || y
    std::size_t size = point.size();
    secp256k1_ec_pubkey_serialize(context(), point.data(), &size, &key, SECP256K1_EC_UNCOMPRESSED);
    const auto hash = keccak256(base::ByteView(point).subspan(1));
    Address out;
    std::copy(hash.begin() + 12, hash.end(), out.bytes.begin());
    return out;
}

// False also when r or s is not below the group order.
bool is_low_s(const Signature& signature) {
    std::array<std::uint8_t, 64> compact{};
    std::copy(signature.r.begin(), signature.r.end(), compact.begin());
    std::copy(signature.s.begin(), signature.s.end(), compact.begin() + 32);
    secp256k1_ecdsa_signature parsed;
    if (secp256k1_ecdsa_signature_parse_compact(context(), &parsed, compact.data()) != 1) return false;
    return secp256k1_ecdsa_signature_normalize(context(), nullptr, &parsed) == 0;
}

}  // namespace

base::Bytes to_bytes(const Signature& signature) {
    return base::Writer().raw(signature.r).raw(signature.s).u8(static_cast<std::uint8_t>(27 + signature.y_parity)).take();
}

base::Result<Signature> parse_signature(base::ByteView bytes) {
    if (bytes.size() != 65) return fail(Kind::invalid, "a signature is 65 bytes");
    base::Reader in(bytes);
    Signature out;
    out.r = in.array<32>();
    out.s = in.array<32>();
    const auto v = in.u8();
    if (v != 27 && v != 28) return fail(Kind::invalid, "the signature's v is neither 27 nor 28");
    out.y_parity = static_cast<std::uint8_t>(v - 27);
    if (!is_low_s(out)) return fail(Kind::invalid, "the signature's s is in the upper half or out of range");
    return out;
}

base::Result<Address> recover(const Hash& digest, const Signature& signature) {
    if (signature.y_parity > 1) return fail(Kind::invalid, "the signature's parity is neither 0 nor 1");
    if (!is_low_s(signature)) return fail(Kind::invalid, "the signature's s is in the upper half or out of range");
    const auto compact = base::Writer().raw(signature.r).raw(signature.s).take();
    secp256k1_ecdsa_recoverable_signature parsed;
    secp256k1_pubkey key;
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(context(), &parsed, compact.data(), signature.y_parity) != 1 ||
        secp256k1_ecdsa_recover(context(), &key, &parsed, digest.data()) != 1) {
        return fail(Kind::invalid, "no key gives this signature");
    }
    return address_of(key);
}

bool verify(const Hash& digest, base::ByteView signature, const Address& signer) {
    const auto parsed = parse_signature(signature);
    if (!parsed) return false;
    const auto address = recover(digest, *parsed);
    return address && *address == signer;
}

base::Result<Signer> Signer::from_secret(base::ByteView secret) {
    if (secret.size() != 32) return fail(Kind::invalid, "a private key is 32 bytes");
    Signer out;
    std::copy(secret.begin(), secret.end(), out.secret_.begin());
    secp256k1_pubkey key;
    if (secp256k1_ec_pubkey_create(context(), &key, out.secret_.data()) != 1)
        return fail(Kind::invalid, "these 32 bytes are no private key");
    out.address_ = address_of(key);
    return out;
}

Signer::~Signer() {
    base::wipe(secret_);
}

Signer::Signer(Signer&& other) noexcept : secret_(other.secret_), address_(other.address_) {
    base::wipe(other.secret_);
}

Signer& Signer::operator=(Signer&& other) noexcept {
    if (this != &other) {
        secret_ = other.secret_;
        address_ = other.address_;
        base::wipe(other.secret_);
    }
    return *this;
}

Signature Signer::sign(const Hash& digest) const {
    secp256k1_ecdsa_recoverable_signature made;
    // A moved-from Signer has a zero key, which the library refuses: using one is a bug.
    CHECK(secp256k1_ecdsa_sign_recoverable(context(), &made, digest.data(), secret_.data(), nullptr, nullptr) == 1);
    std::array<std::uint8_t, 64> compact{};
    int parity = 0;
    secp256k1_ecdsa_recoverable_signature_serialize_compact(context(), compact.data(), &parity, &made);
    Signature out;
    std::copy_n(compact.begin(), 32, out.r.begin());
    std::copy_n(compact.begin() + 32, 32, out.s.begin());
    // Parity 2 or 3 means r was above the field order: 2^-127, and Ethereum cannot express it.
    out.y_parity = static_cast<std::uint8_t>(parity);
    const auto check = recover(digest, out);
    CHECK(check && *check == address_);
    return out;
}

}  // namespace ethereum
