#include "storage/crypto/hash.hpp"

#include "tests/storage/crypto/hex.hpp"

#include <gtest/gtest.h>

namespace {

using base::as_bytes;
using base::to_hex;

std::string repeat(char c, std::size_t n) {
    return std::string(n, c);
}

// FIPS 180-4 examples (NIST, "Examples with Intermediate Values", SHA-256).
TEST(Sha256, PublishedVectors) {
    EXPECT_EQ(to_hex(crypto::sha256(base::ByteView{})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(crypto::sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(crypto::sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(to_hex(crypto::sha256(as_bytes(repeat('a', 1'000'000)))), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PartsHashAsTheirConcatenation) {
    EXPECT_EQ(crypto::sha256({as_bytes("a"), as_bytes(""), as_bytes("bc")}), crypto::sha256(as_bytes("abc")));
}

struct MacVector {
    std::string key, data;  // hex
    const char* mac;
};
std::string hex_of(std::string_view text) {
    return to_hex(as_bytes(text));
}

// RFC 4231 section 4; case 5 is the one whose output is cut to 128 bits.
TEST(Sha256, PiecesHashAsTheirConcatenation) {
    const std::string text(1000, 'k');
    for (const std::size_t step : {1u, 63u, 64u, 999u, 1000u, 5000u}) {
        std::string_view rest = text;
        const auto hash = crypto::sha256_of_pieces([&] {
            const auto piece = rest.substr(0, step);
            rest.remove_prefix(piece.size());
            return base::as_bytes(piece);
        });
        EXPECT_EQ(hash, crypto::sha256(base::as_bytes(text))) << step;
    }
    EXPECT_EQ(crypto::sha256_of_pieces([] { return base::ByteView(); }), crypto::sha256(base::ByteView()));
}

TEST(HmacSha256, Rfc4231) {
    const MacVector vectors[] = {
        {hex_of(repeat('\x0b', 20)), hex_of("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {hex_of("Jefe"), hex_of("what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {hex_of(repeat('\xaa', 20)), hex_of(repeat('\xdd', 50)), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {"0102030405060708090a0b0c0d0e0f10111213141516171819", hex_of(repeat('\xcd', 50)),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {hex_of(repeat('\x0c', 20)), hex_of("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b"},
        {hex_of(repeat('\xaa', 131)), hex_of("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {hex_of(repeat('\xaa', 131)),
         hex_of("This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before "
                "being used by "
                "the HMAC algorithm."),
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    for (const auto& v : vectors) {
        const auto mac = to_hex(crypto::hmac_sha256(unhex(v.key), unhex(v.data)));
        EXPECT_EQ(mac.substr(0, std::string_view(v.mac).size()), v.mac);
    }
}

TEST(HmacSha256, PartsAreTheirConcatenation) {
    EXPECT_EQ(crypto::hmac_sha256(as_bytes("Jefe"), {as_bytes("what do ya "), as_bytes(""), as_bytes("want for nothing?")}),
              crypto::hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?")));
}

// A key of exactly one block is used as it is; one byte more is hashed first (RFC 2104 section 2).
TEST(HmacSha256, BlockSizedKeyIsNotHashed) {
    const auto block = repeat('k', 64);
    const auto longer = repeat('k', 65);
    EXPECT_NE(crypto::hmac_sha256(as_bytes(block), as_bytes("m")), crypto::hmac_sha256(crypto::sha256(as_bytes(block)), as_bytes("m")));
    EXPECT_EQ(crypto::hmac_sha256(as_bytes(longer), as_bytes("m")), crypto::hmac_sha256(crypto::sha256(as_bytes(longer)), as_bytes("m")));
}

std::string counted(int from, int to) {
    std::string out;
    for (int i = from; i <= to; ++i) out += static_cast<char>(i);
    return out;
}

// RFC 5869 appendix A, the SHA-256 cases; a Key is the first 32 bytes of OKM.
TEST(HkdfSha256, Rfc5869) {
    const auto ikm = repeat('\x0b', 22);
    EXPECT_EQ(to_hex(crypto::hkdf_sha256(as_bytes(ikm), unhex("000102030405060708090a0b0c"), counted(0xf0, 0xf9)).view()),
              "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
    EXPECT_EQ(to_hex(crypto::hkdf_sha256(as_bytes(counted(0x00, 0x4f)), as_bytes(counted(0x60, 0xaf)), counted(0xb0, 0xff)).view()),
              "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c");
    EXPECT_EQ(to_hex(crypto::hkdf_sha256(as_bytes(ikm), base::ByteView{}, "").view()),
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(HkdfSha256, SeparatesSaltAndPurpose) {
    const auto key = key_of("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    const auto a = crypto::hkdf_sha256(key, as_bytes("salt"), "db:records");
    EXPECT_EQ(to_hex(a.view()), to_hex(crypto::hkdf_sha256(key.view(), as_bytes("salt"), "db:records").view()));
    EXPECT_NE(to_hex(a.view()), to_hex(crypto::hkdf_sha256(key, as_bytes("salt"), "db:index").view()));
    EXPECT_NE(to_hex(a.view()), to_hex(crypto::hkdf_sha256(key, as_bytes("salu"), "db:records").view()));
}

}  // namespace
