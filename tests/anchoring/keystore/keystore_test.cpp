#include "anchoring/keystore/keystore.hpp"

#include "storage/base/encoding.hpp"

#include <gtest/gtest.h>

namespace {

using base::Kind;

// The definition's PBKDF2 example: password "testpassword". (Its scrypt example has n = 2^18 with r = 1, which RFC 7914 forbids and OpenSSL
// refuses.) The other is go-ethereum's test of a key whose first byte is zero and was left out: password "foo".
constexpr std::string_view kPbkdf2 =
    R"({"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"6087dab2f9fdbbfaddc31a909735c1e6"},"ciphertext":"5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46","kdf":"pbkdf2","kdfparams":{"c":262144,"dklen":32,"prf":"hmac-sha256","salt":"ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd"},"mac":"517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2"},"id":"3198bc9c-6672-5ab3-d995-4942343ae5b6","version":3})";
constexpr std::string_view kScrypt =
    R"({"crypto":{"cipher":"aes-128-ctr","cipherparams":{"iv":"e0c41130a323adc1446fc82f724bca2f"},"ciphertext":"9517cd5bdbe69076f9bf5057248c6c050141e970efa36ce53692d5d59a3984","kdf":"scrypt","kdfparams":{"dklen":32,"n":2,"r":8,"p":1,"salt":"711f816911c92d649fb4c84b047915679933555030b3552c1212609b38208c63"},"mac":"d5e116151c6aa71470e67a7d42c9620c75c4d23229847dcc127794f0732b0db5"},"id":"fecfc4ce-e956-48fd-953b-30f8b52ed66c","version":3})";
constexpr std::string_view kAddress = "008aeeda4d805471df9b2a5b0f38a0c3bcba786b";

std::string with(std::string text, std::string_view old, std::string_view now) {
    const auto at = text.find(old);
    EXPECT_NE(at, std::string::npos) << old;
    return text.replace(at, old.size(), now);
}

Kind refusal(const std::string& text, std::string_view password = "testpassword") {
    const auto opened = keystore::open(text, password);
    EXPECT_FALSE(opened);
    return opened ? Kind::fault : opened.error().kind;
}

TEST(Keystore, OpensThePublishedExamples) {
    const auto signer = keystore::open(kPbkdf2, "testpassword");
    ASSERT_TRUE(signer) << signer.error().diagnostics;
    EXPECT_EQ(base::to_hex(signer->address().bytes), kAddress);
    const auto short_one = keystore::open(kScrypt, "foo");
    ASSERT_TRUE(short_one) << short_one.error().diagnostics;
    const auto secret = base::from_hex("00fa7b3db73dc7dfdf8c5fbdb796d741e4488628c41fc4febd9160a866ba0f35");
    EXPECT_EQ(short_one->address(), ethereum::Signer::from_secret(*secret)->address());
}

TEST(Keystore, OpensWhatItWrote) {
    base::Bytes secret(32, 7);
    const auto text = keystore::write(secret, "a password", keystore::Cost::light);
    ASSERT_TRUE(text);
    EXPECT_EQ(text->find(base::to_hex(secret)), std::string::npos);
    const auto signer = keystore::open(*text, "a password");
    ASSERT_TRUE(signer) << signer.error().diagnostics;
    EXPECT_EQ(signer->address(), ethereum::Signer::from_secret(secret)->address());
    EXPECT_EQ(refusal(*text, "another"), Kind::unauthenticated);
}

TEST(Keystore, RefusesASecretThatIsNoKey) {
    EXPECT_EQ(keystore::write(base::Bytes(32, 0), "x", keystore::Cost::light).error().kind, Kind::invalid);
}

TEST(Keystore, RefusesWhatIsNoKeyFile) {
    const std::string good(kPbkdf2);
    EXPECT_EQ(refusal("{"), Kind::invalid);
    EXPECT_EQ(refusal("[]"), Kind::invalid);
    EXPECT_EQ(refusal(with(good, R"("version":3)", R"("version":1)")), Kind::invalid);
    EXPECT_EQ(refusal(with(good, R"("iv":"6087)", R"("iv":"60)")), Kind::invalid);
    EXPECT_EQ(refusal(with(good, R"("c":262144)", R"("c":"many")")), Kind::invalid);
    EXPECT_EQ(refusal(with(good, "aes-128-ctr", "aes-128-cbc")), Kind::not_supported);
    EXPECT_EQ(refusal(with(good, R"("kdf":"pbkdf2")", R"("kdf":"argon2")")), Kind::not_supported);
    EXPECT_EQ(refusal(with(good, "hmac-sha256", "hmac-sha512")), Kind::not_supported);
    EXPECT_EQ(refusal(with(good, R"("dklen":32)", R"("dklen":64)")), Kind::not_supported);
}

TEST(Keystore, RefusesAKdfThatWouldEatTheMemory) {
    EXPECT_EQ(refusal(with(std::string(kScrypt), R"("n":2)", R"("n":1073741824)")), Kind::too_large);
    EXPECT_EQ(refusal(with(std::string(kScrypt), R"("n":2)", R"("n":3)")), Kind::invalid);
    EXPECT_EQ(refusal(with(std::string(kScrypt), R"("n":2,"r":8)", R"("n":65536,"r":1)")), Kind::invalid);
    EXPECT_EQ(refusal(with(std::string(kPbkdf2), R"("c":262144)", R"("c":99999999999)")), Kind::too_large);
}

TEST(Keystore, RefusesAnotherAddress) {
    const auto text = with(std::string(kPbkdf2), R"("version":3)", R"("version":3,"address":"0000000000000000000000000000000000000001")");
    EXPECT_EQ(refusal(text), Kind::corrupt);
    EXPECT_TRUE(keystore::open(with(std::string(kPbkdf2), R"("version":3)", R"("version":3,"address":")" + std::string(kAddress) + "\""), "testpassword"));
}

}  // namespace
