// RFC 6750 and RFC 8725: each refusal by itself, and the life of a cached token. The clock stands still unless moved.
#include "fhir/auth/authenticator.hpp"

#include "storage/base/json.hpp"
#include "tests/fhir/auth/auth_fixture.hpp"

#include <chrono>

namespace auth {
namespace {

TEST_F(AuthTest, AGoodTokenNamesItsCaller) {
    const auto caller = ask(token(doctor()));
    ASSERT_TRUE(caller) << caller.error().error.diagnostics;
    EXPECT_EQ((*caller)->requester.subject, "Practitioner/7");
    EXPECT_EQ((*caller)->requester.organization, "Organization/1");
    EXPECT_EQ((*caller)->expires_us, clock.now_us() / 1'000'000 * 1'000'000 + 3600'000'000LL);
    EXPECT_EQ((*caller)->token_id.size(), 36u);
    EXPECT_TRUE(authenticator.authenticate("bEaReR  " + token(doctor()) + " "));
}

TEST_F(AuthTest, WithoutABearerTokenTheChallengeNamesNoError) {
    for (const char* header : {"", "Bearer", "Bearer ", "Bearer    ", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Bearertoken", "Token abc"}) {
        const auto answer = authenticator.authenticate(header);
        ASSERT_FALSE(answer) << header;
        EXPECT_EQ(answer.error().error.kind, base::Kind::unauthenticated);
        EXPECT_EQ(answer.error().error.issue, "login");
        EXPECT_EQ(answer.error().www_authenticate, "Bearer realm=\"kedge\"") << header;
    }
}

TEST_F(AuthTest, ABadTokenIsAnInvalidTokenInTheChallenge) {
    const auto answer = ask("not.a.token");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().www_authenticate.rfind("Bearer realm=\"kedge\", error=\"invalid_token\", error_description=\"", 0), 0u);
    // A description never breaks out of its quotes.
    EXPECT_EQ(invalid_token("a\"b\\c\nd").www_authenticate,
              "Bearer realm=\"kedge\", error=\"invalid_token\", error_description=\"a'b'c'd\"");
    EXPECT_EQ(insufficient_scope("user/Patient.r").www_authenticate,
              "Bearer realm=\"kedge\", error=\"insufficient_scope\", scope=\"user/Patient.r\"");
    EXPECT_EQ(insufficient_scope("user/Patient.r").error.kind, base::Kind::forbidden);
}

TEST_F(AuthTest, AnOversizedTokenIsRefusedByItsNamedLimit) {
    EXPECT_EQ(refusal(std::string(kMaxTokenBytes + 1, 'a')), "the token is longer than the limit of 8192 bytes");
    EXPECT_NE(refusal(std::string(kMaxTokenBytes, 'a')), "the token is longer than the limit of 8192 bytes");
}

TEST_F(AuthTest, AnExpiredTokenIsRefused) {
    auto request = doctor();
    request.ttl_s = 60;
    const auto text = token(request);
    clock.advance_seconds(59);
    EXPECT_TRUE(ask(text));
    clock.advance_seconds(6);
    const auto answer = ask(text);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().error.issue, "expired");
    EXPECT_FALSE(answer.error().token_id.empty());
}

TEST_F(AuthTest, ATokenFromTheFutureIsRefusedBeyondTheSkew) {
    const auto text = token(doctor());
    clock.advance_seconds(-4);
    EXPECT_TRUE(ask(text));
    const auto later = token(doctor());
    clock.advance_seconds(-6);
    EXPECT_EQ(refusal(later), "the token is not valid yet");
}

TEST_F(AuthTest, AnotherIssuerOrAudienceIsRefused) {
    const auto other_issuer = Issuer::make(seed_of(1), "https://other.example", kAudience, clock).value();
    const auto other_audience = Issuer::make(seed_of(1), kIssuer, "https://other.example", clock).value();
    EXPECT_EQ(refusal(other_issuer.issue(doctor()).value()), "the token is from another issuer");
    EXPECT_EQ(refusal(other_audience.issue(doctor()).value()), "the token is meant for another server");
    const auto other_key = Issuer::make(seed_of(2), kIssuer, kAudience, clock).value();
    EXPECT_EQ(refusal(other_key.issue(doctor()).value()), "the token is signed with another key");
}

TEST_F(AuthTest, AlgorithmNoneIsRefused) {
    const auto text = token(doctor());
    const auto payload = text.substr(text.find('.'), text.rfind('.') - text.find('.'));
    EXPECT_EQ(refusal(encoded(R"({"alg":"none","typ":"JWT"})") + payload + "."), "the token is not signed with ES256");
    EXPECT_EQ(refusal(encoded(R"({"alg":"none","typ":"JWT"})") + payload + text.substr(text.rfind('.'))),
              "the token is not signed with ES256");
}

TEST_F(AuthTest, ATamperedPayloadIsRefused) {
    const auto text = token(doctor());
    const auto first = text.find('.') + 1, last = text.rfind('.');
    auto payload = std::string(base::as_text(base::from_base64url(text.substr(first, last - first)).value()));
    payload.replace(payload.find("practitioner"), 12, "admin");
    EXPECT_EQ(refusal(text.substr(0, first) + encoded(payload) + text.substr(last)), "the token's signature does not hold");
}

TEST_F(AuthTest, ATokenThatWouldLiveTooLongIsRefused) {
    Claims claims =
        read_claims(
            R"({"iss":"https://kedge.example/fhir","aud":"https://kedge.example/fhir","iat":1,"exp":2,"jti":"t","fhirUser":"Patient/1","kedge":{"role":"patient"}})")
            .value();
    claims.issued_s = clock.now_us() / 1'000'000;
    claims.expires_s = claims.issued_s + kMaxTtlSeconds + 1;
    EXPECT_EQ(refusal(issuer.key().sign(write_claims(claims)).value()), "the token lives longer than this server allows");
    claims.expires_s -= 1;
    EXPECT_EQ(refusal(issuer.key().sign(write_claims(claims)).value()), "");
}

TEST_F(AuthTest, TheIssuerRefusesWhatTheAuthenticatorWould) {
    auto request = doctor();
    request.ttl_s = 0;
    EXPECT_EQ(issuer.issue(request).error().kind, base::Kind::invalid);
    request.ttl_s = kMaxTtlSeconds + 1;
    EXPECT_EQ(issuer.issue(request).error().kind, base::Kind::invalid);
    request = doctor();
    request.subject = "Patient/1";
    EXPECT_EQ(issuer.issue(request).error().kind, base::Kind::invalid);
    request = doctor();
    request.organization = "St. Elsewhere";
    EXPECT_EQ(issuer.issue(request).error().kind, base::Kind::invalid);
    request = doctor();
    request.purposes = {""};
    EXPECT_EQ(issuer.issue(request).error().kind, base::Kind::invalid);
}

TEST_F(AuthTest, ASecondRequestIsAnsweredFromTheCache) {
    const auto text = token(doctor());
    const auto first = ask(text), second = ask(text);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->get(), second->get());  // the same object: nothing was verified or copied again
    EXPECT_EQ(authenticator.cached(), 1u);
    EXPECT_FALSE(ask(text + "A"));
    EXPECT_EQ(authenticator.cached(), 1u);  // what was refused is not kept
}

TEST_F(AuthTest, ACachedTokenCountsUntilItExpiresAndNoLonger) {
    auto request = doctor();
    request.ttl_s = 60;
    const auto text = token(request);
    ASSERT_TRUE(ask(text));
    clock.set_us(clock.now_us() / 1'000'000 * 1'000'000 + 60'000'000 + kClockSkewUs);
    EXPECT_EQ(refusal(text), "the token has expired");
}

TEST_F(AuthTest, ARevokedTokenIsRefusedAtOnceCachedOrNot) {
    const auto cached = token(doctor()), fresh = token(doctor()), other = token(doctor());
    const auto jti_of = [](const std::string& text) {
        const auto first = text.find('.') + 1;
        const auto payload = base::from_base64url(text.substr(first, text.rfind('.') - first)).value();
        return std::string(json::parse(base::as_text(payload)).value().text("jti"));
    };
    ASSERT_TRUE(ask(cached) && ask(other));
    ASSERT_TRUE(authenticator.revoke(jti_of(cached)));
    ASSERT_TRUE(authenticator.revoke(jti_of(fresh)));
    EXPECT_EQ(refusal(cached), "the token was revoked");
    EXPECT_EQ(refusal(fresh), "the token was revoked");
    EXPECT_EQ(refusal(other), "");
    EXPECT_EQ(authenticator.revoke("").error().kind, base::Kind::invalid);
}

// A figure, not a promise of this machine: the hit path must stay far from a signature check (about 100 us).
TEST_F(AuthTest, AKnownTokenIsCheap) {
    const auto header = "Bearer " + token(doctor());
    ASSERT_TRUE(authenticator.authenticate(header));
    constexpr int kRounds = 20'000;
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kRounds; ++i) ASSERT_TRUE(authenticator.authenticate(header));
    const auto each = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - start).count() / kRounds;
    RecordProperty("hit_ns", static_cast<int>(each));
    std::printf("a known token of %zu bytes: %lld ns\n", header.size(), static_cast<long long>(each));
    const auto token_text = header.substr(7);
    const auto verify_start = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(issuer.key().verify(token_text));
    const auto miss = std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - verify_start).count() / 100;
    std::printf("its signature alone: %lld ns\n", static_cast<long long>(miss));
    EXPECT_LT(each * 2, miss);
}

}  // namespace
}  // namespace auth
