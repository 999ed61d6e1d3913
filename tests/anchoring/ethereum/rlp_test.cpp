#include "anchoring/ethereum/rlp.hpp"

#include "tests/anchoring/ethereum/hex.hpp"

#include <gtest/gtest.h>

namespace {

using ethereum::rlp_decode;
using ethereum::rlp_items;
using ethereum::rlp_u64;
using ethereum::RlpItem;
using ethereum::RlpWriter;
using ethereum::U256;

// The examples of the RLP specification.
TEST(Rlp, EncodesTheExamples) {
    EXPECT_EQ(RlpWriter().bytes(base::as_bytes("dog")).take(), "83646f67"_hex);
    EXPECT_EQ(RlpWriter().bytes(base::as_bytes("cat")).bytes(base::as_bytes("dog")).take_list(), "c88363617483646f67"_hex);
    EXPECT_EQ(RlpWriter().bytes({}).take(), "80"_hex);
    EXPECT_EQ(RlpWriter().take_list(), "c0"_hex);
    EXPECT_EQ(RlpWriter().number(0).take(), "80"_hex);
    EXPECT_EQ(RlpWriter().number(15).take(), "0f"_hex);
    EXPECT_EQ(RlpWriter().number(128).take(), "8180"_hex);
    EXPECT_EQ(RlpWriter().number(1024).take(), "820400"_hex);
    EXPECT_EQ(RlpWriter().bytes("00"_hex).take(), "00"_hex);
    const auto lorem = RlpWriter().bytes(base::as_bytes("Lorem ipsum dolor sit amet, consectetur adipisicing elit")).take();
    EXPECT_EQ(lorem.size(), 58u);
    EXPECT_EQ(lorem[0], 0xb8);
    EXPECT_EQ(lorem[1], 0x38);
    // The set-theoretic three: [ [], [[]], [ [], [[]] ] ].
    const auto zero = RlpWriter().take_list();
    const auto one = RlpWriter().encoded(zero).take_list();
    const auto two = RlpWriter().encoded(zero).encoded(one).take_list();
    EXPECT_EQ(RlpWriter().encoded(zero).encoded(one).encoded(two).take_list(), "c7c0c1c0c3c0c1c0"_hex);
}

TEST(Rlp, LengthsAroundEveryBorder) {
    for (const std::size_t n : {0u, 1u, 54u, 55u, 56u, 57u, 255u, 256u, 257u, 65535u, 65536u}) {
        const base::Bytes content(n, 0xab);
        const auto encoded = RlpWriter().bytes(content).take();
        const auto item = rlp_decode(encoded);
        ASSERT_TRUE(item) << n;
        EXPECT_FALSE(item->is_list);
        EXPECT_EQ(base::to_bytes(item->payload), content);
        const auto list = RlpWriter().encoded(content).take_list();
        const auto item2 = rlp_decode(list);
        ASSERT_TRUE(item2) << n;
        EXPECT_TRUE(item2->is_list);
        EXPECT_EQ(item2->payload.size(), n);
    }
}

// Encodings that the client teams' own tests (ethereum/tests, RLPTests/invalidRLPTest.json) list as invalid.
TEST(Rlp, RefusesWhatIsNotCanonical) {
    const char* const kInvalid[] = {
        "bf0f000000000000021111", "ff0f000000000000021111", "f80180", "f80100",
        "b9002100dc2b275d0f74e8a53e6f4ec61b27f24278820be3f82ea2110e582081b0565df0", "8100", "8101", "817F", "b800", "f800",
        "b81000112233445566778899aabbccddeeff", "b801ff", "f810000102030405060708090a0b0c0d0e0f", "f803112233",
        // and: nothing, too short, too long, the widest lengths
        "", "83646f", "83646f6700", "c883636174", "b8", "f9", "bfffffffffffffffff", "ffffffffffffffffff", "fbffffffff"};
    for (const auto* text : kInvalid) {
        const auto bytes = base::from_hex(text).value();
        const auto item = rlp_decode(bytes);
        ASSERT_FALSE(item) << text;
        EXPECT_EQ(item.error().kind, base::Kind::invalid);
    }
}

TEST(Rlp, ItemsOfAListAreCheckedToo) {
    const auto encoded = "c28100"_hex;  // a list that holds a byte in a longer form than needed
    const auto list = rlp_decode(encoded);
    ASSERT_TRUE(list);
    EXPECT_FALSE(rlp_items(*list));
    EXPECT_FALSE(rlp_items(RlpItem{false, encoded}));
}

TEST(Rlp, Numbers) {
    const auto number = [](const base::Bytes& encoded) { return rlp_u64(rlp_decode(encoded).value()); };
    EXPECT_EQ(number("80"_hex).value(), 0u);
    EXPECT_EQ(number("820400"_hex).value(), 1024u);
    EXPECT_EQ(number("88ffffffffffffffff"_hex).value(), UINT64_MAX);
    EXPECT_FALSE(number("00"_hex)) << "zero is the empty string";
    EXPECT_FALSE(number("820004"_hex)) << "leading zero";
    EXPECT_FALSE(number("89010000000000000000"_hex)) << "wider than 64 bits";
    EXPECT_FALSE(number("c0"_hex)) << "a list";
    const base::Bytes wide(33, 0xff);
    EXPECT_FALSE(ethereum::rlp_u256(RlpItem{false, wide}));
    EXPECT_TRUE(ethereum::rlp_u256(RlpItem{false, base::ByteView(wide).first(32)}));
}

// Every input either fails, or is the one encoding of what it decodes to.
TEST(Rlp, ShortInputsAreCanonicalOrRefused) {
    unsigned accepted = 0;
    for (unsigned n = 0; n < 1u << 16; ++n) {
        const base::Bytes bytes{static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)};
        const auto item = rlp_decode(bytes);
        if (!item) continue;
        ++accepted;
        EXPECT_EQ(item->is_list ? RlpWriter().encoded(item->payload).take_list() : RlpWriter().bytes(item->payload).take(), bytes);
    }
    EXPECT_EQ(accepted, 128u + 256u);  // 81 80 to 81 ff, and c1 with any byte
}

}  // namespace
