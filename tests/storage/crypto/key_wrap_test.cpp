#include "storage/crypto/key_wrap.hpp"

#include "storage/crypto/aead.hpp"
#include "storage/crypto/random.hpp"
#include "tests/storage/crypto/hex.hpp"

#include <gtest/gtest.h>

namespace {

using base::Kind;

struct Vector {
    const char *wrapping, *key, *wrapped;
};
// RFC 5649's own two examples wrap with 192-bit keys. These are for 256 bits and a 256-bit key: C2SP Wycheproof aes_kwp_test.json, tcId
// 167-169.
constexpr Vector kVectors[] = {
    {"38e1b1d075d9d852b9a6c01c8ff6965af01bac457a4e339ae3e1d7b2ffacc0cd", "80ad6820f1c90981e2ca42b817a345c1179d0a11d8e23a8adc0505e13d87295a",
     "b63b7e0fec7e315816233db6758fd3e744b9f6a40862bdf866487e53bcb950d8b2649269e51b4475"},
    {"c641f1689d81caa8ba37d895272240664054ed974cfffc40e6c5c0cad1b916c7", "3fd0ba19955e46749f54d88e99d080b7339d588fe612ec0f4021ca3ca2104270",
     "837cfc316b49299edaf427e0988020ee876204b29d847669daab72c8660b0d860e9de3bd851198ff"},
    {"aa0ab9d68ed4a04e723f81b44c0c88d0bcde7a80cfd476eb4b8836d9aa01ec4c", "57faa8766f6d6a0aa1cf643f857c150df5b31303b50af480e21c4b5e8c8a15d5",
     "0e9e2e9aa34bbf973d67bc534ac86fc5b5a5f9da5f026866177894ec6077a5c84501510e1bf4afb3"},
};

TEST(KeyWrap, PublishedVectorsBothWays) {
    for (const auto& v : kVectors) {
        const auto wrapped = crypto::wrap_key(key_of(v.wrapping), key_of(v.key));
        ASSERT_TRUE(wrapped);
        EXPECT_EQ(base::to_hex(*wrapped), v.wrapped);
        const auto key = crypto::unwrap_key(key_of(v.wrapping), unhex(v.wrapped));
        ASSERT_TRUE(key);
        EXPECT_EQ(base::to_hex(key->view()), v.key);
    }
}

void expect_refused(const base::Result<crypto::Key>& key) {
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().kind, Kind::corrupt);
}

TEST(KeyWrap, RefusesEveryFlippedBit) {
    const auto wrapping = crypto::random_key();
    const auto wrapped = *crypto::wrap_key(wrapping, crypto::random_key());
    ASSERT_EQ(wrapped.size(), 40u);
    for (std::size_t i = 0; i < wrapped.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            auto changed = wrapped;
            changed[i] ^= static_cast<std::uint8_t>(1 << bit);
            expect_refused(crypto::unwrap_key(wrapping, changed));
        }
    }
}

TEST(KeyWrap, RefusesOtherLengthsAndOtherKeys) {
    const auto wrapping = crypto::random_key();
    auto wrapped = *crypto::wrap_key(wrapping, crypto::random_key());
    for (std::size_t n = 0; n < wrapped.size(); ++n) expect_refused(crypto::unwrap_key(wrapping, base::ByteView(wrapped).first(n)));
    expect_refused(crypto::unwrap_key(crypto::random_key(), wrapped));
    wrapped.resize(48);
    expect_refused(crypto::unwrap_key(wrapping, wrapped));
}

// The wrap of a 24- and of a 31-byte text under the same key opens in RFC 5649, but to no Key: Wycheproof tcId 164, and its
// 32-byte ciphertext brought to our length. What has another length inside must not come out padded.
TEST(KeyWrap, RefusesAShorterKeyInside) {
    expect_refused(crypto::unwrap_key(key_of("07518a82cbc8da1dcec55f3763a206d277487abd03cedd0b8bef9ee2fb157121"),
                                      unhex("4b1220525c537aec30ebcd562b694b4e9e2ccd819de22ef608b5d8090779d9de")));
    // AES-256-WRAP-PAD of 31 bytes 00..1e under 00..1f, made with pyca/cryptography; 40 bytes like ours.
    expect_refused(crypto::unwrap_key(key_of("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
                                      unhex("9b1a3594f577e4f9ae57b0b9b5ed951e0f24833558680b869db725585e39ccb61c5edafa829e05af")));
}

// EVP leaves errors of a refused unwrap in the thread's queue unless it is emptied; the next user must not trip over them.
TEST(KeyWrap, RefusalDoesNotDisturbTheNextCall) {
    const auto wrapping = crypto::random_key();
    expect_refused(crypto::unwrap_key(wrapping, base::Bytes(40, 7)));
    const auto sealed = crypto::seal(wrapping, base::as_bytes("x"), {});
    ASSERT_TRUE(sealed);
    EXPECT_TRUE(crypto::open(wrapping, *sealed, {}));
    EXPECT_TRUE(crypto::unwrap_key(wrapping, *crypto::wrap_key(wrapping, wrapping)));
}

}  // namespace
