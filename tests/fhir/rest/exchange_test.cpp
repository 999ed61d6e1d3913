// What a client is told when the audit trail takes no entry.
#include "fhir/rest/exchange.hpp"

#include <gtest/gtest.h>

#include "storage/base/json.hpp"

namespace rest {
namespace {

std::string issue_of(const http::Response& response) {
    const auto tree = json::parse(response.body);
    EXPECT_TRUE(tree) << response.body;
    return std::string(tree->find("issue")->if_array()->front().text("diagnostics"));
}

TEST(AuditUnavailable, AReadMayBeTriedAgain) {
    const Attempt attempt({}, 0);
    const auto response = audit_unavailable(attempt);
    EXPECT_EQ(response.status, 503);
    ASSERT_NE(http::find_header(response.headers, "Retry-After"), nullptr);
    EXPECT_NE(issue_of(response).find("try again"), std::string::npos);
}

TEST(AuditUnavailable, AWriteIsStoredAndMustNotBeSentAgain) {
    Attempt attempt({}, 0);
    attempt.journaled.emplace_back();
    const auto response = audit_unavailable(attempt);
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(http::find_header(response.headers, "Retry-After"), nullptr);
    EXPECT_NE(issue_of(response).find("is stored, do not send it again"), std::string::npos);
}

}  // namespace
}  // namespace rest
