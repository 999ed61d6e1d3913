// RFC 7519 claims, and those of kedge: each missing or misshapen one is refused.
#include "fhir/auth/claims.hpp"

#include "storage/base/json.hpp"
#include "tests/fhir/auth/auth_fixture.hpp"

namespace auth {
namespace {

const char* const kGood =
    R"({"iss":"i","aud":"a","sub":"Practitioner/7","client_id":"app","iat":100,"nbf":100,"exp":200,"jti":"t1","scope":"user/*.rs openid",)"
    R"("name":"Dr. A","fhirUser":"Practitioner/7","kedge":{"role":"practitioner","organization":"Organization/1","purpose_of_use":["TREAT"],"also":["PractitionerRole/3"]}})";

TEST(Claims, SayWhoAsks) {
    const auto claims = read_claims(kGood).value();
    EXPECT_EQ(claims.caller.requester.role, consent::Role::practitioner);
    EXPECT_EQ(claims.caller.requester.subject, "Practitioner/7");
    EXPECT_EQ(claims.caller.requester.organization, "Organization/1");
    EXPECT_EQ(claims.caller.requester.purposes, std::vector<std::string>{"TREAT"});
    EXPECT_EQ(claims.caller.requester.also, std::vector<std::string>{"PractitionerRole/3"});
    EXPECT_EQ(claims.caller.token_id, "t1");
    EXPECT_EQ(claims.caller.client_id, "app");
    EXPECT_EQ(claims.caller.name, "Dr. A");
    EXPECT_TRUE(claims.caller.scoped);
    EXPECT_EQ(claims.caller.scopes, (std::vector<std::string>{"user/*.rs", "openid"}));
    EXPECT_EQ(claims.caller.expires_us, 200'000'000);
}

TEST(Claims, WriteThenReadIsTheSame) {
    const auto claims = read_claims(kGood).value();
    EXPECT_EQ(write_claims(claims), write_claims(read_claims(write_claims(claims)).value()));
    EXPECT_EQ(json::parse(write_claims(claims)).value(), json::parse(kGood).value());
}

TEST(Claims, AMissingScopeClaimIsNotAnEmptyOne) {
    auto value = json::parse(kGood).value();
    value.if_object()->set("scope", "");
    EXPECT_TRUE(read_claims(json::write(value))->caller.scoped);
    value.if_object()->erase("scope");
    EXPECT_FALSE(read_claims(json::write(value))->caller.scoped);
}

TEST(Claims, RefusesEachMissingRequiredClaim) {
    for (const char* name : {"iss", "aud", "iat", "exp", "jti", "fhirUser", "kedge"}) {
        auto value = json::parse(kGood).value();
        ASSERT_TRUE(value.if_object()->erase(name));
        const auto read = read_claims(json::write(value));
        ASSERT_FALSE(read) << name;
        EXPECT_EQ(read.error().kind, base::Kind::unauthenticated);
        EXPECT_NE(read.error().diagnostics.find(name), std::string::npos) << read.error().diagnostics;
    }
}

TEST(Claims, RefusesEachMisshapenClaim) {
    const std::pair<const char*, const char*> cases[] = {
        {"iss", "1"},
        {"aud", R"(["a"])"},
        {"jti", R"("")"},
        {"exp", R"("200")"},
        {"exp", "-1"},
        {"exp", "1e99"},
        {"exp", "99999999999999999999"},
        {"iat", "null"},
        {"nbf", "true"},
        {"scope", R"(["user/*.rs"])"},
        {"name", "{}"},
        {"fhirUser", R"("Patient/7")"},
        {"fhirUser", R"("Practitioner/")"},
        {"fhirUser", R"("https://x/Practitioner/7")"},
        {"fhirUser", R"("Practitioner/7/_history/1")"},
        {"kedge", "[]"},
        {"kedge", R"({"role":"root"})"},
        {"kedge", R"({})"},
        {"kedge", R"({"role":"practitioner","organization":"one"})"},
        {"kedge", R"({"role":"practitioner","purpose_of_use":"TREAT"})"},
        {"kedge", R"({"role":"practitioner","purpose_of_use":[1]})"},
        {"kedge", R"({"role":"practitioner","also":["x"]})"},
    };
    for (const auto& [name, text] : cases) {
        auto value = json::parse(kGood).value();
        value.if_object()->set(name, json::parse(text).value());
        EXPECT_FALSE(read_claims(json::write(value))) << name << " " << text;
    }
    EXPECT_FALSE(read_claims("[]"));
    EXPECT_FALSE(read_claims(""));
    EXPECT_FALSE(read_claims(R"({"iss":"a","iss":"b"})"));
}

TEST(Claims, ASubjectFitsItsRole) {
    EXPECT_TRUE(check_subject(consent::Role::patient, "Patient/1"));
    EXPECT_TRUE(check_subject(consent::Role::system, "Device/a-1.b"));
    EXPECT_TRUE(check_subject(consent::Role::auditor, "Practitioner/7"));
    EXPECT_EQ(check_subject(consent::Role::patient, "Practitioner/1").error().kind, base::Kind::invalid);
    EXPECT_NE(check_subject(consent::Role::patient, "x").error().diagnostics.find("Patient/ID"), std::string::npos);
    EXPECT_FALSE(check_subject(consent::Role::practitioner, ""));
    EXPECT_FALSE(check_subject(consent::Role::practitioner, "Practitioner/" + std::string(65, 'a')));
}

TEST(Claims, RolesHaveNames) {
    for (const char* name : {"patient", "practitioner", "system", "auditor", "admin"}) EXPECT_EQ(to_string(parse_role(name).value()), name);
    EXPECT_EQ(parse_role("doctor").error().kind, base::Kind::invalid);
}

}  // namespace
}  // namespace auth
