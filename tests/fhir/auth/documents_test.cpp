// RFC 7517 and SMART's configuration document: nothing is claimed that is not there.
#include "fhir/auth/documents.hpp"

#include "storage/base/json.hpp"
#include "tests/fhir/auth/auth_fixture.hpp"

namespace auth {
namespace {

TEST_F(AuthTest, TheKeySetHoldsThePublicHalfAlone) {
    const auto set = json::parse(jwks(issuer)).value();
    ASSERT_EQ(set.find("keys")->if_array()->size(), 1u);
    const auto& key = set.find("keys")->if_array()->front();
    EXPECT_EQ(key.text("kid"), issuer.key().public_key().kid);
    EXPECT_EQ(key.text("alg"), "ES256");
    EXPECT_EQ(key.find("d"), nullptr);
    // RFC 7638 section 3.2 over our own members.
    const auto canonical =
        R"({"crv":"P-256","kty":"EC","x":")" + std::string(key.text("x")) + R"(","y":")" + std::string(key.text("y")) + R"("})";
    EXPECT_EQ(key.text("kid"), base::to_base64url(crypto::sha256(base::as_bytes(canonical))));
}

TEST_F(AuthTest, TheSmartConfigurationClaimsNoEndpointThatIsNotThere) {
    const auto document = json::parse(smart_configuration(issuer, "https://kedge.example/fhir/.well-known/jwks.json")).value();
    EXPECT_EQ(document.text("issuer"), kIssuer);
    EXPECT_EQ(document.text("jwks_uri"), "https://kedge.example/fhir/.well-known/jwks.json");
    for (const char* absent : {"authorization_endpoint", "token_endpoint", "registration_endpoint", "introspection_endpoint"})
        EXPECT_EQ(document.find(absent), nullptr);
    EXPECT_EQ(json::parse(smart_configuration(issuer, ""))->find("jwks_uri"), nullptr);
}

}  // namespace
}  // namespace auth
