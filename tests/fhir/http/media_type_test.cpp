// RFC 9110 sections 8.3 and 12.5.1; R4 http.html#mime-type.
#include "fhir/http/media_type.hpp"

#include <array>

#include <gtest/gtest.h>

namespace {

constexpr std::array<std::string_view, 3> kOffered{"application/fhir+json", "application/fhir+xml", "application/json"};

std::string chosen(std::string_view accept) {
    const auto ranges = http::parse_accept(accept);
    if (!ranges) return std::string(base::to_string(ranges.error().kind));
    const auto index = http::negotiate(*ranges, kOffered);
    return index ? std::string(kOffered[*index]) : "none";
}

}  // namespace

TEST(MediaType, IsReadWithItsParameters) {
    const auto type = http::parse_media_type("Application/FHIR+JSON ; charset=\"UTF-8\"; fhirVersion=4.0");
    ASSERT_TRUE(type);
    EXPECT_EQ(type->essence(), "application/fhir+json");
    EXPECT_EQ(*type->parameter("charset"), "UTF-8");
    EXPECT_EQ(*type->parameter("fhirversion"), "4.0");
    EXPECT_EQ(type->parameter("q"), nullptr);
}

TEST(MediaType, NonsenseIsInvalid) {
    for (const auto* text : {"", "json", "a/", "/b", "a b/c", "*/json", "a/b; charset", "a/b; =x"}) {
        const auto type = http::parse_media_type(text);
        ASSERT_FALSE(type) << text;
        EXPECT_EQ(type.error().kind, base::Kind::invalid) << text;
    }
}

TEST(Accept, ChoosesByQualityThenByTheServersOrder) {
    EXPECT_EQ(chosen(""), "application/fhir+json");
    EXPECT_EQ(chosen("*/*"), "application/fhir+json");
    EXPECT_EQ(chosen("application/fhir+xml"), "application/fhir+xml");
    EXPECT_EQ(chosen("application/fhir+json;q=0.5, application/fhir+xml;q=0.9"), "application/fhir+xml");
    EXPECT_EQ(chosen("text/html"), "none");
    EXPECT_EQ(chosen("application/fhir+json;q=0"), "none");
}

TEST(Accept, TheMostSpecificRangeCounts) {
    EXPECT_EQ(chosen("*/*, application/fhir+json;q=0"), "application/fhir+xml");
    EXPECT_EQ(chosen("application/*;q=0.2, application/json;q=0.9, */*;q=0.5"), "application/json");
}

TEST(Accept, BrokenQualityIsInvalid) {
    for (const auto* text : {"a/b;q=2", "a/b;q=1.001", "a/b;q=0.0001", "a/b;q=x", "a/b;q="}) EXPECT_EQ(chosen(text), "invalid") << text;
}

TEST(Accept, TooManyRangesAreRefused) {
    std::string text;
    for (std::size_t i = 0; i <= http::kMaxAcceptRanges; ++i) text += "a/b,";
    EXPECT_EQ(chosen(text), "too-large");
}
