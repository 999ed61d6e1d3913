#include "anchoring/ethereum/types.hpp"

#include "tests/anchoring/ethereum/hex.hpp"

#include <gtest/gtest.h>

namespace {

using ethereum::parse_address;
using ethereum::parse_hash;
using ethereum::to_text;
using ethereum::U256;

// The addresses of EIP-55's test cases.
constexpr const char* kEip55[] = {"0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
                                  "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
                                  "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
                                  "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"};

TEST(Address, Eip55) {
    for (const auto* text : kEip55) {
        const auto address = parse_address(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(to_text(*address), text);
    }
}

TEST(Address, WrongChecksumIsRefused) {
    std::string text = kEip55[4];
    text[3] = 'A' == text[3] ? 'a' : 'A';
    const auto address = parse_address(text);
    ASSERT_FALSE(address);
    EXPECT_EQ(address.error().kind, base::Kind::invalid);
}

TEST(Address, OneCaseNeedsNoChecksum) {
    EXPECT_TRUE(parse_address("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"));
    EXPECT_TRUE(parse_address("0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED"));
}

TEST(Address, MalformedIsRefused) {
    for (const auto* text : {"", "0x", "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae",
                             "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaedff", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg"}) {
        EXPECT_FALSE(parse_address(text)) << text;
    }
}

TEST(Address, OfContracts) {
    // As ethers computes it.
    const auto deployer = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"_address;
    EXPECT_EQ(to_text(ethereum::contract_address(deployer, 0)), "0x72665d3e94Cb4f374b7728F1ab21A3115C4D50Eb");
    EXPECT_EQ(to_text(ethereum::contract_address(deployer, 1)), "0x20bB3edD03cDB25B85F5e7e5F107c801869cC3AE");
}

TEST(Hash, TextThereAndBack) {
    const std::string text = "0x" + std::string(62, '0') + "fe";
    const auto hash = parse_hash(text);
    ASSERT_TRUE(hash);
    EXPECT_EQ((*hash)[31], 0xfe);
    EXPECT_EQ(to_text(*hash), text);
    EXPECT_FALSE(parse_hash("0xfe"));
    EXPECT_FALSE(parse_hash(text + "00"));
    EXPECT_FALSE(parse_hash(std::string(64, 'x')));
}

TEST(U256, NumbersThereAndBack) {
    for (const std::uint64_t v : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{255}, std::uint64_t{256}, UINT64_MAX})
        EXPECT_EQ(U256(v).to_u64(), v);
    U256 wide;
    wide.bytes[23] = 1;
    EXPECT_EQ(wide.to_u64(), std::nullopt);
    EXPECT_EQ(wide.minimal().size(), 9u);
    EXPECT_TRUE(U256(0).minimal().empty());
    EXPECT_LT(U256(UINT64_MAX), wide);
}

}  // namespace
