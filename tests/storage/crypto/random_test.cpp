#include "storage/crypto/random.hpp"

#include "storage/base/encoding.hpp"

#include <regex>
#include <set>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

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

// Sizes on both sides of what is drawn ahead, so that the end of a drawn lot falls into every place of a request.
TEST(Random, NothingIsHandedOutTwice) {
    std::set<std::string> seen;
    std::size_t count = 0;
    for (std::size_t size = 8; size <= 96; size += 4) {
        for (int i = 0; i < 200; ++i, ++count) {
            base::Bytes bytes(size);
            crypto::random_fill(bytes);
            seen.insert(base::to_hex(std::span(bytes).first(8)));
        }
    }
    EXPECT_EQ(seen.size(), count);
}

TEST(Random, AForkedChildDrawsAnew) {
    (void)crypto::random_array<12>();  // so that the parent holds bytes drawn ahead
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    const auto own = crypto::random_array<16>();
    if (child == 0) ::_exit(::write(ends[1], own.data(), own.size()) == static_cast<ssize_t>(own.size()) ? 0 : 1);
    std::array<std::uint8_t, 16> theirs{};
    ASSERT_EQ(::read(ends[0], theirs.data(), theirs.size()), static_cast<ssize_t>(theirs.size()));
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_NE(own, theirs);
    ::close(ends[0]);
    ::close(ends[1]);
}

}  // namespace
