#include "anchoring/proof/note.hpp"

#include "anchoring/proof/checkpoint.hpp"
#include "storage/base/encoding.hpp"

#include <gtest/gtest.h>

namespace {

using base::Kind;

// The reference vector of Go's golang.org/x/mod/sumdb/note.
const std::string kText = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const std::string kVkey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const std::string kSigned =
    kText + "\n\xE2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
constexpr std::string_view kSeed = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";  // 0x01 || seed

crypto::Key seed() {
    const auto typed = *base::from_base64(kSeed);
    return crypto::Key(base::ByteView(typed).subspan(1));
}

TEST(Note, GoReferenceVector) {
    const auto key = proof::VerifierKey::parse(kVkey);
    ASSERT_TRUE(key.has_value());
    EXPECT_EQ(key->id(), 0xc74f20a3u);
    EXPECT_EQ(key->text(), kVkey);
    EXPECT_EQ(*proof::open_note(kSigned, *key), kText);
    EXPECT_EQ(proof::sign_note(kText, "PeterNeumann", seed()), kSigned);
}

TEST(Note, VerifierKeysThatAreNone) {
    for (const auto* bad :
         {"", "x", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
          "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
          "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
          "PeterNeumann+c74f20a3+AhpC", "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T="}) {
        const auto key = proof::VerifierKey::parse(bad);
        ASSERT_FALSE(key.has_value()) << bad;
        EXPECT_EQ(key.error().kind, Kind::invalid);
    }
}

TEST(Note, EveryChangedByteIsRefused) {
    const auto key = *proof::VerifierKey::parse(kVkey);
    for (std::size_t i = 0; i < kSigned.size(); ++i) {
        auto changed = kSigned;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(proof::open_note(changed, key).has_value()) << "byte " << i;
        EXPECT_FALSE(proof::open_note(kSigned.substr(0, i), key).has_value()) << "cut at " << i;
    }
}

TEST(Note, WitnessesArePassedOverAndOneBadSignatureOfTheKeyRefuses) {
    const auto key = *proof::VerifierKey::parse(kVkey);
    crypto::Key other(base::as_bytes("01234567890123456789012345678901"));
    const auto witness = proof::sign_note(kText, "witness.example/w1", other).substr(kText.size() + 1);
    EXPECT_EQ(*proof::open_note(kSigned + witness, key), kText);
    EXPECT_EQ(*proof::open_note(kText + "\n" + witness + kSigned.substr(kText.size() + 1), key), kText);
    EXPECT_FALSE(proof::open_note(kText + "\n" + witness, key).has_value());
    // The right name and key id in front of a signature of something else.
    const auto forged = proof::sign_note("another text\n", "PeterNeumann", seed()).substr(std::string("another text\n\n").size());
    EXPECT_EQ(proof::open_note(kSigned + forged, key).error().diagnostics, "the signature of PeterNeumann on this note does not verify");
    auto sixteen = kSigned;
    for (int i = 0; i < 16; ++i) sixteen += witness;
    EXPECT_TRUE(proof::open_note(sixteen, key).has_value());
    for (int i = 0; i < 64; ++i) sixteen += witness;
    EXPECT_FALSE(proof::open_note(sixteen, key).has_value());
}

TEST(Note, WhatIsNoNote) {
    const auto key = *proof::VerifierKey::parse(kVkey);
    for (const std::string& bad : {std::string(), std::string("\n\n"), kText, kText + "\n", kSigned + "x", kSigned + "\n", "\r" + kSigned,
                                   "\xff" + kSigned, kSigned + "\xE2\x80\x94 a b\n"}) {
        EXPECT_EQ(proof::open_note(bad, key).error().kind, Kind::invalid) << bad;
    }
}

TEST(Checkpoint, ComesBackAndIsStrict) {
    proof::Checkpoint head{"example.com/behind-the-sofa", 20852163, {}};
    head.root = *proof::parse_hash("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
    const std::string text =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";  // the specification's example
    EXPECT_EQ(proof::checkpoint_text(head), text);
    EXPECT_EQ(*proof::parse_checkpoint_text(text), head);
    for (const std::string& bad :
         {std::string("a\n1\n"), std::string("\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"),
          std::string("a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"),
          std::string("a\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"),
          std::string("a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n"), text + "extension\n", text.substr(0, text.size() - 1),
          std::string("a\n18446744073709551616\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")}) {
        EXPECT_EQ(proof::parse_checkpoint_text(bad).error().kind, Kind::invalid) << bad;
    }
}

TEST(Checkpoint, TheOriginMustBeTheKeysName) {
    const auto key = *proof::VerifierKey::parse(kVkey);
    const proof::Checkpoint mine{"PeterNeumann", 1, {}}, other{"example.com/other", 1, {}};
    EXPECT_EQ(*proof::open_checkpoint(proof::sign_note(proof::checkpoint_text(mine), "PeterNeumann", seed()), key), mine);
    EXPECT_EQ(proof::open_checkpoint(proof::sign_note(proof::checkpoint_text(other), "PeterNeumann", seed()), key).error().kind,
              Kind::invalid);
}

}  // namespace
