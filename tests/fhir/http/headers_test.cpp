// RFC 9110 sections 5.3 and 5.6: fields, lists, tokens, quoted strings.
#include "fhir/http/headers.hpp"

#include "fhir/http/request.hpp"
#include "fhir/http/response.hpp"

#include <gtest/gtest.h>

TEST(Headers, AreFoundWhateverTheirCase) {
    http::Request request;
    request.headers = {{"Content-TYPE", "a/b"}, {"Prefer", "x"}, {"prefer", "y"}};
    EXPECT_EQ(request.header("content-type"), "a/b");
    EXPECT_EQ(request.header("accept"), "");
    EXPECT_FALSE(request.has_header("accept"));
    EXPECT_EQ(http::joined_header(request.headers, "PREFER"), "x, y");
}

TEST(Headers, ListsSplitOutsideQuotesOnly) {
    const auto parts = http::split_list(R"(a , "b,\"c" ,, d)", ',');
    ASSERT_EQ(parts.size(), 3u);
    EXPECT_EQ(parts[0], "a");
    EXPECT_EQ(parts[1], R"("b,\"c")");
    EXPECT_EQ(parts[2], "d");
    EXPECT_TRUE(http::split_list("", ',').empty());
    EXPECT_EQ(http::split_list("\"never closed, ", ',').size(), 1u);
}

TEST(Headers, QuotedStringsLoseQuotesAndEscapes) {
    EXPECT_EQ(http::unquoted(R"("a\"b")"), "a\"b");
    EXPECT_EQ(http::unquoted("plain"), "plain");
    EXPECT_EQ(http::unquoted("\""), "\"");
    EXPECT_EQ(http::unquoted("\"\""), "");
}

TEST(Headers, TokensHaveNoSeparators) {
    EXPECT_TRUE(http::is_token("fhir+json"));
    EXPECT_FALSE(http::is_token(""));
    EXPECT_FALSE(http::is_token("a b"));
    EXPECT_FALSE(http::is_token("a/b"));
}

TEST(Response, SetReplacesWhateverTheCase) {
    http::Response response;
    response.set("ETag", "1");
    response.set("etag", "2");
    ASSERT_EQ(response.headers.size(), 1u);
    EXPECT_EQ(response.headers[0].second, "2");
}
