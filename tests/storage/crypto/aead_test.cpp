#include "storage/crypto/aead.hpp"

#include "storage/crypto/random.hpp"
#include "tests/storage/crypto/hex.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace {

using base::as_bytes;
using base::Kind;

struct Vector {
    const char *name, *key, *nonce, *associated, *plaintext, *ciphertext, *tag;
};
// McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", submitted to NIST, appendix B: the AES-256 cases with a 96-bit nonce.
constexpr Vector kVectors[] = {
    {"case 13", "0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "", "",
     "530f8afbc74536b9a963b4f1c4cb738b"},
    {"case 14", "0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
     "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"},
    {"case 15", "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
     "b094dac5d93471bdec1a502270e3cc6c"},
    {"case 16", "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

// seal() draws its nonce, so the published texts are opened; that seal() makes what open() opens is tested below.
TEST(Aead, OpensThePublishedVectors) {
    for (const auto& v : kVectors) {
        const auto opened = crypto::open(key_of(v.key), unhex(std::string(v.nonce) + v.ciphertext + v.tag), unhex(v.associated));
        ASSERT_TRUE(opened) << v.name;
        EXPECT_EQ(base::to_hex(*opened), v.plaintext) << v.name;
    }
}

TEST(Aead, OpensWhatItSealed) {
    const auto key = crypto::random_key();
    for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 2048u, 1'000'003u}) {
        base::Bytes plain(size);
        crypto::random_fill(plain);
        const auto sealed = crypto::seal(key, plain, as_bytes("Patient|1|7"));
        ASSERT_TRUE(sealed);
        EXPECT_EQ(sealed->size(), size + crypto::kNonceBytes + crypto::kTagBytes);
        const auto opened = crypto::open(key, *sealed, as_bytes("Patient|1|7"));
        ASSERT_TRUE(opened);
        EXPECT_EQ(*opened, plain);
    }
}

// Short texts are sealed by another library than the one that opens: every length up to where that ends, in two parts, beside each length of
// associated data.
TEST(Aead, OpensEveryShortLength) {
    const auto key = crypto::random_key();
    base::Bytes text(1030);
    crypto::random_fill(text);
    for (std::size_t size = 0; size <= text.size(); ++size) {
        const auto plain = base::ByteView(text).first(size), associated = base::ByteView(text).first(size % 67);
        base::Bytes out{1, 2, 3};
        ASSERT_TRUE(crypto::seal_onto(out, key, {plain.first(size / 3), plain.subspan(size / 3)}, associated));
        ASSERT_EQ(out.size(), 3 + size + crypto::kNonceBytes + crypto::kTagBytes);
        const auto opened = crypto::open(key, base::ByteView(out).subspan(3), associated);
        ASSERT_TRUE(opened) << size;
        EXPECT_TRUE(std::equal(opened->begin(), opened->end(), plain.begin(), plain.end())) << size;
    }
}

void expect_refused(const base::Result<base::Bytes>& opened) {
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, Kind::corrupt);
    EXPECT_EQ(opened.error().diagnostics, "a sealed text does not open");  // always the same: no oracle
}

TEST(Aead, RefusesEveryFlippedBit) {
    const auto key = crypto::random_key();
    const auto sealed = crypto::seal(key, as_bytes("{\"resourceType\":\"Patient\"}"), as_bytes("a"));
    ASSERT_TRUE(sealed);
    for (std::size_t i = 0; i < sealed->size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            auto changed = *sealed;
            changed[i] ^= static_cast<std::uint8_t>(1 << bit);
            expect_refused(crypto::open(key, changed, as_bytes("a")));
        }
    }
    EXPECT_TRUE(crypto::open(key, *sealed, as_bytes("a")));  // refusals leave the thread's context usable
}

TEST(Aead, RefusesEveryTruncationAndExtension) {
    const auto key = crypto::random_key();
    auto sealed = *crypto::seal(key, as_bytes("0123456789"), {});
    for (std::size_t n = 0; n < sealed.size(); ++n) expect_refused(crypto::open(key, base::ByteView(sealed).first(n), {}));
    sealed.push_back(0);
    expect_refused(crypto::open(key, sealed, {}));
}

TEST(Aead, RefusesOtherAssociatedDataAndOtherKeys) {
    const auto key = crypto::random_key();
    const auto sealed = *crypto::seal(key, as_bytes("x"), as_bytes("Patient|1"));
    expect_refused(crypto::open(key, sealed, as_bytes("Patient|2")));
    expect_refused(crypto::open(key, sealed, as_bytes("Patient|")));
    expect_refused(crypto::open(key, sealed, {}));
    expect_refused(crypto::open(crypto::random_key(), sealed, as_bytes("Patient|1")));
}

TEST(Aead, DrawsAFreshNonceEachTime) {
    const auto key = crypto::random_key();
    std::set<base::Bytes> nonces;
    for (int i = 0; i < 2000; ++i) {
        const auto sealed = *crypto::seal(key, as_bytes("x"), {});
        nonces.emplace(sealed.begin(), sealed.begin() + crypto::kNonceBytes);
    }
    EXPECT_EQ(nonces.size(), 2000u);
}

TEST(Aead, ThreadsDoNotDisturbEachOther) {
    std::vector<std::thread> threads;
    std::atomic<int> good = 0;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&good, t] {
            const auto key = crypto::random_key();
            for (int i = 0; i < 500; ++i) {
                const auto text = std::to_string(t * 1000 + i);
                const auto sealed = crypto::seal(key, as_bytes(text), as_bytes("t"));
                const auto opened = crypto::open(key, *sealed, as_bytes("t"));
                if (opened && base::as_text(*opened) == text) ++good;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(good, 2000);
}

TEST(Aead, AKeptKeySealsWhatOpenOpens) {
    const auto key = crypto::random_key();
    crypto::SealingKey sealing(key);
    base::Bytes out = base::to_bytes("before");
    std::set<base::Bytes> nonces;
    for (int i = 0; i < 500; ++i) {
        const auto at = out.size();
        const auto text = "text " + std::to_string(i) + std::string(static_cast<std::size_t>(i), 'x');
        ASSERT_TRUE(sealing.seal_onto(out, {as_bytes(text).first(5), as_bytes(text).subspan(5)}, as_bytes("a")).has_value());
        const auto sealed = base::ByteView(out).subspan(at);
        EXPECT_EQ(base::as_text(*crypto::open(key, sealed, as_bytes("a"))), text);
        EXPECT_EQ(crypto::open(key, sealed, as_bytes("b")).error().kind, Kind::corrupt);
        nonces.emplace(sealed.begin(), sealed.begin() + crypto::kNonceBytes);
    }
    EXPECT_EQ(nonces.size(), 500u);
    EXPECT_EQ(base::as_text(base::ByteView(out).first(6)), "before");
}

}  // namespace
