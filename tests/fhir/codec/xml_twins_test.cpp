// HL7's own R4 examples, each as JSON and as XML: both must read as the same resource, each form must survive the other, and what is
// written must be valid by HL7's own schema.
#include "fhir/codec/xml.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_data.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <map>

#include <gtest/gtest.h>

namespace {

// Where the two files of HL7's do say different things, and why.
constexpr auto kRevision = "the reference was corrected in one of the files only";
const std::map<std::string, std::pair<std::string, std::string>> kFaultyTwins{
    {"claim-example-vision-glasses", {".prescription.reference", kRevision}},
    {"coverageeligibilityresponse-example", {".request.reference", kRevision}},
    {"deviceusestatement-example", {".reasonReference[0].reference", kRevision}},
    {"enrollmentresponse-example", {".request.reference", kRevision}},
    {"observation-example-clinical-gender", {".performer[0].reference", kRevision}},
    {"orgrole-example-services", {".network[0].reference", kRevision}},
    {"paymentreconciliation-example", {".request.reference", kRevision}},
    {"external-resources", {".entry[0].resource.text.div", "the narrative was generated anew for the JSON file"}},
    {"questionnaire-profile-example-ussg-fht", {".entry[0].resource.text.div", "the narrative was generated anew for the JSON file"}},
};

struct Example {
    std::string name;
    json::Value json;
    std::string xml;
};

std::vector<Example> examples(const std::filesystem::path& data) {
    std::vector<Example> out;
    for (const auto& file : support::files_below(data / "json", ".json")) {
        auto tree = json::parse(support::read_file(file));
        EXPECT_TRUE(tree.has_value()) << file;
        const auto name = file.stem().string();
        out.push_back({name, std::move(*tree), support::read_file(data / "xml" / (name + ".xml"))});
    }
    return out;
}

// The first place where two trees differ, empty when they are equal.
std::string difference(const json::Value& a, const json::Value& b, const std::string& place) {
    if (a == b) return {};
    if (a.is_object() && b.is_object()) {
        for (const auto& [name, value] : *a.if_object()) {
            const auto* other = b.find(name);
            if (other == nullptr) return place + "." + name;
            if (auto found = difference(value, *other, place + "." + name); !found.empty()) return found;
        }
        for (const auto& [name, value] : *b.if_object()) {
            if (a.find(name) == nullptr) return place + "." + name;
        }
    }
    if (a.is_array() && b.is_array() && a.if_array()->size() == b.if_array()->size()) {
        for (std::size_t i = 0; i < a.if_array()->size(); ++i) {
            if (auto found = difference((*a.if_array())[i], (*b.if_array())[i], place + "[" + std::to_string(i) + "]"); !found.empty())
                return found;
        }
    }
    return place;
}

// HL7's publication marks its examples as test data: as a tag in the JSON files, as a security label in the XML files.
void drop_test_mark(json::Value& resource) {
    auto* meta = resource.find("meta");
    if (meta == nullptr) return;
    for (const auto* list : {"tag", "security"}) {
        auto* labels = meta->find(list);
        if (labels == nullptr) continue;
        std::erase_if(*labels->if_array(), [](const json::Value& label) { return label.text("code") == "HTEST"; });
        if (labels->if_array()->empty()) meta->if_object()->erase(list);
    }
    if (meta->if_object()->empty()) resource.if_object()->erase("meta");
}

// The JSON files have meta behind everything else; R4's order, and so XML's, puts it after id.
json::Value with_meta_in_place(json::Value resource) {
    auto& object = *resource.if_object();
    const auto* meta = object.find("meta");
    if (meta == nullptr) return resource;
    auto moved = *meta;
    object.erase("meta");
    object.members().insert(object.members().begin() + (object.find("id") == nullptr ? 1 : 2), json::Member("meta", std::move(moved)));
    return resource;
}

TEST(XmlTwins, ReadAsTheSameResource) {
    const auto data = support::test_data("r4-examples");
    if (!data.path) GTEST_SKIP() << data.skip;
    std::size_t pairs = 0, faulty = 0;
    for (auto& example : examples(*data.path)) {
        auto xml = codec::from_xml(example.xml);
        ASSERT_TRUE(xml.has_value()) << example.name << ": " << xml.error().diagnostics;
        // HL7 generates narratives when it publishes: these XML files are the ones before, the JSON files the ones after.
        if (xml->find("text") == nullptr) example.json.if_object()->erase("text");
        drop_test_mark(example.json);
        drop_test_mark(*xml);
        const auto known = kFaultyTwins.find(example.name);
        if (known != kFaultyTwins.end()) ++faulty;
        EXPECT_EQ(difference(example.json, *xml, ""), known == kFaultyTwins.end() ? "" : known->second.first) << example.name;
        ++pairs;
    }
    EXPECT_GE(pairs, 300u);
    EXPECT_EQ(faulty, kFaultyTwins.size());
}

TEST(XmlTwins, JsonSurvivesXmlByteForByte) {
    const auto data = support::test_data("r4-examples");
    if (!data.path) GTEST_SKIP() << data.skip;
    std::size_t files = 0;
    for (const auto& example : examples(*data.path)) {
        for (const auto style : {codec::XmlStyle::compact, codec::XmlStyle::pretty}) {
            const auto xml = codec::to_xml(example.json, style);
            ASSERT_TRUE(xml.has_value()) << example.name << ": " << xml.error().diagnostics << " at " << xml.error().expression[0];
            const auto again = codec::from_xml(*xml);
            ASSERT_TRUE(again.has_value()) << example.name << ": " << again.error().diagnostics;
            EXPECT_EQ(json::write(*again), json::write(with_meta_in_place(example.json))) << example.name;
        }
        ++files;
    }
    EXPECT_GE(files, 300u);
}

TEST(XmlTwins, XmlSurvivesJson) {
    const auto data = support::test_data("r4-examples");
    if (!data.path) GTEST_SKIP() << data.skip;
    std::size_t files = 0;
    for (const auto& example : examples(*data.path)) {
        const auto first = codec::from_xml(example.xml);
        ASSERT_TRUE(first.has_value()) << example.name;
        const auto written = codec::to_xml(*first);
        ASSERT_TRUE(written.has_value()) << example.name << ": " << written.error().diagnostics;
        const auto second = codec::from_xml(*written);
        ASSERT_TRUE(second.has_value()) << example.name;
        EXPECT_EQ(json::write(*first), json::write(*second)) << example.name;
        ++files;
    }
    EXPECT_GE(files, 300u);
}

TEST(XmlTwins, WhatIsWrittenIsValidByTheSchema) {
    const auto data = support::test_data("r4-examples"), schemas = support::test_data("r4-xsd");
    if (!data.path || !schemas.path) GTEST_SKIP() << data.skip << schemas.skip;
    if (std::system("xmllint --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "xmllint is missing (Debian: libxml2-utils)";
    const support::TempDir dir;
    std::string command =
        "cd '" + dir.string() + "' && xmllint --nonet --noout --schema '" + (*schemas.path / "fhir-single.xsd").string() + "'";
    std::size_t files = 0;
    for (const auto& example : examples(*data.path)) {
        const auto xml = codec::to_xml(example.json, files % 2 == 0 ? codec::XmlStyle::compact : codec::XmlStyle::pretty);
        ASSERT_TRUE(xml.has_value()) << example.name;
        support::write_file(dir / (example.name + ".xml"), *xml);
        command += " '" + example.name + ".xml'";
        ++files;
    }
    EXPECT_GE(files, 300u);
    auto* answer = popen((command + " 2>&1").c_str(), "r");
    ASSERT_NE(answer, nullptr);
    std::array<char, 4096> line{};
    std::size_t valid = 0;
    std::string faults;
    while (std::fgets(line.data(), line.size(), answer) != nullptr) {
        const std::string text(line.data());
        if (text.ends_with(" validates\n"))
            ++valid;
        else if (faults.size() < 4000)
            faults += text;
    }
    EXPECT_EQ(pclose(answer), 0) << faults;
    EXPECT_EQ(valid, files);
}

}  // namespace
