// RFC 9110 section 8.8.3; R4 http.html#versioning.
#include "fhir/http/etag.hpp"

#include <gtest/gtest.h>

TEST(ETag, WeakAndStrongTagsMatchTheVersion) {
    const auto tags = http::parse_entity_tags("W/\"1\", \"a,b\"");
    ASSERT_TRUE(tags);
    ASSERT_EQ(tags->tags.size(), 2u);
    EXPECT_TRUE(tags->tags[0].weak);
    EXPECT_FALSE(tags->tags[1].weak);
    EXPECT_TRUE(tags->match("1"));
    EXPECT_TRUE(tags->match("a,b"));
    EXPECT_FALSE(tags->match("2"));
    EXPECT_TRUE(http::parse_entity_tags(" * ")->match("anything"));
}

TEST(ETag, NonsenseIsInvalid) {
    for (const auto* text : {"", "3", "W/3", "\"", "w/\"1\"", "\"a\"b\""}) {
        const auto tags = http::parse_entity_tags(text);
        ASSERT_FALSE(tags) << text;
        EXPECT_EQ(tags.error().kind, base::Kind::invalid);
    }
}

TEST(ETag, IsWrittenWeak) {
    EXPECT_EQ(http::write_etag("12"), "W/\"12\"");
}
