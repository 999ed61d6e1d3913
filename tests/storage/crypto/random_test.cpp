#include "storage/crypto/random.hpp"

#include "storage/base/encoding.hpp"

#include <regex>
#include <set>

#include <gtest/gtest.h>

namespace {

TEST(Random, UuidHasTheFormOfVersion4) {
    const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto uuid = crypto::random_uuid();
        EXPECT_TRUE(std::regex_match(uuid, form)) << uuid;
        seen.insert(uuid);
    }
    EXPECT_EQ(seen.size(), 1000u);
}

// Every bit of a key is set in about half of 2000 keys (eight standard deviations wide: fails once in 10^12 runs).
TEST(Random, EveryBitOfAKeyMoves) {
    std::array<int, 256> ones{};
    for (int i = 0; i < 2000; ++i) {
        const auto key = crypto::random_key();
        for (std::size_t bit = 0; bit < ones.size(); ++bit) ones[bit] += key.view()[bit / 8] >> bit % 8 & 1;
    }
    for (const int count : ones) {
        EXPECT_GT(count, 820);
        EXPECT_LT(count, 1180);
    }
}

TEST(Random, FillsTheWholeSpanAndNothingElse) {
    std::array<std::uint8_t, 40> bytes{};
    crypto::random_fill(std::span(bytes).subspan(4, 32));
    EXPECT_EQ(base::to_hex(std::span(bytes).first(4)) + base::to_hex(std::span(bytes).last(4)), "0000000000000000");
    EXPECT_NE(base::to_hex(std::span(bytes).subspan(28, 8)), "0000000000000000");
    crypto::random_fill({});
}

}  // namespace
