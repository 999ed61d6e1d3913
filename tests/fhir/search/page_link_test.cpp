#include "fhir/search/page_link.hpp"

#include "storage/crypto/random.hpp"

#include <gtest/gtest.h>

namespace {

const search::PageState kState{"Patient", "identifier=a&_count=5", 900, 1000, 5'000'000};

TEST(PageLink, ComesBackForTheSameRequester) {
    const auto key = crypto::random_key();
    const auto token = search::seal_page(kState, key, "Practitioner/1|Organization/1|TREAT");
    ASSERT_TRUE(token.has_value());
    EXPECT_EQ(token->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), std::string::npos);
    const auto opened = search::open_page(*token, key, "Practitioner/1|Organization/1|TREAT", 5'000'000);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(*opened, kState);
    EXPECT_NE(*token, *search::seal_page(kState, key, "Practitioner/1|Organization/1|TREAT"));
}

TEST(PageLink, RefusesOthersAndChanges) {
    const auto key = crypto::random_key();
    const auto token = *search::seal_page(kState, key, "Practitioner/1");
    const auto kind = [&](std::string_view text, const crypto::Key& with, std::string_view who) {
        const auto opened = search::open_page(text, with, who, 0);
        return opened ? std::string_view("opened") : base::to_string(opened.error().kind);
    };
    EXPECT_EQ(kind(token, key, "Practitioner/2"), "invalid");
    EXPECT_EQ(kind(token, crypto::random_key(), "Practitioner/1"), "invalid");
    for (const auto* text : {"", "a", "not base64!", "AAAA"}) EXPECT_EQ(kind(text, key, "Practitioner/1"), "invalid") << text;
    EXPECT_EQ(kind(std::string(100'000, 'A'), key, "Practitioner/1"), "invalid");
    for (std::size_t i = 0; i + 1 < token.size(); ++i) {
        auto changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(kind(changed, key, "Practitioner/1"), "invalid") << i;
    }
    EXPECT_EQ(kind(token.substr(0, token.size() - 4), key, "Practitioner/1"), "invalid");
}

TEST(PageLink, Expires) {
    const auto key = crypto::random_key();
    const auto token = *search::seal_page(kState, key, "x");
    const auto late = search::open_page(token, key, "x", 5'000'001);
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().kind, base::Kind::gone);
}

}  // namespace
