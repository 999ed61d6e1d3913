#include "consent/decide/facts.hpp"

#include "tests/consent/consents.hpp"

#include <gtest/gtest.h>

namespace consent_test {
namespace {

void expect_same(const Facts& a, const Facts& b) {
    EXPECT_EQ(a.type, b.type);
    EXPECT_EQ(a.id, b.id);
    EXPECT_EQ(a.owner_org, b.owner_org);
    EXPECT_EQ(a.patients, b.patients);
    EXPECT_EQ(a.authors, b.authors);
    EXPECT_EQ(a.codes, b.codes);
    EXPECT_EQ(a.labels, b.labels);
    EXPECT_EQ(a.profiles, b.profiles);
    EXPECT_EQ(a.references, b.references);
    EXPECT_EQ(a.has_clinical_time, b.has_clinical_time);
    EXPECT_EQ(a.clinical_low, b.clinical_low);
    EXPECT_EQ(a.clinical_high, b.clinical_high);
}

TEST(Facts, ComeBackAsTheyWent) {
    Facts facts = observation();
    facts.profiles = {"http://example.org/p", std::string(1000, 'x')};
    facts.clinical_low = -5;  // before 1970
    expect_same(*Facts::decode(facts.encode()), facts);
    Facts bare;
    bare.type = "Organization";
    expect_same(*Facts::decode(bare.encode()), bare);
    EXPECT_LT(observation().encode().size(), 220u);
}

TEST(Facts, EveryCutAndEveryTailIsRefused) {
    const std::string whole = observation().encode();
    for (std::size_t n = 0; n < whole.size(); ++n) {
        const auto cut = Facts::decode(std::string_view(whole).substr(0, n));
        ASSERT_FALSE(cut) << n;
        EXPECT_EQ(cut.error().kind, base::Kind::corrupt);
    }
    EXPECT_FALSE(Facts::decode(whole + '\0'));
}

TEST(Facts, AnotherVersionFlagOrOrderIsRefused) {
    std::string bytes = observation().encode();
    bytes[0] = 2;
    EXPECT_FALSE(Facts::decode(bytes));
    bytes = observation().encode();
    bytes[1] |= 4;
    EXPECT_FALSE(Facts::decode(bytes));
    Facts backwards = observation();
    backwards.clinical_high = backwards.clinical_low - 1;
    EXPECT_FALSE(Facts::decode(backwards.encode()));
    Facts nameless = observation();
    nameless.type.clear();
    EXPECT_FALSE(Facts::decode(nameless.encode()));
}

TEST(Facts, AHugeCountReservesNothing) {
    std::string bytes{"\x01\x00", 2};
    bytes += "\x01T";
    bytes += std::string("\x00\x00", 2);
    bytes += "\xff\xff\xff\x7f";  // 2^28 - 1 patients
    EXPECT_FALSE(Facts::decode(bytes));
    EXPECT_FALSE(Facts::decode(std::string("\x01\x00\x81\x00T", 5)));  // an overlong count
}

// Any byte turned over either still decodes (to other facts) or is refused; it never runs past the end (the sanitizers watch).
TEST(Facts, FlippedBytesDoNoHarm) {
    const std::string whole = observation().encode();
    int refused = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string bytes = whole;
            bytes[i] = static_cast<char>(bytes[i] ^ (1 << bit));
            refused += Facts::decode(bytes) ? 0 : 1;
        }
    }
    EXPECT_GT(refused, 50);
}

}  // namespace
}  // namespace consent_test
