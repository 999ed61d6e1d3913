// RFC 7240; R4 http.html#ops and async.html.
#include "fhir/http/prefer.hpp"

#include <gtest/gtest.h>

using http::Prefer;

TEST(Prefer, ReadsWhatFhirUses) {
    const auto prefer = http::parse_prefer("return=OperationOutcome, handling=\"strict\"; foo=1, respond-async, wait=10");
    EXPECT_EQ(prefer.returns, Prefer::Return::operation_outcome);
    EXPECT_EQ(prefer.handling, Prefer::Handling::strict);
    EXPECT_TRUE(prefer.respond_async);
    EXPECT_EQ(http::parse_prefer("return=minimal").returns, Prefer::Return::minimal);
    EXPECT_EQ(http::parse_prefer("Return=Representation").returns, Prefer::Return::representation);
    EXPECT_EQ(http::parse_prefer("handling=lenient").handling, Prefer::Handling::lenient);
}

TEST(Prefer, TheFirstOfTwoCountsAndTheUnknownIsIgnored) {
    EXPECT_EQ(http::parse_prefer("return=minimal, return=representation").returns, Prefer::Return::minimal);
    const auto prefer = http::parse_prefer("return=everything, handling, ;;, =");
    EXPECT_EQ(prefer.returns, Prefer::Return::unspecified);
    EXPECT_EQ(prefer.handling, Prefer::Handling::unspecified);
    EXPECT_FALSE(prefer.respond_async);
}
