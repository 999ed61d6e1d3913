#include "tests/anchoring/ledger/fixture.hpp"

#include <random>

namespace ledger {
namespace {

Block sample() {
    Block out;
    out.header = {kEmbeddedChainId, 7, test_hash(1), kNow, {}, {}};
    out.transactions = {base::Bytes(40, 1), base::Bytes{}, base::Bytes(3, 2)};
    out.receipts = {{false, "", {{test_key(1).address(), {test_hash(2), test_hash(3)}, base::Bytes(64, 9)}, {{}, {}, {}}}},
                    {true, "BadPeriod", {}},
                    {true, "", {}}};
    seal(out, test_key(0));
    return out;
}

TEST(Block, ThereAndBack) {
    const auto block = sample();
    const auto read = open_block(encode(block), 7, kEmbeddedChainId, test_key(0).address());
    ASSERT_TRUE(read) << read.error().diagnostics;
    EXPECT_EQ(read->header, block.header);
    EXPECT_EQ(read->transactions, block.transactions);
    ASSERT_EQ(read->receipts.size(), 3u);
    EXPECT_EQ(read->receipts[0].events, block.receipts[0].events);
    EXPECT_EQ(read->receipts[1].error, "BadPeriod");
    EXPECT_EQ(read->hash(), block.hash());
    EXPECT_EQ(read->ref().time_us, static_cast<base::TimeUs>(kNow) * 1'000'000);
}

TEST(Block, WhatIsAskedForCounts) {
    const auto bytes = encode(sample());
    for (const auto& read : {open_block(bytes, 8, kEmbeddedChainId, test_key(0).address()), open_block(bytes, 7, 1, test_key(0).address()),
                             open_block(bytes, 7, kEmbeddedChainId, test_key(1).address())}) {
        ASSERT_FALSE(read);
        EXPECT_EQ(read.error().kind, base::Kind::corrupt);
    }
}

TEST(Block, EveryFlippedBitIsSeen) {
    const auto bytes = encode(sample());
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        auto flipped = bytes;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
        const auto read = open_block(flipped, 7, kEmbeddedChainId, test_key(0).address());
        ASSERT_FALSE(read) << bit;
        EXPECT_NE(read.error().diagnostics.find("ledger block 7"), std::string::npos);
    }
    for (std::size_t n = 0; n < bytes.size(); ++n)
        EXPECT_FALSE(open_block(base::ByteView(bytes).first(n), 7, kEmbeddedChainId, test_key(0).address()));
}

}  // namespace
}  // namespace ledger
