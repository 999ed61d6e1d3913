// What a release wrote must open in every later one: packed bytes as they stand in a log, against the phrases of today.
#include "anchoring/chain/dictionary.hpp"
#include "anchoring/chain/event_packing.hpp"
#include "storage/crypto/compress.hpp"

#include "storage/base/encoding.hpp"

#include <gtest/gtest.h>

namespace {

constexpr std::string_view kText =
    R"({"resourceType":"AuditEvent","id":"0b7a4b1e-55c7-4f6c-8d7e-2f9b6f0a9c13","meta":{"versionId":"1","lastUpdated":"2026-12-01T09:10:11.012Z","profile":["https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead"]},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest","display":"RESTful Operation"},"subtype":[{"system":"http://hl7.org/fhir/restful-interaction","code":"read"}],"action":"R","outcome":"0","entity":[{"what":{"reference":"Observation/77/_history/3"}},{"what":{"reference":"Patient/8"}}]})";
constexpr std::string_view kPacked =
    "0000022c247b22f8051154750012223900080c12ff1530623761346231652d353563372d346636632d386437652d3266396236663061396331330c121cff02322d3031543039"
    "3a31303a31312e3031320a09ff250abb1e0f7f0418263737890d123332080fde0d01034d0a702f38227d7d5d7d";

constexpr std::string_view kPackedByPhrases =
    "007f0b7a4b1e55c74f6c8d7e2f9b6f0a9c130197323032362d31322d30315430393a31303a31312e3031325a028a50617469656e745265616404837265616407805209bf30222c22656e74697479223a5b7b2277686174223a7b227265666572656e6365223a224f62736572766174696f6e2f37372f5f686973746f72792f33227d7d2ca37b2277686174223a7b227265666572656e6365223a2250617469656e742f38227d7d5d7d";

TEST(StoredForm, PackedEventsStayReadable) {
    const auto text = crypto::unpack_lz4(base::from_hex(kPacked).value(), chain::audit_event_dictionary(), 1 << 20);
    ASSERT_TRUE(text) << text.error().diagnostics;
    EXPECT_EQ(*text, kText) << "the dictionary was changed";
    const auto second = chain::unpack_event(base::from_hex(kPackedByPhrases).value(), 1 << 20);
    ASSERT_TRUE(second) << second.error().diagnostics;
    EXPECT_EQ(*second, kText) << "the phrases were changed: they can only be added to";
}

TEST(StoredForm, ADamagedFirstPackingIsRefused) {
    const auto refused = [](base::ByteView packed, std::size_t most) {
        const auto text = crypto::unpack_lz4(packed, chain::audit_event_dictionary(), most);
        return !text && text.error().kind == base::Kind::corrupt;
    };
    auto packed = base::from_hex(kPacked).value();
    for (std::size_t n = 0; n < packed.size(); ++n) EXPECT_TRUE(refused(base::ByteView(packed).first(n), 1 << 20)) << n;
    EXPECT_TRUE(refused(packed, kText.size() - 1));
    packed.push_back(0);
    EXPECT_TRUE(refused(packed, 1 << 20));
}

// Whatever the bytes are, unpacking stays within them and within the size they state (the sanitizers watch).
TEST(StoredForm, NoFlippedBitReadsOrWritesOutside) {
    for (const auto hex : {kPacked, kPackedByPhrases}) {
        const auto packed = base::from_hex(hex).value();
        for (std::size_t i = 0; i < packed.size() * 8; ++i) {
            auto changed = packed;
            changed[i / 8] ^= static_cast<std::uint8_t>(1 << i % 8);
            const auto plain = hex == kPacked ? crypto::unpack_lz4(changed, chain::audit_event_dictionary(), 1 << 20) : chain::unpack_event(changed, 1 << 20);
            if (!plain) {
                EXPECT_EQ(plain.error().kind, base::Kind::corrupt);
            }
        }
    }
}

}  // namespace
