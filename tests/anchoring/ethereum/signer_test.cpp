#include "anchoring/ethereum/signer.hpp"

#include "anchoring/ethereum/keccak.hpp"
#include "tests/anchoring/ethereum/hex.hpp"

#include <random>

#include <gtest/gtest.h>

namespace {

using ethereum::parse_signature;
using ethereum::recover;
using ethereum::Signature;
using ethereum::Signer;

constexpr const char* kOrder = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

Signer key(std::string_view hex) {
    return Signer::from_secret(base::from_hex(hex).value()).value();
}

// order - s: the other signature that plain ECDSA would take.
ethereum::Hash other_half(const ethereum::Hash& s) {
    const auto order = base::from_hex(kOrder).value();
    ethereum::Hash out{};
    int borrow = 0;
    for (int i = 31; i >= 0; --i) {
        const int difference = order[static_cast<std::size_t>(i)] - s[static_cast<std::size_t>(i)] - borrow;
        borrow = difference < 0 ? 1 : 0;
        out[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(difference + 256 * borrow);
    }
    return out;
}

// RFC 6979 nonces on secp256k1: vectors that Bitcoin libraries share (python-ecdsa, bitcoinjs), of SHA-256 digests.
TEST(Signer, DeterministicSignatures) {
    const struct {
        const char *secret, *digest, *r, *s;
        std::uint8_t parity;
    } kVectors[] = {
        {"0000000000000000000000000000000000000000000000000000000000000001",
         "a0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e",  // Satoshi Nakamoto
         "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8",
         "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5", 1},
        {"0000000000000000000000000000000000000000000000000000000000000001",
         "7d1833f54854ac51659521afcd0ec6dca2ce2351429614bfa28a756b1b3c637f",  // All those moments will be lost in time ...
         "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b",
         "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21", 0},
        {"f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181",
         "4ba38d48a60f1b29e9eb726eaff08b2e83d8d81e031666fee50e85900d7dc1ef",  // Alan Turing
         "7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c",
         "58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea", 0},
    };
    for (const auto& v : kVectors) {
        const auto signer = key(v.secret);
        const auto digest = ethereum::parse_hash(v.digest).value();
        const auto signature = signer.sign(digest);
        EXPECT_EQ(base::to_hex(signature.r), v.r);
        EXPECT_EQ(base::to_hex(signature.s), v.s);
        EXPECT_EQ(signature.y_parity, v.parity);
        EXPECT_EQ(recover(digest, signature).value(), signer.address());
    }
}

TEST(Signer, AddressOfKnownKeys) {
    EXPECT_EQ(to_text(key("0000000000000000000000000000000000000000000000000000000000000001").address()),
              "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf");
    EXPECT_EQ(to_text(key("4646464646464646464646464646464646464646464646464646464646464646").address()),
              "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F");
}

TEST(Signer, WhatIsNoKeyIsRefused) {
    for (const auto& bytes : {base::Bytes{}, base::Bytes(31, 1), base::Bytes(33, 1), base::Bytes(32, 0), base::Bytes(32, 0xff),
                              base::from_hex(kOrder).value()}) {
        const auto signer = Signer::from_secret(bytes);
        ASSERT_FALSE(signer);
        EXPECT_EQ(signer.error().kind, base::Kind::invalid);
    }
}

TEST(Signer, MovesWithItsKey) {
    auto first = key("4646464646464646464646464646464646464646464646464646464646464646");
    const auto address = first.address();
    const auto digest = ethereum::keccak256("x");
    const auto signature = first.sign(digest);
    Signer second = std::move(first);
    EXPECT_EQ(second.sign(digest), signature);
    auto third = key("0000000000000000000000000000000000000000000000000000000000000001");
    third = std::move(second);
    EXPECT_EQ(third.address(), address);
    EXPECT_EQ(third.sign(digest), signature);
}

TEST(SignerDeathTest, AMovedFromSignerStopsTheProgram) {
    auto first = key("4646464646464646464646464646464646464646464646464646464646464646");
    const auto second = std::move(first);
    EXPECT_DEATH((void)first.sign(ethereum::keccak256("x")), "broken contract");  // NOLINT: the point of the test
}

TEST(Signature, HighSIsRefusedEverywhere) {
    const auto signer = key("4646464646464646464646464646464646464646464646464646464646464646");
    for (int i = 0; i < 20; ++i) {
        const auto digest = ethereum::keccak256("message " + std::to_string(i));
        const auto good = signer.sign(digest);
        const Signature high{good.r, other_half(good.s), static_cast<std::uint8_t>(1 - good.y_parity)};
        EXPECT_FALSE(recover(digest, high));
        EXPECT_FALSE(parse_signature(ethereum::to_bytes(high)));
        EXPECT_FALSE(ethereum::verify(digest, ethereum::to_bytes(high), signer.address()));
        EXPECT_TRUE(ethereum::verify(digest, ethereum::to_bytes(good), signer.address()));
    }
}

TEST(Signature, BytesThereAndBack) {
    const auto signature = key("4646464646464646464646464646464646464646464646464646464646464646").sign(ethereum::keccak256("x"));
    const auto bytes = ethereum::to_bytes(signature);
    EXPECT_EQ(parse_signature(bytes).value(), signature);
    for (const std::uint8_t v : {0, 1, 26, 29, 255}) {
        auto wrong = bytes;
        wrong[64] = v;
        EXPECT_FALSE(parse_signature(wrong)) << int{v};
    }
    EXPECT_FALSE(parse_signature(base::ByteView(bytes).first(64))) << "the compact form of EIP-2098 is not taken";
    EXPECT_FALSE(parse_signature({}));
}

TEST(Signature, OutOfRangeNumbersAreRefused) {
    const auto digest = ethereum::keccak256("x");
    const auto good = key("4646464646464646464646464646464646464646464646464646464646464646").sign(digest);
    const auto order = ethereum::parse_hash(kOrder).value();
    for (const auto& bad : {ethereum::Hash{}, order}) {
        EXPECT_FALSE(recover(digest, {bad, good.s, good.y_parity}));
        EXPECT_FALSE(recover(digest, {good.r, bad, good.y_parity}));
    }
    for (const std::uint8_t parity : {2, 3, 255}) EXPECT_FALSE(recover(digest, {good.r, good.s, parity}));
}

TEST(Signature, EveryFlippedBitNamesSomebodyElseOrNobody) {
    const auto signer = key("4646464646464646464646464646464646464646464646464646464646464646");
    const auto digest = ethereum::keccak256("x");
    const auto good = ethereum::to_bytes(signer.sign(digest));
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        auto flipped = good;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        EXPECT_FALSE(ethereum::verify(digest, flipped, signer.address())) << bit;
    }
}

TEST(Signature, RandomKeysThereAndBack) {
    std::mt19937_64 random(7);
    for (int i = 0; i < 200; ++i) {
        base::Bytes secret(32);
        for (auto& b : secret) b = static_cast<std::uint8_t>(random());
        const auto signer = Signer::from_secret(secret).value();
        const auto digest = ethereum::keccak256(secret);
        EXPECT_EQ(recover(digest, signer.sign(digest)).value(), signer.address());
    }
}

}  // namespace
