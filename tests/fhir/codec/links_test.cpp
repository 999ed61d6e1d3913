#include "fhir/codec/links.hpp"

#include <gtest/gtest.h>

namespace {

const codec::LinkMap kLinks{
    {"urn:uuid:a", {"Patient/1", "1"}}, {"urn:oid:1.2", {"Binary/2", "4"}}, {"http://old.org/r4/Patient/x", {"Patient/3", "1"}}};

std::string rewritten(std::string_view text, std::string_view full_url, std::size_t count) {
    auto value = *json::parse(text);
    EXPECT_EQ(codec::rewrite_links(value, kLinks, full_url), count) << text;
    return json::write(value);
}

TEST(RewriteLinks, References) {
    EXPECT_EQ(rewritten(R"({"resourceType":"Observation","subject":{"reference":"urn:uuid:a"}})", "", 1),
              R"({"resourceType":"Observation","subject":{"reference":"Patient/1"}})");
    EXPECT_EQ(rewritten(R"({"resourceType":"Observation","subject":{"reference":"http://old.org/r4/Patient/x"}})", "", 1),
              R"({"resourceType":"Observation","subject":{"reference":"Patient/3"}})");
    // What is not in the bundle stays, also when a key is its beginning.
    for (const auto* other : {"urn:uuid:ab", "Patient/x", "#urn:uuid:a", "http://old.org/r4/Patient/xy", "urn:uuid:A"}) {
        const auto text = std::string(R"({"resourceType":"Observation","subject":{"reference":")") + other + "\"}}";
        EXPECT_EQ(rewritten(text, "", 0), text);
    }
}

TEST(RewriteLinks, RelativeReferencesStandOnTheEntrysBase) {
    const auto text = R"({"resourceType":"Observation","subject":{"reference":"Patient/x"}})";
    EXPECT_EQ(rewritten(text, "http://old.org/r4/Observation/5", 1),
              R"({"resourceType":"Observation","subject":{"reference":"Patient/3"}})");
    EXPECT_EQ(rewritten(text, "http://other.org/r4/Observation/5", 0), text);
    EXPECT_EQ(rewritten(text, "urn:uuid:q", 0), text);
}

TEST(RewriteLinks, VersionsStayVersions) {
    EXPECT_EQ(rewritten(R"({"resourceType":"Observation","subject":{"reference":"http://old.org/r4/Patient/x/_history/99"}})", "", 1),
              R"({"resourceType":"Observation","subject":{"reference":"Patient/3/_history/1"}})");
}

TEST(RewriteLinks, UrisButNoCanonicals) {
    EXPECT_EQ(
        rewritten(R"({"resourceType":"DocumentReference","content":[{"attachment":{"url":"urn:oid:1.2","title":"urn:oid:1.2"}}]})", "", 1),
        R"({"resourceType":"DocumentReference","content":[{"attachment":{"url":"Binary/2","title":"urn:oid:1.2"}}]})");
    EXPECT_EQ(
        rewritten(
            R"({"resourceType":"Basic","extension":[{"url":"http://x","valueUri":"urn:uuid:a"},{"url":"http://x","valueUuid":"urn:uuid:a"},
      {"url":"http://x","valueOid":"urn:oid:1.2"},{"url":"http://x","valueCanonical":"urn:uuid:a"},{"url":"http://x","valueString":"urn:uuid:a"}]})",
            "", 3),
        R"({"resourceType":"Basic","extension":[{"url":"http://x","valueUri":"Patient/1"},{"url":"http://x","valueUuid":"Patient/1"},)"
        R"({"url":"http://x","valueOid":"Binary/2"},{"url":"http://x","valueCanonical":"urn:uuid:a"},{"url":"http://x","valueString":"urn:uuid:a"}]})");
    EXPECT_EQ(rewritten(R"({"resourceType":"CarePlan","instantiatesCanonical":["urn:uuid:a"],"instantiatesUri":["urn:uuid:a"]})", "", 1),
              R"({"resourceType":"CarePlan","instantiatesCanonical":["urn:uuid:a"],"instantiatesUri":["Patient/1"]})");
}

std::string narrative(const std::string& div, std::size_t count) {
    json::Object text, resource;
    text.set("div", json::Value(div));
    resource.set("resourceType", "Basic");
    resource.set("text", json::Value(text));
    json::Value value(resource);
    EXPECT_EQ(codec::rewrite_links(value, kLinks, "http://old.org/r4/Basic/1"), count) << div;
    return std::string(value.find("text")->text("div"));
}

TEST(RewriteLinks, Narrative) {
    EXPECT_EQ(narrative(R"(<div><a class="x" href="urn:uuid:a">p</a><img src='urn:oid:1.2'/> urn:uuid:a</div>)", 2),
              R"(<div><a class="x" href="Patient/1">p</a><img src='Binary/2'/> urn:uuid:a</div>)");
    EXPECT_EQ(narrative("<a\n href = \"Patient/x\"/>", 1), "<a\n href = \"Patient/3\"/>");
    for (const auto* same :
         {R"(<b href="urn:uuid:a"/>)", R"(<a name="urn:uuid:a"/>)", R"(<a href="urn:uuid:b"/>)", R"(<a href="#urn:uuid:a"/>)",
          R"(<img href="urn:uuid:a"/>)", "<a href=\"urn:uuid:a", "<a href", "<a", "<", "", "<a ", "<a href=", "<a =\"urn:uuid:a\">"}) {
        EXPECT_EQ(narrative(same, 0), same);
    }
}

}  // namespace
