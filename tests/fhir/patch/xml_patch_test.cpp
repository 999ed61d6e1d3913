// XML Patch: add with its positions, attributes, replace, remove, selectors, namespaces, narratives, and each error.
#include "fhir/patch/xml_patch.hpp"

#include "tests/fhir/patch/patching.hpp"

namespace {

constexpr auto kPatient = R"({"resourceType":"Patient","id":"1","identifier":[{"system":"urn:s","value":"a"},{"value":"b"}],"active":true,)"
                          R"("name":[{"family":"F","given":["x","y"]}],"birthDate":"1920-01-01"})";

// Operations on the Patient, with the prefixes f and h and FHIR's namespace for what is added.
std::string run(const std::string& operations, std::string_view resource = kPatient) {
    return patching::patched(R"(<diff xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml" xmlns="http://hl7.org/fhir">)" +
                                 operations + "</diff>",
                             resource);
}
std::string member(std::string_view name, const std::string& resource) {
    if (resource.front() != '{') return resource;
    const auto tree = patching::tree(resource);
    const auto* found = tree.find(name);
    return found == nullptr ? "absent" : json::write(*found);
}

TEST(XmlPatch, NothingToDo) {
    EXPECT_EQ(run(""), kPatient);
}

TEST(XmlPatch, Replace) {
    EXPECT_EQ(member("birthDate", run(R"(<replace sel="f:Patient/f:birthDate/@value">1930-01-01</replace>)")), R"("1930-01-01")");
    EXPECT_EQ(member("birthDate", run(R"(<replace sel="/f:Patient/f:birthDate"> <birthDate value="1930"/> </replace>)")), R"("1930")");
    EXPECT_EQ(member("name", run(R"(<replace sel="f:Patient/f:name[1]/f:given[2]/@value">z</replace>)")),
              R"([{"family":"F","given":["x","z"]}])");
    EXPECT_EQ(member("name", run(R"(<replace sel="f:Patient/f:name"><f:name><f:text value="t"/></f:name></replace>)")),
              R"([{"text":"t"}])");
    EXPECT_EQ(run(R"(<replace sel="f:Patient"><Patient><active value="false"/></Patient></replace>)"),
              R"({"resourceType":"Patient","active":false})");
}

TEST(XmlPatch, Remove) {
    EXPECT_EQ(member("birthDate", run(R"(<remove sel="f:Patient/f:birthDate"/>)")), "absent");
    EXPECT_EQ(member("identifier", run(R"(<remove sel="f:Patient/f:identifier[2]" ws="both"></remove>)")),
              R"([{"system":"urn:s","value":"a"}])");
    EXPECT_EQ(member("identifier", run(R"(<remove sel="f:Patient/f:identifier[1]/f:system"/>)")), R"([{"value":"a"},{"value":"b"}])");
    EXPECT_EQ(
        member(
            "name",
            run(R"(<remove sel="f:Patient/f:name/f:given[1]"/><remove sel="f:Patient/f:name/f:given"/><remove sel="f:Patient/f:name/f:family"/>)")),
        "absent");
}

// At the end of the parent, says RFC 5261; R4's order puts these elsewhere, also inside of what is contained.
TEST(XmlPatch, WhatIsAddedStandsWhereR4HasIt) {
    EXPECT_EQ(
        run(R"(<add sel="f:Patient"><gender value="male"/></add><add sel="f:Patient/f:name/f:given[1]"><extension url="urn:e"/></add>)"
            R"(<add sel="f:Patient/f:name"><use value="usual"/></add><remove sel="f:Patient/f:name/f:given/f:extension"/>)"),
        R"({"resourceType":"Patient","id":"1","identifier":[{"system":"urn:s","value":"a"},{"value":"b"}],"active":true,)"
        R"("name":[{"use":"usual","family":"F","given":["x","y"]}],"gender":"male","birthDate":"1920-01-01"})");
    EXPECT_EQ(member("contained", run(R"(<add sel="f:Patient/f:contained/f:Organization"><active value="true"/></add>)",
                                      R"({"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","name":"n"}]})")),
              R"([{"resourceType":"Organization","id":"o","active":true,"name":"n"}])");
}

TEST(XmlPatch, AddInEveryPosition) {
    EXPECT_EQ(member("maritalStatus", run(R"(<add sel="f:Patient"><maritalStatus><text value="m"/></maritalStatus></add>)")),
              R"({"text":"m"})");
    EXPECT_EQ(
        member("identifier", run(R"(<add sel="f:Patient/f:identifier[1]" pos="before"><identifier><value value="n"/></identifier></add>)")),
        R"([{"value":"n"},{"system":"urn:s","value":"a"},{"value":"b"}])");
    EXPECT_EQ(
        member(
            "identifier",
            run(R"(<add sel="f:Patient/f:identifier[1]" pos="after"><identifier><value value="n"/></identifier><identifier><value value="o"/></identifier></add>)")),
        R"([{"system":"urn:s","value":"a"},{"value":"n"},{"value":"o"},{"value":"b"}])");
    EXPECT_EQ(member("name", run(R"(<add sel="f:Patient/f:name" pos="prepend"><use value="old"/></add>)")),
              R"([{"use":"old","family":"F","given":["x","y"]}])");
    EXPECT_EQ(member("name", run(R"(<add sel="f:Patient/f:name"><given value="z"/></add>)")), R"([{"family":"F","given":["x","y","z"]}])");
}

TEST(XmlPatch, AddAnAttribute) {
    EXPECT_EQ(member("name", run(R"(<add sel="f:Patient/f:name" type="@id">i</add>)")), R"([{"id":"i","family":"F","given":["x","y"]}])");
    EXPECT_EQ(member("_birthDate", run(R"(<add sel="f:Patient/f:birthDate" type="@id">i</add>)")), R"({"id":"i"})");
    EXPECT_EQ(
        member("_birthDate", run(R"(<add sel="f:Patient/f:birthDate"><extension url="urn:x"><valueCode value="c"/></extension></add>)")),
        R"({"extension":[{"url":"urn:x","valueCode":"c"}]})");
}

TEST(XmlPatch, Selectors) {
    for (const auto* selector :
         {"f:Patient/f:identifier[1]", "/f:Patient/f:identifier[position()=1]", "f:Patient/f:identifier[f:system]",
          "f:Patient/f:identifier[f:value/@value='a']", "f:Patient/f:identifier[f:system/@value=\"urn:s\"][1]", "f:Patient/*[2]",
          "*/f:identifier[1]", "f:*/f:*[f:value/@value='a']", " f:Patient / f:identifier [ 1 ] ", "Patient/identifier[1]"}) {
        std::string quoted;
        for (const char c : std::string_view(selector)) quoted += c == '"' ? "&quot;" : std::string(1, c);
        EXPECT_EQ(member("identifier", run("<remove sel=\"" + quoted + "\"/>")), R"([{"value":"b"}])") << selector;
    }
    EXPECT_EQ(member("identifier", run(R"(<remove sel="f:Patient/f:identifier[last()]"/>)")), R"([{"system":"urn:s","value":"a"}])");
    EXPECT_EQ(member("name", run(R"(<remove sel="f:Patient/f:name/f:given[@value='x']"/>)")), R"([{"family":"F","given":["y"]}])");
}

TEST(XmlPatch, NamespacesAreThoseOfThePatch) {
    const auto removed = R"({"resourceType":"Patient","active":true})";
    const auto patient = R"({"resourceType":"Patient","active":true,"birthDate":"2020"})";
    for (const auto* patch :
         {R"(<diff xmlns:any="http://hl7.org/fhir"><remove sel="any:Patient/any:birthDate"/></diff>)",
          R"(<diff><remove xmlns:x="http://hl7.org/fhir" sel="x:Patient/x:birthDate"/></diff>)",
          R"(<p:patch xmlns:p="urn:ietf:rfc:7351" xmlns="http://hl7.org/fhir"><p:remove sel="Patient/birthDate"/></p:patch>)",
          R"(<diff xmlns:f="urn:other"><remove xmlns:f="http://hl7.org/fhir" sel="f:Patient/f:birthDate"/></diff>)"}) {
        EXPECT_EQ(patching::patched(patch, patient), removed) << patch;
    }
    EXPECT_EQ(patching::patched(R"(<diff><remove sel="Patient/birthDate"/></diff>)", patient),
              "unprocessable: operation 1 (remove): nothing is selected (names without a prefix are in the patch's default namespace)");
    EXPECT_EQ(patching::patched(R"(<diff><remove sel="f:Patient/f:birthDate"/></diff>)", patient),
              "invalid: operation 1 (remove): the selector, at character 10: the prefix 'f' is not declared in the patch");
    EXPECT_EQ(patching::patched(R"(<diff xmlns:f="http://hl7.org/fhir"><add sel="f:Patient"><gender value="male"/></add></diff>)", patient),
              "unprocessable: the patched document is no resource: <gender> is not in the namespace http://hl7.org/fhir");
}

constexpr auto kNarrative =
    R"({"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\" ><p  class='a'>x &amp; y<!-- c --></p><p>z</p></div>"},"active":true})";

TEST(XmlPatch, ANarrativeThatIsNotTouchedStaysAsItWasWritten) {
    EXPECT_EQ(
        run(R"(<replace sel="f:Patient/f:active/@value">false</replace>)", kNarrative),
        R"({"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\" ><p  class='a'>x &amp; y<!-- c --></p><p>z</p></div>"},"active":false})");
}

TEST(XmlPatch, ANarrativeIsPatchedInItsOwnNamespace) {
    EXPECT_EQ(
        member("text",
               run(R"(<remove sel="f:Patient/f:text/h:div/h:p[2]"/><add sel="f:Patient/f:text/h:div"><h:p>new <h:b>b</h:b></h:p></add>)",
                   kNarrative)),
        R"({"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p class=\"a\">x &amp; y</p><p>new <b>b</b></p></div>"})");
    EXPECT_EQ(member("text", run(R"x(<replace sel="f:Patient/f:text/h:div/h:p[2]/text()">t</replace>)x", kNarrative)),
              R"({"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p class=\"a\">x &amp; y</p><p>t</p></div>"})");
    EXPECT_EQ(
        member(
            "text",
            run(R"(<replace sel="f:Patient/f:text"><text><status value="additional"/><div xmlns="http://www.w3.org/1999/xhtml"> n</div></text></replace>)",
                kNarrative)),
        R"({"status":"additional","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"> n</div>"})");
    EXPECT_EQ(member("text", run(R"x(<add sel="f:Patient/f:text/h:div/h:p[2]/text()" pos="before">a</add>)x", kNarrative)),
              R"({"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p class=\"a\">x &amp; y</p><p>az</p></div>"})");
}

TEST(XmlPatch, ResourcesInsideResources) {
    const auto bundle = R"({"resourceType":"Bundle","entry":[{"fullUrl":"urn:1","resource":{"resourceType":"Basic","language":"en"}}]})";
    EXPECT_EQ(member("entry", run(R"(<replace sel="f:Bundle/f:entry[1]/f:resource/f:Basic/f:language/@value">de</replace>)", bundle)),
              R"([{"fullUrl":"urn:1","resource":{"resourceType":"Basic","language":"de"}}])");
}

TEST(XmlPatch, ApplyingErrors) {
    const std::pair<const char*, const char*> kCases[] = {
        {R"(<remove sel="f:Patient/f:gender"/>)",
         "unprocessable: operation 1 (remove): nothing is selected (names without a prefix are in the patch's default namespace)"},
        {R"(<remove sel="f:Patient/f:identifier"/>)", "unprocessable: operation 1 (remove): the selector names 2 nodes; it must name one"},
        {R"(<remove sel="f:Patient"/>)", "unprocessable: operation 1 (remove): a patch does not remove the resource itself"},
        {R"(<add sel="f:Patient" pos="after"><a/></add>)", "unprocessable: operation 1 (add): beside a resource nothing can stand"},
        {R"(<add sel="f:Patient/f:active/@value">x</add>)",
         "unprocessable: operation 1 (add): nothing can be added to an attribute; replace it"},
        {R"(<add sel="f:Patient/f:active" type="@value">x</add>)",
         "unprocessable: operation 1 (add): the attribute is there already; replace it"},
        {R"(<add sel="f:Patient/f:active/@value" type="@id">x</add>)",
         "unprocessable: operation 1 (add): an attribute is added to an element"},
        {R"(<replace sel="f:Patient/f:active/@value"><a/></replace>)",
         "unprocessable: operation 1 (replace): an attribute or a text is replaced by text"},
        {R"(<replace sel="f:Patient/f:active">x</replace>)", "unprocessable: operation 1 (replace): an element is replaced by one element"},
        {R"(<replace sel="f:Patient/f:active"/>)", "unprocessable: operation 1 (replace): an element is replaced by one element"},
        {R"(<replace sel="f:Patient/f:active"><a/><b/></replace>)",
         "unprocessable: operation 1 (replace): an element is replaced by one element"},
        {R"(<add sel="f:Patient"><colour value="red"/></add>)",
         "unprocessable: the patched document is no resource: R4 has no element 'colour' here"},
        {R"(<replace sel="f:Patient/f:active/@value">perhaps</replace>)",
         "unprocessable: the patched document is no resource: a boolean is true or false (attribute 'value')"},
        {R"(<replace sel="f:Patient"><Basic><language value="en"/></Basic></replace>)",
         "unprocessable: the patch makes something else than a Patient of it"}};
    for (const auto& [patch, wanted] : kCases) EXPECT_EQ(run(patch), wanted) << patch;
    EXPECT_EQ(run(R"x(<add sel="f:Patient/f:text/h:div/h:p[2]/text()"><a/></add>)x", kNarrative),
              "unprocessable: operation 1 (add): a text has no children; use pos before or after");
    EXPECT_EQ(run("", R"({"resourceType":"Patient","language":"\u0001"})").substr(0, 55),
              "unprocessable: the resource cannot be written as XML: X");
}

TEST(XmlPatch, MalformedPatches) {
    const std::pair<const char*, const char*> kCases[] = {
        {R"(<change sel="a"/>)", "invalid: operation 1: the element is none of add, replace, remove"},
        {"text", "invalid: text stands between the operations"},
        {R"(<remove/>)", "invalid: operation 1 (remove): the attribute 'sel' is missing"},
        {R"(<remove sel="a">x</remove>)", "invalid: operation 1 (remove): <remove> is empty"},
        {R"(<remove sel="a" ws="all"/>)", "invalid: operation 1 (remove): 'ws' is none of before, after, both"},
        {R"(<add sel="a" pos="inside"/>)", "invalid: operation 1 (add): 'pos' is none of prepend, before, after"},
        {R"(<add sel="a" type="id"/>)", "invalid: operation 1 (add): 'type' is @ and the name of an attribute"},
        {R"(<add sel="a" type="@x:id"/>)", "invalid: operation 1 (add): the prefix in 'type' is not declared"},
        {R"(<add sel="a" pos="before" type="@id"/>)", "invalid: operation 1 (add): an attribute has no 'pos'"},
        {R"(<add sel="a" type="namespace::x">urn:x</add>)",
         "not-supported: operation 1 (add): namespace nodes are not patched: FHIR's namespaces are fixed"}};
    for (const auto& [patch, wanted] : kCases) EXPECT_EQ(run(patch), wanted) << patch;
    EXPECT_FALSE(patch::XmlPatch::parse("<diff>").has_value());
    const auto other = patch::XmlPatch::parse("<other/>");
    ASSERT_FALSE(other.has_value());
    EXPECT_EQ(other.error().diagnostics, "an XML Patch is a <diff> with add, replace and remove in it");
}

TEST(XmlPatch, SelectorErrors) {
    const std::pair<const char*, const char*> kCases[] = {
        {"", "invalid: operation 1 (remove): the selector, at character 1: a name is expected"},
        {"//f:Patient", "not-supported: operation 1 (remove): the selector, at character 2: '//' is not in XML Patch; name each element"},
        {"f:Patient/..", "not-supported: operation 1 (remove): the selector, at character 11: '..' is not in XML Patch"},
        {"child::f:Patient", "not-supported: operation 1 (remove): the selector, at character 8: axes are not in XML Patch"},
        {"id('x')", "not-supported: operation 1 (remove): the selector, at character 1: the function id() is not taken here"},
        {"comment()", "not-supported: operation 1 (remove): the selector, at character 1: the function comment() is not taken here"},
        {"f:Patient[0]", "invalid: operation 1 (remove): the selector, at character 11: a position counts from 1"},
        {"f:Patient[1", "invalid: operation 1 (remove): the selector, at character 12: ']' is expected"},
        {"f:Patient[@id=x]", "invalid: operation 1 (remove): the selector, at character 15: a text in quotes is expected"},
        {"f:Patient[position()]", "invalid: operation 1 (remove): the selector, at character 21: position() is compared by '='"},
        {"f:Patient/@id/f:x", "invalid: operation 1 (remove): the selector, at character 15: nothing stands below an attribute or a text"},
        {"f:", "invalid: operation 1 (remove): the selector, at character 3: a name is expected behind the prefix"},
        {"f:Patient f:x", "invalid: operation 1 (remove): the selector, at character 11: a '/' or the end is expected"}};
    for (const auto& [selector, wanted] : kCases) EXPECT_EQ(run("<remove sel=\"" + std::string(selector) + "\"/>"), wanted) << selector;
}

}  // namespace
