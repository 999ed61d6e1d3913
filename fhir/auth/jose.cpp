#include "fhir/auth/jose.hpp"

#include "storage/base/encoding.hpp"
#include "storage/base/json.hpp"
#include "storage/crypto/hash.hpp"

#include <array>
#include <cstdlib>

#include <cjose/cjose.h>

namespace auth {

struct JoseKey {
    cjose_jwk_t* jwk = nullptr;
    ~JoseKey() { cjose_jwk_release(jwk); }
};

namespace {

constexpr std::size_t kSignatureBytes = 64;  // RFC 7518 section 3.4: r and s of 32 bytes each
constexpr std::size_t kHeaderDepth = 4;
constexpr int kDeriveTries = 8;

struct HeaderFree {
    void operator()(cjose_header_t* header) const { cjose_header_release(header); }
};
struct JwsFree {
    void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};
using Header = std::unique_ptr<cjose_header_t, HeaderFree>;
using Jws = std::unique_ptr<cjose_jws_t, JwsFree>;

auto refused(const char* why) {
    return base::fail(base::Kind::unauthenticated, why);
}
auto cjose_failed(const char* what, const cjose_err& error) {
    return base::fail(base::Kind::fault, std::string(what) + ": " + (error.message ? error.message : "no reason given"));
}

base::Result<PublicKey> public_half(const cjose_jwk_t* jwk) {
    cjose_err error{};
    const std::unique_ptr<char, decltype(&std::free)> text(cjose_jwk_to_json(jwk, false, &error), &std::free);
    if (!text) return cjose_failed("the token key has no public half", error);
    const auto parsed = json::parse(text.get());
    if (!parsed) return base::pass(parsed);
    PublicKey key{std::string(parsed->text("x")), std::string(parsed->text("y")), {}};
    // RFC 7638 section 3: required members only, in the order of their names, no white space.
    const auto canonical = R"({"crv":"P-256","kty":"EC","x":")" + key.x + R"(","y":")" + key.y + R"("})";
    key.kid = base::to_base64url(crypto::sha256(base::as_bytes(canonical)));
    return key;
}

// Checked by our own strict parser before cjose sees the token: jansson would take the last of two "alg" members, we refuse two.
base::Status check_header(std::string_view encoded, const std::string& kid) {
    const auto bytes = base::from_base64url(encoded);
    if (!bytes) return refused("the token's header is not base64url");
    const auto header = json::parse(base::as_text(*bytes), {.bytes = bytes->size() + 1, .depth = kHeaderDepth, .values = 64});
    if (!header || !header->is_object()) return refused("the token's header is not a JSON object");
    if (header->text("alg") != "ES256") return refused("the token is not signed with ES256");
    if (header->find("crit")) return refused("the token's header asks for an extension that is not understood");
    if (header->find("kid") && header->text("kid") != kid) return refused("the token is signed with another key");
    const auto type = header->text("typ");
    if (header->find("typ") && type != "JWT" && type != "at+jwt") return refused("the token's type is not JWT");
    return {};
}

}  // namespace

base::Result<SigningKey> SigningKey::derive(const crypto::Key& seed) {
    cjose_err error{};
    // A 256-bit string is a valid P-256 scalar but for one time in 2^32; then the next counter is taken, the same one each time.
    for (int counter = 0; counter < kDeriveTries; ++counter) {
        crypto::Key scalar = crypto::hkdf_sha256(seed, {}, "kedge token issuer ES256 v1 " + std::to_string(counter));
        auto bytes = std::array<std::uint8_t, crypto::Key::kBytes>{};
        std::copy(scalar.view().begin(), scalar.view().end(), bytes.begin());
        cjose_jwk_ec_keyspec spec{};
        spec.crv = CJOSE_JWK_EC_P_256;
        spec.d = bytes.data();
        spec.dlen = bytes.size();
        auto key = std::make_shared<JoseKey>();
        key->jwk = cjose_jwk_create_EC_spec(&spec, &error);  // computes the public point and checks the pair
        base::wipe(bytes);
        if (!key->jwk) continue;
        auto half = public_half(key->jwk);
        if (!half) return base::pass(half);
        SigningKey made;
        made.key_ = std::move(key);
        made.public_key_ = std::move(*half);
        return made;
    }
    return cjose_failed("no token key could be derived", error);
}

base::Result<std::string> SigningKey::sign(std::string_view payload) const {
    cjose_err error{};
    const Header header(cjose_header_new(&error));
    if (!header || !cjose_header_set(header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES256, &error) ||
        !cjose_header_set(header.get(), "typ", "JWT", &error) ||
        !cjose_header_set(header.get(), CJOSE_HDR_KID, public_key_.kid.c_str(), &error)) {
        return cjose_failed("a token header could not be made", error);
    }
    const auto bytes = base::as_bytes(payload);
    const Jws jws(cjose_jws_sign(key_->jwk, header.get(), bytes.data(), bytes.size(), &error));
    const char* text = nullptr;  // owned by jws
    if (!jws || !cjose_jws_export(jws.get(), &text, &error)) return cjose_failed("a token could not be signed", error);
    return std::string(text);
}

base::Result<std::string> SigningKey::verify(std::string_view token) const {
    const auto first = token.find('.');
    const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
        return refused("the token does not have three parts");
    if (const auto header = check_header(token.substr(0, first), public_key_.kid); !header) return base::pass(header);
    // cjose halves a signature of any length; RFC 7518 allows one.
    const auto signature = base::from_base64url(token.substr(second + 1));
    if (!signature || signature->size() != kSignatureBytes) return refused("the token's signature is not 64 bytes in base64url");
    auto payload = base::from_base64url(token.substr(first + 1, second - first - 1));
    if (!payload) return refused("the token's payload is not base64url");
    cjose_err error{};
    const Jws jws(cjose_jws_import(token.data(), token.size(), &error));
    if (!jws || !cjose_jws_verify(jws.get(), key_->jwk, &error)) return refused("the token's signature does not hold");
    return std::string(base::as_text(*payload));
}

}  // namespace auth
