#include "anchoring/ethereum/abi.hpp"

#include "tests/anchoring/ethereum/hex.hpp"

#include <gtest/gtest.h>

namespace {

using ethereum::abi_call;
using ethereum::abi_decode;
using ethereum::abi_encode;
using ethereum::AbiValue;
using ethereum::U256;

base::Bytes numbered(std::uint8_t first, std::size_t n) {
    base::Bytes out(n);
    for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::uint8_t>(first + i);
    return out;
}

// The examples of the ABI specification.
TEST(Abi, SelectorsOfTheSpecification) {
    EXPECT_EQ(base::to_hex(ethereum::selector("baz(uint32,bool)")), "cdcd77c0");
    EXPECT_EQ(base::to_hex(ethereum::selector("sam(bytes,bool,uint256[])")), "a5643bf2");
    EXPECT_EQ(ethereum::event_topic("Transfer(address,address,uint256)"),
              "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"_hash);
}

TEST(Abi, BazOfTheSpecification) {
    EXPECT_EQ(base::to_hex(abi_call("baz(uint32,bool)", {AbiValue::of(69u), AbiValue::of(true)})),
              "cdcd77c0"
              "0000000000000000000000000000000000000000000000000000000000000045"
              "0000000000000000000000000000000000000000000000000000000000000001");
}

TEST(Abi, SamOfTheSpecification) {
    const std::vector<AbiValue> values{AbiValue::of(base::as_bytes("dave")), AbiValue::of(true),
                                       AbiValue::array({AbiValue::of(1u), AbiValue::of(2u), AbiValue::of(3u)})};
    const auto call = abi_call("sam(bytes,bool,uint256[])", values);
    EXPECT_EQ(base::to_hex(call),
              "a5643bf2"
              "0000000000000000000000000000000000000000000000000000000000000060"
              "0000000000000000000000000000000000000000000000000000000000000001"
              "00000000000000000000000000000000000000000000000000000000000000a0"
              "0000000000000000000000000000000000000000000000000000000000000004"
              "6461766500000000000000000000000000000000000000000000000000000000"
              "0000000000000000000000000000000000000000000000000000000000000003"
              "0000000000000000000000000000000000000000000000000000000000000001"
              "0000000000000000000000000000000000000000000000000000000000000002"
              "0000000000000000000000000000000000000000000000000000000000000003");
    EXPECT_EQ(abi_decode("(bytes,bool,uint256[])", base::ByteView(call).subspan(4)).value(), values);
}

TEST(Abi, NestedDynamicTypesThereAndBack) {
    const auto pair = [](std::uint64_t n, std::size_t bytes) {
        return AbiValue::tuple({AbiValue::of(n), AbiValue::of(base::ByteView(numbered(1, bytes)))});
    };
    const std::vector<AbiValue> values{
        AbiValue::array({AbiValue::array({AbiValue::of(7u)}), AbiValue::array({}), AbiValue::array({AbiValue::of(8u), AbiValue::of(9u)})}),
        AbiValue::of("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"_address),
        AbiValue::array({pair(1, 0), pair(2, 1), pair(3, 32), pair(4, 33)}),
        AbiValue::tuple({AbiValue::of(false), AbiValue::of(UINT64_MAX)}), AbiValue::array({})};
    const std::string types = "(uint8[][],address,(uint64,bytes)[],(bool,uint64),(address,bytes32)[])";
    const auto encoded = abi_encode(values);
    const auto decoded = abi_decode(types, encoded);
    ASSERT_TRUE(decoded) << decoded.error().diagnostics;
    EXPECT_EQ(*decoded, values);
    EXPECT_EQ((*decoded)[1].as_address(), "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"_address);
    EXPECT_EQ((*decoded)[3].items[1].as_u64(), UINT64_MAX);
    EXPECT_FALSE((*decoded)[3].items[0].as_bool());

    // Cut anywhere, or with anything behind, it does not decode.
    for (std::size_t n = 0; n < encoded.size(); ++n) EXPECT_FALSE(abi_decode(types, base::ByteView(encoded).first(n))) << n;
    auto longer = encoded;
    longer.resize(longer.size() + 32);
    EXPECT_FALSE(abi_decode(types, longer));
}

// Whatever single bit is flipped: refused, or decoded to something that encodes to exactly the flipped bytes.
TEST(Abi, EveryFlippedBitIsRefusedOrCanonical) {
    const std::vector<AbiValue> values{
        AbiValue::array({AbiValue::tuple({AbiValue::of(5u), AbiValue::of(base::ByteView(numbered(9, 40)))})}), AbiValue::of(true)};
    const std::string types = "((uint64,bytes)[],bool)";
    const auto encoded = abi_encode(values);
    for (std::size_t bit = 0; bit < encoded.size() * 8; ++bit) {
        auto flipped = encoded;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> (bit % 8));
        const auto decoded = abi_decode(types, flipped);
        EXPECT_TRUE(!decoded || abi_encode(*decoded) == flipped) << bit;
    }
}

TEST(Abi, ValuesWiderThanTheirTypeAreRefused) {
    const auto word = [](const U256& v) { return abi_encode({AbiValue::of(v)}); };
    ethereum::U256 wide;
    wide.bytes[11] = 1;  // bit 160
    EXPECT_FALSE(abi_decode("(address)", word(wide)));
    EXPECT_TRUE(abi_decode("(uint256)", word(wide)));
    EXPECT_TRUE(abi_decode("(bytes32)", word(wide)));
    EXPECT_FALSE(abi_decode("(uint64)", word(wide)));
    EXPECT_FALSE(abi_decode("(bool)", word(2)));
    EXPECT_TRUE(abi_decode("(bool)", word(1)));
    EXPECT_FALSE(abi_decode("(uint8)", word(256)));
    EXPECT_TRUE(abi_decode("(uint8)", word(255)));
}

TEST(Abi, HugeCountsAllocateNothing) {
    const auto claim = [](std::uint64_t count) {
        auto out = abi_encode({AbiValue::of(std::uint64_t{32})});
        const auto n = abi_encode({AbiValue::of(count)});
        out.insert(out.end(), n.begin(), n.end());
        return out;
    };
    for (const std::uint64_t n : {std::uint64_t{1}, std::uint64_t{0xffffffff}, UINT64_MAX}) {
        EXPECT_FALSE(abi_decode("(bytes32[])", claim(n))) << n;
        EXPECT_FALSE(abi_decode("(bytes)", claim(n))) << n;
        EXPECT_FALSE(abi_decode("(bytes[])", claim(n))) << n;
    }
    EXPECT_TRUE(abi_decode("(bytes32[])", claim(0)));
}

}  // namespace
