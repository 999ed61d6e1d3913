// What a release wrote must open in every later one: packed bytes as they stand in a log, against the phrases of today.
#include "anchoring/chain/dictionary.hpp"

#include "storage/base/encoding.hpp"

#include <gtest/gtest.h>

namespace {

constexpr std::string_view kText =
    R"({"resourceType":"AuditEvent","id":"0b7a4b1e-55c7-4f6c-8d7e-2f9b6f0a9c13","meta":{"versionId":"1","lastUpdated":"2026-12-01T09:10:11.012Z","profile":["https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead"]},"type":{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest","display":"RESTful Operation"},"subtype":[{"system":"http://hl7.org/fhir/restful-interaction","code":"read"}],"action":"R","outcome":"0","entity":[{"what":{"reference":"Observation/77/_history/3"}},{"what":{"reference":"Patient/8"}}]})";
constexpr std::string_view kPacked =
    "0000022c247b22f8051154750012223900080c12ff1530623761346231652d353563372d346636632d386437652d3266396236663061396331330c121cff02322d3031543039"
    "3a31303a31312e3031320a09ff250abb1e0f7f0418263737890d123332080fde0d01034d0a702f38227d7d5d7d";

TEST(StoredForm, PackedEventsStayReadable) {
    const auto packed = base::from_hex(kPacked);
    ASSERT_TRUE(packed);
    const auto text = chain::audit_event_phrases().decompress(*packed, 1 << 20);
    ASSERT_TRUE(text) << text.error().diagnostics;
    EXPECT_EQ(*text, kText) << "the phrases were changed: make another Packing in place of these";
}

}  // namespace
