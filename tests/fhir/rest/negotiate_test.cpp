// https://hl7.org/fhir/R4/http.html#mime-type: JSON is written and read, XML is refused and never misread.
#include "fhir/rest/negotiate.hpp"

#include <gtest/gtest.h>

namespace rest {
namespace {

base::Status try_with(std::string method, http::Headers headers, std::string query = "", std::string path = "/fhir/Patient") {
    http::Request request;
    request.method = std::move(method);
    request.headers = std::move(headers);
    request.query = std::move(query);
    request.path = std::move(path);
    Attempt a(std::move(request), 0);
    return negotiate(a);
}

TEST(Negotiate, TakesTheTypesOfFhirJson) {
    EXPECT_TRUE(try_with("GET", {}));
    EXPECT_TRUE(try_with("GET", {{"Accept", "application/fhir+json"}}));
    EXPECT_TRUE(try_with("GET", {{"Accept", "text/html, application/xhtml+xml, */*;q=0.8"}}));
    EXPECT_TRUE(try_with("GET", {{"Accept", "application/fhir+xml"}}, "_format=json"));
    EXPECT_TRUE(try_with("GET", {}, "_format=application/fhir+json"));
    EXPECT_TRUE(try_with("POST", {{"Content-Type", "application/fhir+json; charset=UTF-8; fhirVersion=4.0"}}));
    EXPECT_TRUE(try_with("POST", {{"Content-Type", "application/x-www-form-urlencoded"}}, "", "/fhir/Patient/_search"));
}

TEST(Negotiate, Refuses406WhatItCannotWrite) {
    for (const auto* accept : {"application/fhir+xml", "text/turtle", "application/fhir+json;q=0"}) {
        const auto refused = try_with("GET", {{"Accept", accept}});
        ASSERT_FALSE(refused) << accept;
        EXPECT_EQ(refused.error().kind, base::Kind::not_acceptable);
    }
    EXPECT_EQ(try_with("GET", {}, "_format=xml").error().kind, base::Kind::not_acceptable);
}

TEST(Negotiate, Refuses415WhatItCannotRead) {
    for (const auto* type : {"application/fhir+xml", "text/plain", "", "application/fhir+json; charset=latin1", "application/fhir+json; fhirVersion=5.0"}) {
        const auto refused = try_with("PUT", {{"Content-Type", type}});
        ASSERT_FALSE(refused) << type;
        EXPECT_EQ(refused.error().kind, base::Kind::unsupported_media);
    }
    EXPECT_EQ(try_with("POST", {{"Content-Type", "application/json"}}, "", "/fhir/Patient/_search").error().kind, base::Kind::unsupported_media);
}

}  // namespace
}  // namespace rest
