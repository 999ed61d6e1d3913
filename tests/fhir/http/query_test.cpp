#include "fhir/http/query.hpp"

#include <gtest/gtest.h>

TEST(Query, KeepsOrderAndRepeats) {
    const auto query = http::parse_query("date=ge2020&date=lt2021&&name=a%26b+c&flag");
    ASSERT_TRUE(query);
    const http::Query expected{{"date", "ge2020"}, {"date", "lt2021"}, {"name", "a&b c"}, {"flag", ""}};
    EXPECT_EQ(*query, expected);
    EXPECT_EQ(*http::find_parameter(*query, "name"), "a&b c");
    EXPECT_EQ(http::find_parameter(*query, "Name"), nullptr);
}

TEST(Query, BrokenEscapesAreInvalidAndNameTheParameter) {
    const auto value = http::parse_query("name=%4");
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().kind, base::Kind::invalid);
    EXPECT_EQ(value.error().expression, std::vector<std::string>{"name"});
    EXPECT_EQ(http::parse_query("%zz=1").error().kind, base::Kind::invalid);
}

TEST(Query, TooManyParametersAreRefused) {
    std::string text;
    for (std::size_t i = 0; i <= http::kMaxQueryParameters; ++i) text += "a=1&";
    EXPECT_EQ(http::parse_query(text).error().kind, base::Kind::too_large);
}

TEST(Query, WritingAndParsingAreInverse) {
    const http::Query query{{"_id", "a,b"}, {"name:exact", "Ünal & Söhne=?"}, {"empty", ""}};
    EXPECT_EQ(*http::parse_query(http::write_query(query)), query);
}
