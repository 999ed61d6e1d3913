#include "anchoring/chain/event_packing.hpp"
#include "anchoring/chain/event_phrases.hpp"

#include <gtest/gtest.h>

#include <random>

namespace {

base::Bytes packed(std::string_view text) {
    base::Bytes out;
    chain::pack_event(text, out);
    return out;
}
std::string back(std::string_view text) {
    const auto out = chain::unpack_event(packed(text), text.size());
    return out ? *out : "refused: " + out.error().diagnostics;
}

TEST(EventPacking, GivesBackAnyText) {
    for (const std::string text : {"", "x", "\"", "\"\"\"", "{", "{\"resourceType\":\"AuditEvent\",\"id\":", "no phrase at all", "a/b/c"}) EXPECT_EQ(back(text), text);
    for (const auto phrase : chain::kEventPhrases) {
        EXPECT_EQ(packed(phrase).size(), 1u) << phrase;
        EXPECT_EQ(back(phrase), phrase);
        EXPECT_EQ(back("before" + std::string(phrase) + "after"), "before" + std::string(phrase) + "after");
        EXPECT_EQ(back(phrase.substr(0, phrase.size() - 1)), phrase.substr(0, phrase.size() - 1));
    }
    EXPECT_EQ(back(std::string(100'000, 'x')), std::string(100'000, 'x'));
    std::string bytes(3000, '\0');
    std::mt19937 random(7);
    for (auto& c : bytes) c = static_cast<char>(random());
    EXPECT_EQ(back(bytes), bytes);
}

TEST(EventPacking, GivesBackPhrasesInAnyOrder) {
    std::mt19937 random(11);
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (auto n = random() % 30; n > 0; --n) {
            switch (random() % 5) {
                case 0:
                    text += chain::kEventPhrases[random() % chain::kEventPhrases.size()];
                    break;
                case 1:
                    text += "value" + std::to_string(random() % 90);
                    break;
                case 2:
                    text += "Patient/0b7a4b1e-55c7-4f6c-8d7e-2f9b6f0a9c1" + std::to_string(random() % 10) + "/_history/1";
                    break;
                case 3:
                    text += '"';
                    break;
                default:
                    text += chain::kEventPhrases[random() % chain::kEventPhrases.size()].substr(random() % 9);
            }
        }
        ASSERT_EQ(back(text), text);
    }
}

TEST(EventPacking, AUuidTakesSixteenBytesWhereItIsWrittenAsWeWriteIt) {
    constexpr std::string_view kUuid = "0b7a4b1e-55c7-4f6c-8d7e-2f9b6f0a9c13";
    EXPECT_EQ(packed(kUuid).size(), 17u);
    EXPECT_EQ(packed("Patient/" + std::string(kUuid)).size(), 9u + 17u);
    for (const std::string other : {"0B7A4B1E-55C7-4F6C-8D7E-2F9B6F0A9C13", "0b7a4b1e-55c7-4f6c-8d7e-2f9b6f0a9c1g", "0b7a4b1e055c7-4f6c-8d7e-2f9b6f0a9c13", "0b7a4b1e-55c7-4f6c-8d7e02f9b6f0a9c13"}) {
        EXPECT_EQ(packed(other).size(), 37u) << other;
        EXPECT_EQ(back(other), other);
    }
}

TEST(EventPacking, AValueThatComesAgainTakesOneByte) {
    const std::string value = "http://localhost/fhir", phrase(chain::kEventPhrases[1]);
    EXPECT_EQ(packed(value + phrase + value).size(), 1 + value.size() + 1 + 1);
    std::string many;
    for (int n = 0; n < 200; ++n) many += "value" + std::to_string(n) + phrase;
    EXPECT_EQ(back(many + many), many + many);
}

TEST(EventPacking, RefusesWhatIsNoPackedForm) {
    const auto refusal = [](base::Bytes bytes, std::size_t most = 1000) {
        const auto out = chain::unpack_event(bytes, most);
        return out ? "'" + *out + "'" : out.error().kind == base::Kind::corrupt ? out.error().diagnostics : "wrong kind";
    };
    EXPECT_EQ(refusal({0x7e}), "a packed event has a phrase that is not known here");
    EXPECT_EQ(refusal({static_cast<std::uint8_t>(chain::kEventPhrases.size())}), "a packed event has a phrase that is not known here");
    EXPECT_EQ(refusal({0x7f, 1, 2, 3}), "a packed event is cut short");
    EXPECT_EQ(refusal({0x83, 'a', 'b', 'c'}), "a packed event is cut short");
    EXPECT_EQ(refusal({0xc0}), "a packed event repeats a value that it does not have");
    EXPECT_EQ(refusal({0x82, 'a', 'b', 'c', 0xc0}), "a packed event repeats a value that it does not have") << "too short to be kept";
    EXPECT_EQ(refusal({0x83, 'a', 'b', 'c', 'd', 0xc0}), "'abcdabcd'");
    EXPECT_EQ(refusal({0x83, 'a', 'b', 'c', 'd', 0xc0}, 7), "a packed event would grow past 7 bytes");
}

}  // namespace
