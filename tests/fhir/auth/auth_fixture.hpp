// A local issuer with a known seed, a clock that stands still, and tokens made by hand.
#pragma once

#include "fhir/auth/authenticator.hpp"
#include "storage/base/encoding.hpp"
#include "storage/crypto/hash.hpp"
#include "tests/support/fake_clock.hpp"

#include <gtest/gtest.h>

namespace auth {

inline crypto::Key seed_of(std::uint8_t byte) {
    return crypto::Key(base::Bytes(32, byte));
}

class AuthTest : public testing::Test {
  protected:
    static constexpr const char* kIssuer = "https://kedge.example/fhir";
    static constexpr const char* kAudience = "https://kedge.example/fhir";

    static TokenRequest doctor() {
        TokenRequest request;
        request.role = consent::Role::practitioner;
        request.subject = "Practitioner/7";
        request.organization = "Organization/1";
        request.purposes = {"TREAT"};
        return request;
    }
    std::string token(const TokenRequest& request) const { return issuer.issue(request).value(); }
    Authenticated ask(const std::string& text) { return authenticator.authenticate("Bearer " + text); }
    // The text of a refusal, empty when the token was let in.
    std::string refusal(const std::string& text) {
        const auto answer = ask(text);
        return answer ? std::string() : answer.error().error.diagnostics;
    }

    support::FakeClock clock;
    Issuer issuer = Issuer::make(seed_of(1), kIssuer, kAudience, clock).value();
    Authenticator authenticator{issuer, RevocationList::open("", 0).value(), clock};
};

inline std::string encoded(std::string_view text) {
    return base::to_base64url(base::as_bytes(text));
}

}  // namespace auth
