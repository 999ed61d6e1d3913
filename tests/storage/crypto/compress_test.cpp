#include "storage/crypto/compress.hpp"

#include "storage/crypto/random.hpp"

#include <memory>

#include <gtest/gtest.h>

namespace {

using base::as_bytes;
using base::Kind;

constexpr std::string_view kSample =
    R"({"resourceType":"Observation","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"8302-2","display":"Body Height"}]}})";

TEST(Dictionary, GivesBackWhatItTook) {
    const crypto::Dictionary dictionary(kSample, 1);
    for (const std::size_t size : {0u, 1u, 100u, 2048u, 300'000u}) {
        std::string text;
        while (text.size() < size) text += kSample;
        text.resize(size);
        const auto packed = dictionary.compress(as_bytes(text));
        ASSERT_TRUE(packed);
        const auto plain = dictionary.decompress(*packed, size);
        ASSERT_TRUE(plain) << size;
        EXPECT_EQ(*plain, text);
    }
}

TEST(Dictionary, HelpsSmallTexts) {
    const crypto::Dictionary with(kSample, 1), without("", 1);
    const auto small = with.compress(as_bytes(kSample)), large = without.compress(as_bytes(kSample));
    ASSERT_TRUE(small && large);
    EXPECT_LT(small->size(), 40u);
    EXPECT_GT(large->size(), 120u);
    EXPECT_EQ(*without.decompress(*large, 1000), kSample);
}

TEST(Dictionary, KeepsWhatCannotBePacked) {
    const crypto::Dictionary dictionary(kSample, 1);
    base::Bytes noise(5000);
    crypto::random_fill(noise);
    const auto packed = dictionary.compress(noise);
    ASSERT_TRUE(packed);
    EXPECT_EQ(base::to_bytes(*dictionary.decompress(*packed, 5000)), noise);
}

void expect_corrupt(const base::Result<std::string>& plain) {
    ASSERT_FALSE(plain);
    EXPECT_EQ(plain.error().kind, Kind::corrupt);
}

TEST(Dictionary, RefusesTheFrameOfAnother) {
    const crypto::Dictionary mine(kSample, 1), other(std::string(kSample.size(), 'x'), 1);
    const auto packed = *mine.compress(as_bytes(kSample));
    expect_corrupt(other.decompress(packed, 1 << 20));
}

TEST(Dictionary, RefusesToGrowPastTheLimit) {
    const crypto::Dictionary dictionary(kSample, 1);
    const auto packed = *dictionary.compress(as_bytes(std::string(1 << 20, 'a')));
    EXPECT_LT(packed.size(), 200u);
    expect_corrupt(dictionary.decompress(packed, (1 << 20) - 1));
    EXPECT_TRUE(dictionary.decompress(packed, 1 << 20));
}

TEST(Dictionary, RefusesWhatIsNoFrame) {
    const crypto::Dictionary dictionary(kSample, 1);
    expect_corrupt(dictionary.decompress({}, 1000));
    expect_corrupt(dictionary.decompress(as_bytes("this is no zstd frame"), 1000));
    auto packed = *dictionary.compress(as_bytes(kSample));
    for (std::size_t n = 0; n < packed.size(); ++n) expect_corrupt(dictionary.decompress(base::ByteView(packed).first(n), 1000));
    auto twice = packed;
    twice.insert(twice.end(), packed.begin(), packed.end());
    expect_corrupt(dictionary.decompress(twice, 1000));
    packed.push_back(0);
    expect_corrupt(dictionary.decompress(packed, 1000));
}

TEST(Dictionary, NoFlippedBitGoesThroughAsOtherText) {
    const crypto::Dictionary dictionary(kSample, 1);
    const auto packed = *dictionary.compress(as_bytes(kSample));
    int refused = 0;
    for (std::size_t i = 0; i < packed.size() * 8; ++i) {
        auto changed = packed;
        changed[i / 8] ^= static_cast<std::uint8_t>(1 << i % 8);
        const auto plain = dictionary.decompress(changed, 1 << 20);
        if (!plain) ++refused;
        // Some header bits carry no meaning (an unused bit, a larger window): then the same text must come out.
        if (plain) {
            EXPECT_EQ(*plain, kSample) << i;
        }
    }
    EXPECT_GT(refused, static_cast<int>(packed.size()) * 6);
}

// The contexts belong to the thread and outlive a dictionary: none may still point to it.
TEST(Dictionary, MayDieBeforeTheThread) {
    auto first = std::make_unique<crypto::Dictionary>(kSample, 1);
    const auto packed = *first->compress(as_bytes(kSample));
    ASSERT_TRUE(first->decompress(packed, 1000));
    first.reset();
    const crypto::Dictionary second("another text altogether", 3);
    EXPECT_EQ(*second.decompress(*second.compress(as_bytes("text")), 10), "text");
}

}  // namespace
