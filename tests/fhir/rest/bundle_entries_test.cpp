// https://hl7.org/fhir/R4/bundle.html: what an entry of a batch or transaction must have, with the place of what it lacks.
#include "fhir/rest/bundle_entries.hpp"

#include <gtest/gtest.h>

namespace rest {
namespace {

base::Result<std::vector<BundleEntry>> entries_of(const std::string& list, std::size_t limit = 10) {
    Settings settings;
    settings.base_url = "http://localhost/fhir";
    settings.bundle_entries = limit;
    return bundle_entries(*json::parse(R"({"resourceType":"Bundle","type":"batch","entry":[)" + list + "]}"), settings);
}

TEST(BundleEntries, ReadsRequestAndMakesTheUrlRelative) {
    const auto entries = entries_of(R"({"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"/Patient","ifNoneExist":"identifier=a"}},
                                       {"request":{"method":"GET","url":"http://localhost/fhir/Patient/1"}})");
    ASSERT_TRUE(entries) << entries.error().diagnostics;
    EXPECT_EQ((*entries)[0].url, "Patient");
    EXPECT_EQ((*entries)[0].if_none_exist, "identifier=a");
    EXPECT_EQ((*entries)[1].url, "Patient/1");
}

TEST(BundleEntries, NamesThePlaceOfWhatIsMissing) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"resource":{"resourceType":"Patient"}})", "Bundle.entry[0].request"},
        {R"({"request":{"method":"FETCH","url":"Patient"}})", "Bundle.entry[0].request.method"},
        {R"({"request":{"method":"PUT","url":"Patient/1"}})", "Bundle.entry[0].resource"},
        {R"({"request":{"method":"GET","url":""}})", "Bundle.entry[0].request.url"},
    };
    for (const auto& [text, place] : cases) {
        const auto entries = entries_of(text);
        ASSERT_FALSE(entries) << text;
        EXPECT_EQ(entries.error().kind, base::Kind::invalid);
        EXPECT_EQ(entries.error().expression.front(), place);
    }
    EXPECT_EQ(entries_of(R"({"request":{"method":"PATCH","url":"Patient/1"}})").error().kind, base::Kind::invalid);  // without its patch
    EXPECT_EQ(entries_of(R"({"resource":{},"request":{"method":"POST","url":""}})").error().kind, base::Kind::not_supported);
}

TEST(BundleEntries, NamesTheLimit) {
    const auto entries = entries_of(R"({"request":{"method":"GET","url":"Patient/1"}},{"request":{"method":"GET","url":"Patient/2"}})", 1);
    ASSERT_FALSE(entries);
    EXPECT_EQ(entries.error().kind, base::Kind::too_large);
    EXPECT_NE(entries.error().diagnostics.find("limit is 1"), std::string::npos);
}

}  // namespace
}  // namespace rest
