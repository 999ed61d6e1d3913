#include "anchoring/ethereum/keccak.hpp"

#include "tests/anchoring/ethereum/hex.hpp"

#include <gtest/gtest.h>

namespace {

using ethereum::keccak256;
using ethereum::to_text;

TEST(Keccak, PublishedVectors) {
    EXPECT_EQ(to_text(keccak256("")), "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    EXPECT_EQ(to_text(keccak256("abc")), "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    EXPECT_EQ(to_text(keccak256("testing")), "0x5f16f4c7f149ac4f9510d9cf8cf384038ad348b3bcdc01915f95de12df9d1b02");
}

TEST(Keccak, IsNotSha3) {
    // SHA3-256 of nothing differs from Keccak-256 in its padding alone.
    EXPECT_NE(to_text(keccak256("")), "0xa7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
}

TEST(Keccak, BlockBoundaries) {
    // The rate is 136 bytes: one byte less, exact and one more must all differ, and agree with what ethers computes.
    EXPECT_EQ(to_text(keccak256(std::string(135, 'a'))), "0x34367dc248bbd832f4e3e69dfaac2f92638bd0bbd18f2912ba4ef454919cf446");
    EXPECT_EQ(to_text(keccak256(std::string(136, 'a'))), "0xa6c4d403279fe3e0af03729caada8374b5ca54d8065329a3ebcaeb4b60aa386e");
    EXPECT_EQ(to_text(keccak256(std::string(137, 'a'))), "0xd869f639c7046b4929fc92a4d988a8b22c55fbadb802c0c66ebcd484f1915f39");
}

}  // namespace
