// https://hl7.org/fhir/R4/http.html#summary: each path and method finds its interaction, and nothing else does.
#include "fhir/rest/route.hpp"

#include <gtest/gtest.h>

namespace rest {
namespace {

base::Result<Action> look_up(std::string method, std::string path, std::string* allow = nullptr) {
    http::Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    std::string unused;
    return route(request, "/fhir", allow == nullptr ? unused : *allow);
}

TEST(Route, FindsEachInteractionOfR4) {
    const std::tuple<const char*, const char*, Interaction> cases[] = {
        {"GET", "/fhir/metadata", Interaction::capabilities},
        {"GET", "/fhir/.well-known/smart-configuration", Interaction::smart_configuration},
        {"GET", "/fhir/Patient/1", Interaction::read},
        {"HEAD", "/fhir/Patient/1", Interaction::read},
        {"GET", "/fhir/Patient/1/_history/2", Interaction::vread},
        {"GET", "/fhir/Patient/1/_history", Interaction::history_instance},
        {"GET", "/fhir/Patient/_history", Interaction::history_type},
        {"GET", "/fhir/_history", Interaction::history_system},
        {"GET", "/fhir/Patient", Interaction::search_type},
        {"POST", "/fhir/Patient/_search", Interaction::search_type},
        {"GET", "/fhir", Interaction::search_system},
        {"GET", "/fhir/", Interaction::search_system},
        {"POST", "/fhir", Interaction::bundle},
        {"POST", "/fhir/$fhirpath", Interaction::fhirpath},
        {"POST", "/fhir/Patient", Interaction::create},
        {"PUT", "/fhir/Patient/1", Interaction::update},
        {"PATCH", "/fhir/Patient/1", Interaction::patch},
        {"DELETE", "/fhir/Patient/1", Interaction::remove},
        {"PUT", "/fhir/Patient", Interaction::update},
        {"PATCH", "/fhir/Patient", Interaction::patch},
        {"DELETE", "/fhir/Patient", Interaction::remove},
        {"GET", "/fhir/Consent/1/$ledger-status", Interaction::ledger_status},
        {"GET", "/fhir/AuditEvent/1/$proof", Interaction::proof},
        {"GET", "/fhir/AuditEvent/$verify-integrity", Interaction::verify_integrity},
        {"GET", "/fhir/AuditEvent/$proof", Interaction::log_proofs},
        {"GET", "/fhir/AuditEvent/$consistency", Interaction::log_proofs},
        {"GET", "/fhir/AuditEvent/$anchors", Interaction::log_proofs},
        {"GET", "/fhir/Patient/1/$access-report", Interaction::access_report},
    };
    for (const auto& [method, path, wanted] : cases) {
        const auto action = look_up(method, path);
        ASSERT_TRUE(action) << method << " " << path << ": " << action.error().diagnostics;
        EXPECT_EQ(action->interaction, wanted) << method << " " << path;
    }
}

TEST(Route, KeepsTypeIdAndVersion) {
    const auto action = look_up("GET", "/fhir/Observation/a-b.C9/_history/12");
    ASSERT_TRUE(action);
    EXPECT_EQ(action->type, "Observation");
    EXPECT_EQ(action->id, "a-b.C9");
    EXPECT_EQ(action->version, 12u);
}

TEST(Route, ClosesTheAuditTrailToClientWrites) {
    for (const auto* method : {"PUT", "PATCH", "DELETE"}) {
        std::string allow;
        const auto action = look_up(method, "/fhir/AuditEvent/1", &allow);
        ASSERT_FALSE(action);
        EXPECT_EQ(action.error().kind, base::Kind::not_allowed);
        EXPECT_EQ(allow, "GET, HEAD");
    }
    EXPECT_EQ(look_up("POST", "/fhir/AuditEvent").error().kind, base::Kind::not_allowed);
    EXPECT_EQ(look_up("GET", "/fhir/AuditEvent/1/_history").error().kind, base::Kind::not_found);
}

TEST(Route, RefusesWhatIsNoPathTypeOrId) {
    EXPECT_EQ(look_up("GET", "/elsewhere").error().kind, base::Kind::not_found);
    EXPECT_EQ(look_up("GET", "/fhirx/Patient/1").error().kind, base::Kind::not_found);
    EXPECT_EQ(look_up("GET", "/fhir/Pashent/1").error().kind, base::Kind::not_found);
    EXPECT_EQ(look_up("GET", "/fhir/Patient/1/2/3/4").error().kind, base::Kind::not_found);
    EXPECT_EQ(look_up("GET", "/fhir/Patient/a%2Fb").error().kind, base::Kind::invalid);
    EXPECT_EQ(look_up("GET", "/fhir/Patient/" + std::string(65, 'a')).error().kind, base::Kind::invalid);
    EXPECT_EQ(look_up("GET", "/fhir/Patient/%zz").error().kind, base::Kind::invalid);
    EXPECT_EQ(look_up("GET", "/fhir/Patient/1/_history/x").error().kind, base::Kind::not_found);
    EXPECT_EQ(look_up("GET", "/fhir/Patient/1/_history/01").error().kind, base::Kind::not_found);
    EXPECT_EQ(look_up("GET", "/fhir/Patient/1/$everything").error().kind, base::Kind::not_supported);
}

// R4 parameters.html: "no RESTful endpoint associated with it".
TEST(Route, HasNoEndpointForParameters) {
    for (const auto& [method, path] : {std::pair{"POST", "/fhir/Parameters"},
                                       {"GET", "/fhir/Parameters"},
                                       {"GET", "/fhir/Parameters/1"},
                                       {"PUT", "/fhir/Parameters/1"},
                                       {"DELETE", "/fhir/Parameters/1"},
                                       {"GET", "/fhir/Parameters/_history"},
                                       {"POST", "/fhir/Parameters/_search"}}) {
        const auto action = look_up(method, path);
        ASSERT_FALSE(action) << method << " " << path;
        EXPECT_EQ(action.error().kind, base::Kind::not_found);
        EXPECT_EQ(action.error().issue, "not-supported");
    }
    EXPECT_TRUE(look_up("POST", "/fhir/Parameters/$validate"));
}

// R4 binary.html: what a patch would mean there is not defined.
TEST(Route, HasNoPatchForBinary) {
    std::string allow;
    const auto action = look_up("PATCH", "/fhir/Binary/1", &allow);
    ASSERT_FALSE(action);
    EXPECT_EQ(action.error().kind, base::Kind::not_allowed);
    EXPECT_EQ(allow, "GET, HEAD, PUT, DELETE");
}

}  // namespace
}  // namespace rest
