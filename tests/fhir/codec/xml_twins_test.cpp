// HL7's own R4 examples, each as JSON and as XML: both must read as the same resource, and each form must survive the other.
#include "fhir/codec/xml.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>

namespace {

std::filesystem::path twin_of(const std::filesystem::path& json) {
    return json.parent_path().parent_path() / "xml" / json.filename().replace_extension(".xml");
}

// The first place where two trees differ, as "path: left | right".
std::string difference(const json::Value& a, const json::Value& b, const std::string& place) {
    if (a == b) return {};
    if (a.is_object() && b.is_object()) {
        for (const auto& [name, value] : *a.if_object()) {
            const auto* other = b.find(name);
            if (other == nullptr) return place + "." + name + ": only on the left";
            if (auto found = difference(value, *other, place + "." + name); !found.empty()) return found;
        }
        for (const auto& [name, value] : *b.if_object()) {
            if (a.find(name) == nullptr) return place + "." + name + ": only on the right";
        }
    }
    if (a.is_array() && b.is_array() && a.if_array()->size() == b.if_array()->size()) {
        for (std::size_t i = 0; i < a.if_array()->size(); ++i) {
            if (auto found = difference((*a.if_array())[i], (*b.if_array())[i], place + "[" + std::to_string(i) + "]"); !found.empty()) return found;
        }
    }
    return place + ": " + json::write(a).substr(0, 3000) + " | " + json::write(b).substr(0, 3000);
}

TEST(XmlTwins, ReadAsTheSameResource) {
    const auto data = support::test_data("r4-examples/json");
    if (!data.path) GTEST_SKIP() << data.skip;
    std::size_t pairs = 0;
    for (const auto& file : support::files_below(*data.path, ".json")) {
        const auto json = json::parse(support::read_file(file));
        ASSERT_TRUE(json.has_value()) << file;
        const auto xml = codec::from_xml(support::read_file(twin_of(file)));
        if (!xml) {
            ADD_FAILURE() << file.filename() << ": " << xml.error().diagnostics << " at " << (xml.error().expression.empty() ? "" : xml.error().expression[0]);
            continue;
        }
        if (auto found = difference(*json, *xml, ""); !found.empty()) ADD_FAILURE() << file.filename() << found;
        ++pairs;
    }
    EXPECT_GE(pairs, 300u);
}

TEST(XmlTwins, JsonSurvivesXmlByteForByte) {
    const auto data = support::test_data("r4-examples/json");
    if (!data.path) GTEST_SKIP() << data.skip;
    std::size_t files = 0;
    for (const auto& file : support::files_below(*data.path, ".json")) {
        const auto json = json::parse(support::read_file(file));
        ASSERT_TRUE(json.has_value()) << file;
        for (const auto style : {codec::XmlStyle::compact, codec::XmlStyle::pretty}) {
            const auto xml = codec::to_xml(*json, style);
            if (!xml) {
                ADD_FAILURE() << file.filename() << ": " << xml.error().diagnostics << " at " << xml.error().expression[0];
                continue;
            }
            const auto again = codec::from_xml(*xml);
            ASSERT_TRUE(again.has_value()) << file << again.error().diagnostics;
            if (json::write(*again) != json::write(*json)) ADD_FAILURE() << file.filename() << difference(*json, *again, "");
        }
        ++files;
    }
    EXPECT_GE(files, 300u);
}

}  // namespace
