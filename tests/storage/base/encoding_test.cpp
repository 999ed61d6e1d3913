#include "storage/base/encoding.hpp"

#include <gtest/gtest.h>

namespace {

using base::as_bytes;
using base::Kind;

template <class T>
void expect_invalid(const base::Result<T>& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, Kind::invalid);
}

TEST(Hex, BothWays) {
    EXPECT_EQ(base::to_hex(as_bytes(std::string_view("\x00\x7f\xff\x1a", 4))), "007fff1a");
    EXPECT_EQ(*base::from_hex("0x007FfF1a"), (base::Bytes{0, 0x7f, 0xff, 0x1a}));
    EXPECT_EQ(base::from_hex("")->size(), 0u);
    EXPECT_EQ(base::from_hex("0x")->size(), 0u);
    for (const auto* bad : {"1", "0x1", "0g", "g0", " 00", "00 ", "0x0x", "\xc3\xa9"}) expect_invalid(base::from_hex(bad));
}

// RFC 4648 section 10.
TEST(Base64, Rfc4648) {
    const std::pair<const char*, const char*> vectors[] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [plain, text] : vectors) {
        EXPECT_EQ(base::to_base64(as_bytes(plain)), text);
        EXPECT_EQ(*base::from_base64(text), base::to_bytes(std::string_view(plain)));
    }
}

TEST(Base64, EveryByteBothWaysInBothAlphabets) {
    base::Bytes all;
    for (int n = 0; n < 600; ++n) {
        EXPECT_EQ(*base::from_base64(base::to_base64(all)), all);
        EXPECT_EQ(*base::from_base64url(base::to_base64url(all)), all);
        all.push_back(static_cast<std::uint8_t>(n * 151));
    }
    EXPECT_EQ(base::to_base64(base::Bytes{0xfb, 0xff}), "+/8=");
    EXPECT_EQ(base::to_base64url(base::Bytes{0xfb, 0xff}), "-_8");
}

TEST(Base64, IsStrict) {
    for (const auto* bad :
         {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "=Zg=", "Zm 9", "Zm9v\n", "Zh==", "Zm9=", "-_8=", "Zm9vZg", "Zg==Zg=="}) {
        SCOPED_TRACE(bad);
        expect_invalid(base::from_base64(bad));
    }
    for (const auto* bad : {"Zg==", "Z", "+/8", "Zh", "Zm9 ", "Zm9vZ"}) {
        SCOPED_TRACE(bad);
        expect_invalid(base::from_base64url(bad));
    }
    expect_invalid(base::from_base64(std::string_view("Zm9\0", 4)));
}

TEST(Percent, DecodesAndRefusesBrokenEscapes) {
    EXPECT_EQ(*base::percent_decode("a%20b%c3%A9+c", false), "a b\xc3\xa9+c");
    EXPECT_EQ(*base::percent_decode("a+b%2B", true), "a b+");
    EXPECT_EQ(*base::percent_decode("", true), "");
    for (const auto* bad : {"%", "%1", "a%", "%zz", "%1g", "%%41"}) expect_invalid(base::percent_decode(bad, false));
}

TEST(Percent, EncodesAllButUnreserved) {
    EXPECT_EQ(base::percent_encode("aZ09-_.~"), "aZ09-_.~");
    EXPECT_EQ(base::percent_encode("a b/\xc3\xa9+"), "a%20b%2F%C3%A9%2B");
    std::string all = "\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x80";
    for (int c = 0; c < 128; ++c) all += static_cast<char>(c);
    EXPECT_EQ(base::percent_decode(base::percent_encode(all), true).value_or("refused"), all);
    for (const auto* escaped : {"%ff", "%c3", "%ed%a0%80"}) {
        const auto refused = base::percent_decode(escaped, false);
        ASSERT_FALSE(refused) << escaped << " is no UTF-8";
        EXPECT_EQ(refused.error().kind, base::Kind::invalid);
    }
}

// RFC 3629 section 4: the borders of each length, and what lies outside.
TEST(Utf8, KnowsTheBordersOfTheEncoding) {
    for (const auto* good : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
                             "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
        EXPECT_TRUE(base::is_utf8(good)) << base::to_hex(as_bytes(good));
    }
    for (const auto* bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe0\xa0", "\xed\xa0\x80",
                            "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf0\x90\x80", "\xf0\x90\x80\xc0",
                            "\xe2\x28\xa1", "\xff", "a\xfe"}) {
        EXPECT_FALSE(base::is_utf8(bad)) << base::to_hex(as_bytes(bad));
    }
}

TEST(Utf8, PrefixNeverCutsACharacter) {
    const std::string_view text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";  // 1 + 2 + 3 + 4 bytes
    const std::size_t lengths[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (std::size_t n = 0; n < std::size(lengths); ++n) EXPECT_EQ(base::utf8_prefix(text, n).size(), lengths[n]) << n;
}

}  // namespace
