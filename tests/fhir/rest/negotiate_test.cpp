// https://hl7.org/fhir/R4/http.html#mime-type: JSON and XML are written and read, everything else is refused and never misread.
#include "fhir/rest/negotiate.hpp"

#include <gtest/gtest.h>

namespace rest {
namespace {

Attempt attempt_of(std::string method, http::Headers headers, std::string query = "", std::string path = "/fhir/Patient") {
    http::Request request;
    request.method = std::move(method);
    request.headers = std::move(headers);
    request.query = std::move(query);
    request.path = std::move(path);
    return Attempt(std::move(request), 0);
}
base::Status try_with(std::string method, http::Headers headers, std::string query = "", std::string path = "/fhir/Patient") {
    auto a = attempt_of(std::move(method), std::move(headers), std::move(query), std::move(path));
    return negotiate(a);
}
bool answers_in_xml(http::Headers headers, std::string query = "") {
    auto a = attempt_of("GET", std::move(headers), std::move(query));
    EXPECT_TRUE(negotiate(a));
    return a.answer_format == Format::xml;
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
    for (const auto* accept : {"application/xhtml+xml", "text/turtle", "application/fhir+json;q=0"}) {
        const auto refused = try_with("GET", {{"Accept", accept}});
        ASSERT_FALSE(refused) << accept;
        EXPECT_EQ(refused.error().kind, base::Kind::not_acceptable);
    }
    EXPECT_EQ(try_with("GET", {}, "_format=turtle").error().kind, base::Kind::not_acceptable);
}

TEST(Negotiate, Refuses415WhatItCannotRead) {
    for (const auto* type :
         {"application/xhtml+xml", "text/plain", "", "application/fhir+json; charset=latin1", "application/fhir+xml; charset=utf-16",
          "text/xml; fhirVersion=3.0", "application/fhir+json; fhirVersion=5.0"}) {
        const auto refused = try_with("PUT", {{"Content-Type", type}});
        ASSERT_FALSE(refused) << type;
        EXPECT_EQ(refused.error().kind, base::Kind::unsupported_media);
    }
    EXPECT_EQ(try_with("POST", {{"Content-Type", "application/json"}}, "", "/fhir/Patient/_search").error().kind,
              base::Kind::unsupported_media);
}

TEST(Negotiate, WithoutABodyThereIsNothingToName) {
    http::Request request;
    request.method = "POST";
    request.path = "/fhir/Observation/1/$validate";
    Attempt none(request, 0);
    EXPECT_TRUE(negotiate(none));
    request.body = "{}";
    Attempt some(request, 0);
    EXPECT_EQ(negotiate(some).error().kind, base::Kind::unsupported_media);
}

TEST(Negotiate, ChoosesTheAnswersForm) {
    EXPECT_FALSE(answers_in_xml({}));
    EXPECT_FALSE(answers_in_xml({{"Accept", "*/*"}}));
    EXPECT_FALSE(answers_in_xml({{"Accept", "application/fhir+xml, application/fhir+json"}}));
    for (const auto* type : {"application/fhir+xml", "application/xml", "text/xml", "application/fhir+json;q=0.5, text/xml;q=0.6"}) {
        EXPECT_TRUE(answers_in_xml({{"Accept", type}})) << type;
    }
    for (const auto* format : {"xml", "text/xml", "application/xml", "application/fhir+xml", "application/fhir%2Bxml",
                               "application/fhir%2Bxml;fhirVersion=4.0"}) {
        EXPECT_TRUE(answers_in_xml({{"Accept", "application/fhir+json"}}, "_format=" + std::string(format))) << format;
    }
    EXPECT_FALSE(answers_in_xml({{"Accept", "application/fhir+xml"}}, "_format=json"));
}

// Of JSON and XML one name each stands in Content-Type; q=0 for it counts, whatever other names the client would take.
TEST(Negotiate, WritesNoTypeThatTheClientRefuses) {
    EXPECT_TRUE(answers_in_xml({{"Accept", "application/fhir+json;q=0, */*"}}));
    EXPECT_TRUE(answers_in_xml({{"Accept", "application/fhir+json;q=0, application/json, text/xml;q=0.1"}}));
    EXPECT_FALSE(answers_in_xml({{"Accept", "application/fhir+xml;q=0, text/xml, */*;q=0.1"}}));
    EXPECT_EQ(try_with("GET", {{"Accept", "application/fhir+json;q=0, application/fhir+xml;q=0, */*"}}).error().kind, base::Kind::not_acceptable);
    EXPECT_EQ(try_with("GET", {{"Accept", "application/fhir+json;q=0, application/json"}}).error().kind, base::Kind::not_acceptable);
}

TEST(Negotiate, Refuses415ACodedBody) {
    for (const auto* method : {"POST", "PUT", "PATCH"}) {
        const auto refused = try_with(method, {{"Content-Type", "application/json-patch+json"}, {"Content-Encoding", "gzip"}});
        ASSERT_FALSE(refused) << method;
        EXPECT_EQ(refused.error().kind, base::Kind::unsupported_media);
        EXPECT_NE(refused.error().diagnostics.find("Content-Encoding: gzip"), std::string::npos) << refused.error().diagnostics;
    }
    EXPECT_TRUE(try_with("PUT", {{"Content-Type", "application/fhir+json"}, {"Content-Encoding", "identity"}}));
}

TEST(Negotiate, ReadsTheFormOfASearch) {
    auto a = attempt_of("POST", {{"Content-Type", "application/x-www-form-urlencoded"}}, "", "/fhir/Patient/_search");
    a.request.body = "_id=1&_format=xml&_pretty=true";
    EXPECT_TRUE(negotiate(a));
    EXPECT_EQ(a.answer_format, Format::xml);
    EXPECT_TRUE(a.pretty);
}

TEST(Negotiate, KnowsTheFormOfABody) {
    for (const auto& [type, format] : {std::pair{"application/fhir+xml; charset=utf-8", Format::xml},
                                       {"text/xml", Format::xml},
                                       {"application/xml", Format::xml},
                                       {"application/json", Format::json},
                                       {"application/fhir+json", Format::json}}) {
        auto a = attempt_of("PUT", {{"Content-Type", type}});
        EXPECT_TRUE(negotiate(a)) << type;
        EXPECT_EQ(a.body_format, format) << type;
    }
}

TEST(Negotiate, AnEntryOfABundleHasNoFormOfItsOwn) {
    auto a = attempt_of("GET", {{"Accept", "text/turtle"}}, "_format=xml&_pretty=true");
    a.entry_of_bundle = true;
    EXPECT_TRUE(negotiate(a));
    EXPECT_EQ(a.answer_format, Format::json);
    EXPECT_FALSE(a.pretty);
}

}  // namespace
}  // namespace rest
