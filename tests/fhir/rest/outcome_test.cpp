// Every Kind has one status and one FHIR issue type, and corrupt data is never explained to a client.
#include "fhir/rest/outcome.hpp"

#include <gtest/gtest.h>

#include "storage/base/json.hpp"

namespace rest {
namespace {

using base::Kind;

TEST(Outcome, GivesTheStatusOfTheSpec) {
    EXPECT_EQ(status_of(Kind::invalid), 400);
    EXPECT_EQ(status_of(Kind::unauthenticated), 401);
    EXPECT_EQ(status_of(Kind::forbidden), 403);
    EXPECT_EQ(status_of(Kind::not_found), 404);
    EXPECT_EQ(status_of(Kind::not_allowed), 405);
    EXPECT_EQ(status_of(Kind::gone), 410);
    EXPECT_EQ(status_of(Kind::precondition_failed), 412);
    EXPECT_EQ(status_of(Kind::too_large), 413);
    EXPECT_EQ(status_of(Kind::unprocessable), 422);
    EXPECT_EQ(status_of(Kind::unavailable), 503);
    EXPECT_EQ(status_of(Kind::corrupt), 500);
}

TEST(Outcome, NamesCodeDiagnosticsAndPlace) {
    const auto tree = json::parse(operation_outcome(base::Error{Kind::invalid, "no such code", {"Patient.gender"}, "code-invalid"}));
    ASSERT_TRUE(tree);
    EXPECT_EQ(tree->text("resourceType"), "OperationOutcome");
    const auto& issue = tree->find("issue")->if_array()->front();
    EXPECT_EQ(issue.text("severity"), "error");
    EXPECT_EQ(issue.text("code"), "code-invalid");
    EXPECT_EQ(issue.text("diagnostics"), "no such code");
    EXPECT_EQ(*issue.find("expression")->if_array()->front().if_string(), "Patient.gender");
}

TEST(Outcome, KeepsWhatIsCorruptToItself) {
    for (const auto kind : {Kind::corrupt, Kind::fault}) {
        const auto text = operation_outcome(base::Error{kind, "tag mismatch in row 17", {"row 17"}, {}});
        EXPECT_EQ(text.find("17"), std::string::npos) << text;
    }
}

TEST(Outcome, TellsWhenToComeBack) {
    const auto busy = respond(base::Error{Kind::unavailable, "full", {}, {}});
    EXPECT_EQ(busy.status, 503);
    EXPECT_NE(http::find_header(busy.headers, "retry-after"), nullptr);
    const auto stranger = respond(base::Error{Kind::unauthenticated, "no token", {}, {}});
    EXPECT_NE(http::find_header(stranger.headers, "WWW-Authenticate"), nullptr);
}

}  // namespace
}  // namespace rest
