#include "storage/crypto/ed25519.hpp"

#include "storage/crypto/random.hpp"
#include "tests/storage/crypto/hex.hpp"

#include <gtest/gtest.h>

namespace {

struct Vector {
    const char *seed, *public_key, *message, *signature;
};
// RFC 8032 section 7.1, tests 1 to 3.
constexpr Vector kVectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
     "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
     "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
     "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

TEST(Ed25519, Rfc8032) {
    for (const auto& v : kVectors) {
        const auto public_key = crypto::ed25519_public_key(key_of(v.seed));
        EXPECT_EQ(base::to_hex(public_key), v.public_key);
        EXPECT_EQ(base::to_hex(crypto::ed25519_sign(key_of(v.seed), unhex(v.message))), v.signature);
        EXPECT_TRUE(crypto::ed25519_verify(public_key, unhex(v.message), unhex(v.signature)));
    }
}

TEST(Ed25519, RefusesEveryFlippedBitOfTheSignature) {
    const auto seed = crypto::random_key();
    const auto public_key = crypto::ed25519_public_key(seed);
    const auto message = base::as_bytes("kedge.example/log\n12\nroot\n");
    const auto signature = crypto::ed25519_sign(seed, message);
    ASSERT_TRUE(crypto::ed25519_verify(public_key, message, signature));
    for (std::size_t i = 0; i < signature.size() * 8; ++i) {
        auto changed = signature;
        changed[i / 8] ^= static_cast<std::uint8_t>(1 << i % 8);
        EXPECT_FALSE(crypto::ed25519_verify(public_key, message, changed)) << i;
    }
}

TEST(Ed25519, RefusesOtherMessagesKeysAndLengths) {
    const auto seed = crypto::random_key();
    const auto public_key = crypto::ed25519_public_key(seed);
    const auto signature = crypto::ed25519_sign(seed, base::as_bytes("a"));
    EXPECT_FALSE(crypto::ed25519_verify(public_key, base::as_bytes("b"), signature));
    EXPECT_FALSE(crypto::ed25519_verify(public_key, {}, signature));
    EXPECT_FALSE(crypto::ed25519_verify(crypto::ed25519_public_key(crypto::random_key()), base::as_bytes("a"), signature));
    EXPECT_FALSE(crypto::ed25519_verify(public_key, base::as_bytes("a"), base::ByteView(signature).first(63)));
    EXPECT_FALSE(crypto::ed25519_verify(public_key, base::as_bytes("a"), {}));
}

// RFC 8032 section 5.1.7: S + L must be refused, or a signature has two forms.
TEST(Ed25519, RefusesASecondFormOfTheSignature) {
    const auto seed = crypto::random_key();
    auto signature = crypto::ed25519_sign(seed, base::as_bytes("a"));
    const auto order = unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");  // L, little-endian
    unsigned carry = 0;
    for (std::size_t i = 0; i < 32; ++i) {
        carry += signature[32 + i] + order[i];
        signature[32 + i] = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
    EXPECT_FALSE(crypto::ed25519_verify(crypto::ed25519_public_key(seed), base::as_bytes("a"), signature));
}

}  // namespace
