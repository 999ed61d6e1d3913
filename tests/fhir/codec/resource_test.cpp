#include "fhir/codec/resource.hpp"

#include <gtest/gtest.h>

namespace {

json::Value parse(std::string_view text) {
    return *json::parse(text);
}

TEST(Resource, TypeAndId) {
    EXPECT_EQ(codec::resource_type(parse(R"({"resourceType":"Patient","id":"1"})")), "Patient");
    EXPECT_EQ(codec::id(parse(R"({"resourceType":"Patient","id":"1"})")), "1");
    EXPECT_EQ(codec::id(parse(R"({"id":1})")), "");
    EXPECT_EQ(codec::resource_type(parse("[]")), "");
}

TEST(Resource, ValidId) {
    for (const auto* good : {"1", "a-b.C", "-", "."}) EXPECT_TRUE(codec::valid_id(good)) << good;
    EXPECT_TRUE(codec::valid_id(std::string(64, 'x')));
    EXPECT_FALSE(codec::valid_id(std::string(65, 'x')));
    for (const auto* bad : {"", "a_b", "a b", "a/b", "ä", "a\n"}) EXPECT_FALSE(codec::valid_id(bad)) << bad;
}

TEST(Resource, SetMetaPutsTheServersMembersFirst) {
    auto value = parse(
        R"({"active":true,"meta":{"tag":[{"code":"t"}],"versionId":"99","lastUpdated":"2000-01-01T00:00:00Z"},"id":"x","resourceType":"Patient"})");
    codec::set_meta(value, 3, 1'000'000);
    EXPECT_EQ(
        json::write(value),
        R"({"resourceType":"Patient","id":"x","meta":{"versionId":"3","lastUpdated":"1970-01-01T00:00:01.000Z","tag":[{"code":"t"}]},"active":true})");
    codec::set_meta(value, 3, 1'000'000);  // again: nothing moves
    EXPECT_EQ(
        json::write(value),
        R"({"resourceType":"Patient","id":"x","meta":{"versionId":"3","lastUpdated":"1970-01-01T00:00:01.000Z","tag":[{"code":"t"}]},"active":true})");
    codec::set_id(value, "new");
    EXPECT_EQ(codec::id(value), "new");
    EXPECT_TRUE(json::write(value).starts_with(R"({"resourceType":"Patient","id":"new","meta":)"));
}

TEST(Resource, SameContentLooksPastTheServersMeta) {
    const auto a =
        parse(R"({"resourceType":"Patient","id":"1","meta":{"versionId":"1","lastUpdated":"2020-01-01T00:00:00Z"},"active":true})");
    EXPECT_TRUE(codec::same_content(a, parse(R"({"active":true,"id":"1","resourceType":"Patient"})")));
    EXPECT_TRUE(codec::same_content(a, parse(R"({"resourceType":"Patient","id":"1","active":true,"meta":{"versionId":"8"}})")));
    EXPECT_FALSE(codec::same_content(a, parse(R"({"resourceType":"Patient","id":"1","active":true,"meta":{"tag":[{"code":"x"}]}})")));
    EXPECT_FALSE(codec::same_content(a, parse(R"({"resourceType":"Patient","id":"1","active":false})")));
    EXPECT_FALSE(codec::same_content(a, parse(R"({"resourceType":"Patient","id":"1"})")));
    EXPECT_FALSE(codec::same_content(a, parse(R"({"resourceType":"Patient","id":"1","active":true,"gender":"male"})")));
    EXPECT_FALSE(codec::same_content(a, parse(R"({"resourceType":"Patient","id":"1","active":true,"meta":5})")));
    // Precision is content: R4 keeps decimals as they were written.
    EXPECT_FALSE(codec::same_content(parse(R"({"v":1.10})"), parse(R"({"v":1.1})")));
    auto stripped = a;
    codec::erase_server_meta(stripped);
    EXPECT_EQ(stripped.find("meta"), nullptr);
}

}  // namespace
