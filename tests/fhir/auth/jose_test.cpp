// RFC 7515 and RFC 8725: one algorithm, one key, three strict parts.
#include "fhir/auth/jose.hpp"

#include "tests/fhir/auth/auth_fixture.hpp"

namespace auth {
namespace {

TEST(SigningKey, TheSameSeedYieldsTheSameKeyAndAnotherSeedAnother) {
    const auto a = SigningKey::derive(seed_of(1)).value(), again = SigningKey::derive(seed_of(1)).value(),
               b = SigningKey::derive(seed_of(2)).value();
    EXPECT_EQ(a.public_key().kid, again.public_key().kid);
    EXPECT_NE(a.public_key().kid, b.public_key().kid);
    EXPECT_EQ(base::from_base64url(a.public_key().x).value().size(), 32u);
    EXPECT_EQ(base::from_base64url(a.public_key().kid).value().size(), 32u);
    EXPECT_EQ(again.verify(a.sign("payload").value()).value(), "payload");
}

TEST(SigningKey, RefusesAnotherKeysSignature) {
    const auto a = SigningKey::derive(seed_of(1)).value(), b = SigningKey::derive(seed_of(2)).value();
    EXPECT_EQ(a.verify(b.sign("{}").value()).error().diagnostics, "the token is signed with another key");
    // The same without a kid to tell them apart: then the signature itself must tell.
    const auto parts = b.sign("{}").value();
    const auto dot = parts.find('.');
    EXPECT_FALSE(a.verify(encoded(R"({"alg":"ES256"})") + parts.substr(dot)));
}

// Every header that is not ours, over an otherwise good token.
TEST(SigningKey, RefusesEveryOtherHeader) {
    const auto key = SigningKey::derive(seed_of(1)).value();
    const auto good = key.sign(R"({"a":1})").value();
    const auto rest = good.substr(good.find('.'));
    const std::string kid = key.public_key().kid;
    const std::pair<std::string, const char*> cases[] = {
        {R"({"alg":"none"})", "not signed with ES256"},
        {R"({"alg":"None"})", "not signed with ES256"},
        {R"({"alg":"HS256"})", "not signed with ES256"},
        {R"({"alg":"es256"})", "not signed with ES256"},
        {R"({"alg":"ES384"})", "not signed with ES256"},
        {R"({"alg":["ES256"]})", "not signed with ES256"},
        {R"({"typ":"JWT"})", "not signed with ES256"},
        {R"({"alg":"ES256","alg":"none"})", "not a JSON object"},
        {R"({"alg":"ES256","crit":["exp"]})", "extension"},
        {R"({"alg":"ES256","kid":"other"})", "another key"},
        {R"({"alg":"ES256","kid":1})", "another key"},
        {R"({"alg":"ES256","typ":"logout+jwt"})", "type is not JWT"},
        {R"(["ES256"])", "not a JSON object"},
        {R"({"alg":"ES256")", "not a JSON object"},
        {R"({"alg":"ES256","typ":"JWT"})", "signature does not hold"},  // well-formed, but not the bytes that were signed
    };
    for (const auto& [header, why] : cases) {
        const auto verified = key.verify(encoded(header) + rest);
        ASSERT_FALSE(verified) << header;
        EXPECT_EQ(verified.error().kind, base::Kind::unauthenticated);
        EXPECT_NE(verified.error().diagnostics.find(why), std::string::npos) << header << ": " << verified.error().diagnostics;
    }
    EXPECT_TRUE(key.verify(good));
}

// The classic confusion: the public key, which everybody has, used as an HMAC secret.
TEST(SigningKey, RefusesHs256MadeWithThePublicKey) {
    const auto key = SigningKey::derive(seed_of(1)).value();
    const auto signing_input = encoded(R"({"alg":"HS256","typ":"JWT"})") + "." + encoded(R"({"a":1})");
    for (const auto& secret : {key.public_key().x, key.public_key().y, key.public_key().kid}) {
        const auto mac = crypto::hmac_sha256(base::as_bytes(secret), base::as_bytes(signing_input));
        EXPECT_FALSE(key.verify(signing_input + "." + base::to_base64url(mac)));
    }
}

TEST(SigningKey, RefusesTheSameNumbersInASignatureOfAnotherLength) {
    const auto key = SigningKey::derive(seed_of(1)).value();
    const auto good = key.sign("{}").value();
    const auto dot = good.rfind('.');
    auto raw = base::from_base64url(good.substr(dot + 1)).value();
    ASSERT_EQ(raw.size(), 64u);
    raw.insert(raw.begin() + 32, 0);  // s with a leading zero, and so r: 66 bytes, the same two numbers
    raw.insert(raw.begin(), 0);
    EXPECT_FALSE(key.verify(good.substr(0, dot + 1) + base::to_base64url(raw)));
    EXPECT_FALSE(key.verify(good.substr(0, dot + 1)));
}

TEST(SigningKey, RefusesEveryTruncationAndEveryChangedCharacter) {
    const auto key = SigningKey::derive(seed_of(1)).value();
    const auto good = key.sign(R"({"sub":"Patient/1"})").value();
    for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(key.verify(good.substr(0, n))) << n;
    for (std::size_t n = 0; n < good.size(); ++n) {
        auto changed = good;
        changed[n] = changed[n] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(key.verify(changed)) << n;
    }
    EXPECT_FALSE(key.verify(good + "."));
    EXPECT_FALSE(key.verify(good + "="));
    EXPECT_FALSE(key.verify(good + ".e30"));
}

}  // namespace
}  // namespace auth
