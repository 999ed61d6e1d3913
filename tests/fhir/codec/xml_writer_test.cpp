// https://hl7.org/fhir/R4/xml.html, from JSON to XML.
#include "fhir/codec/xml.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using testing::HasSubstr;

constexpr std::string_view kHead = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

std::string written(std::string_view json, codec::XmlStyle style = codec::XmlStyle::compact) {
    const auto xml = codec::to_xml(*json::parse(json), style);
    if (!xml) return "refused: " + xml.error().diagnostics;
    EXPECT_TRUE(xml->starts_with(kHead));
    return xml->substr(kHead.size());
}

void refused_at(std::string_view json, std::string_view place, std::string_view says) {
    const auto xml = codec::to_xml(*json::parse(json));
    ASSERT_FALSE(xml) << *xml;
    EXPECT_EQ(xml.error().kind, base::Kind::invalid);
    EXPECT_THAT(xml.error().diagnostics, HasSubstr(std::string(says)));
    EXPECT_EQ(xml.error().expression, std::vector<std::string>{std::string(place)});
}

TEST(XmlWriter, PutsMembersIntoR4sOrder) {
    EXPECT_EQ(
        written(
            R"({"birthDate":"1970","active":true,"id":"1","resourceType":"Patient","multipleBirthInteger":2,"meta":{"versionId":"1"}})"),
        R"(<Patient xmlns="http://hl7.org/fhir"><id value="1"/><meta><versionId value="1"/></meta><active value="true"/><birthDate value="1970"/><multipleBirthInteger value="2"/></Patient>)");
    EXPECT_EQ(written(R"({"resourceType":"Patient"})"), R"(<Patient xmlns="http://hl7.org/fhir"/>)");
    EXPECT_EQ(written(R"({"resourceType":"Observation","valueQuantity":{"value":1.10}})"),
              R"(<Observation xmlns="http://hl7.org/fhir"><valueQuantity><value value="1.10"/></valueQuantity></Observation>)");
}

TEST(XmlWriter, AttributesAndSiblings) {
    EXPECT_EQ(
        written(
            R"({"resourceType":"Patient","_birthDate":{"extension":[{"url":"http://x","valueString":"y"}],"id":"b"},"birthDate":"1970"})"),
        R"(<Patient xmlns="http://hl7.org/fhir"><birthDate value="1970" id="b"><extension url="http://x"><valueString value="y"/></extension></birthDate></Patient>)");
    EXPECT_EQ(written(R"({"resourceType":"Patient","name":[{"given":["A",null,"C"],"_given":[null,{"id":"x"}],"id":"n"}]})"),
              R"(<Patient xmlns="http://hl7.org/fhir"><name id="n"><given value="A"/><given id="x"/><given value="C"/></name></Patient>)");
    // The url is an attribute although R4 names the inner extensions before it.
    EXPECT_EQ(
        written(R"({"resourceType":"Patient","extension":[{"extension":[{"url":"a","valueCode":"b"}],"url":"http://x"}]})"),
        R"(<Patient xmlns="http://hl7.org/fhir"><extension url="http://x"><extension url="a"><valueCode value="b"/></extension></extension></Patient>)");
}

TEST(XmlWriter, EscapesSoThatAReaderGetsTheSame) {
    const std::string json = R"({"resourceType":"Patient","name":[{"family":"<a>&\"'\t\n\r é 😀 \u00a0 ]]>"}]})";
    EXPECT_EQ(written(json), R"(<Patient xmlns="http://hl7.org/fhir"><name><family value="&lt;a&gt;&amp;&quot;'&#9;&#10;&#13; é 😀 )"
                             "\xc2\xa0"
                             R"( ]]&gt;"/></name></Patient>)");
    EXPECT_EQ(*codec::from_xml(*codec::to_xml(*json::parse(json))), *json::parse(json));
}

// R4's narrative takes XHTML's names of characters; XML without a DTD knows five of them.
TEST(XmlWriter, WritesHtmlsNamedCharactersAsThemselves) {
    const auto div_of = [](std::string_view inside) {
        const auto json = R"({"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">)" +
                          std::string(inside) + R"(</div>"}})";
        const auto xml = written(json);
        const auto begin = xml.find("xhtml\">") + 7;
        return xml.starts_with("refused") ? xml : xml.substr(begin, xml.find("</div>") - begin);
    };
    EXPECT_EQ(div_of("a&nbsp;b &eacute;&euro;&there4;"), "a\xc2\xa0" "b \xc3\xa9\xe2\x82\xac\xe2\x88\xb4");
    EXPECT_EQ(div_of("<img alt='&copy;'/>"), "<img alt='\xc2\xa9'/>");
    EXPECT_EQ(div_of("&amp;nbsp; &lt;&gt;&quot;&apos; &#160;&#xA0;"), "&amp;nbsp; &lt;&gt;&quot;&apos; &#160;&#xA0;");
    EXPECT_EQ(div_of("<!-- &nbsp; -->&nbsp;"), "<!-- &nbsp; -->\xc2\xa0");
    EXPECT_THAT(div_of("&nobody;"), HasSubstr("refused: the narrative is no XHTML that XML can hold"));
    EXPECT_THAT(div_of("&nbsp; & &nbsp"), HasSubstr("refused: the narrative is no XHTML that XML can hold"));
}

TEST(XmlWriter, ResourcesInside) {
    EXPECT_EQ(
        written(
            R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","active":false},"fullUrl":"urn:x"}]})"),
        R"(<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/><entry><fullUrl value="urn:x"/><resource><Patient><active value="false"/></Patient></resource></entry></Bundle>)");
}

TEST(XmlWriter, Narrative) {
    const auto around = [](const std::string& div) {
        json::Object text, out;
        text.set("status", "generated");
        text.set("div", div);
        out.set("resourceType", "Patient");
        out.set("text", std::move(text));
        return json::write(json::Value(std::move(out)));
    };
    const std::string div = "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p class='a'>x &amp; y &#160;<br></br>é</p>\r\n</div>";
    EXPECT_THAT(written(around(div)), HasSubstr("<status value=\"generated\"/>" + div + "</text>"));
    EXPECT_THAT(written(around(div), codec::XmlStyle::pretty), HasSubstr("\n    " + div + "\n  </text>"));
    EXPECT_EQ(codec::from_xml(*codec::to_xml(*json::parse(around(div))))->find("text")->text("div"), div);
    EXPECT_THAT(written(around(" <div><p>x</p></div>\n")), HasSubstr("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>x</p></div></text>"));
    EXPECT_THAT(written(around("<div/>")), HasSubstr("<div xmlns=\"http://www.w3.org/1999/xhtml\"/></text>"));
    for (const std::string wrong :
         {"<div>", "<div></div><div></div>", "<p>x</p>", "text", "<div>&nobody;</div>", "<!DOCTYPE div [<!ENTITY x \"y\">]><div>&x;</div>",
          "<?xml version=\"1.0\"?><div/>", "<!-- <div --><div/>", "<div xmlns=\"urn:x\"/>",
          "<h:div xmlns:h=\"http://www.w3.org/1999/xhtml\"/>", "<div xmlns=\"http://www.w3.org/1999/xhtml\"/></text><text>", "<div/><x/>",
          "<div><p xmlns=\"urn:x\"/></div>"}) {
        refused_at(around(wrong), "Patient.text.div", "narrative");
    }
}

TEST(XmlWriter, PrettyIsTheSameResource) {
    const std::string json = R"({"resourceType":"Patient","active":true,"name":[{"family":"F"}]})";
    EXPECT_EQ(written(json, codec::XmlStyle::pretty),
              "\n<Patient xmlns=\"http://hl7.org/fhir\">\n  <active value=\"true\"/>\n  <name>\n    <family value=\"F\"/>\n  "
              "</name>\n</Patient>\n");
    EXPECT_EQ(*codec::from_xml(*codec::to_xml(*json::parse(json), codec::XmlStyle::pretty)), *json::parse(json));
}

TEST(XmlWriter, RefusesWhatXmlCannotHold) {
    refused_at(R"({"resourceType":"Patient","name":[{"family":"a"},{"family":"b\u0001"}]})", "Patient.name[1].family", "U+0001");
    refused_at(R"({"resourceType":"Patient","gender":"\uffff"})", "Patient.gender", "U+FFFF");
    refused_at(R"({"resourceType":"Patient","gender":"\ufffe"})", "Patient.gender", "U+FFFE");
    refused_at(R"({"resourceType":"Patient","gender":""})", "Patient.gender", "empty");
    refused_at(R"({"resourceType":"Patient","name":[{"id":"\u001f"}]})", "Patient.name[0].id", "U+001F");
}

TEST(XmlWriter, RefusesWhatR4DoesNotHave) {
    refused_at(R"({"resourceType":"Patient","colour":"red"})", "Patient.colour", "no element");
    refused_at(R"({"resourceType":"Patient","contact":[{"name":{"colour":"red"}}]})", "Patient.contact[0].name.colour", "no element");
    refused_at(R"({"resourceType":"Patent"})", "Patent", "resourceType of R4");
    refused_at("[]", "Resource", "resourceType of R4");
    refused_at(R"({"resourceType":"Patient","contained":[{"id":"1"}]})", "Patient.contained[0]", "resourceType of R4");
    refused_at(R"({"resourceType":"Patient","active":"true"})", "Patient.active", "true or false");
    refused_at(R"({"resourceType":"Patient","multipleBirthInteger":"1"})", "Patient.multipleBirthInteger", "a number");
    refused_at(R"({"resourceType":"Patient","gender":7})", "Patient.gender", "a string");
    refused_at(R"({"resourceType":"Patient","gender":null})", "Patient.gender", "no form");
    refused_at(R"({"resourceType":"Patient","gender":["male"]})", "Patient.gender", "a string");
    refused_at(R"({"resourceType":"Patient","name":{"family":"x"}})", "Patient.name", "an array");
    refused_at(R"({"resourceType":"Patient","name":["x"]})", "Patient.name[0]", "an object");
    refused_at(R"({"resourceType":"Patient","name":[{}]})", "Patient.name[0]", "an object");
    refused_at(R"({"resourceType":"Patient","name":[{"given":[null]}]})", "Patient.name[0].given[0]", "a value or children");
    refused_at(R"({"resourceType":"Patient","_birthDate":{}})", "Patient.birthDate", "a value or children");
    refused_at(R"({"resourceType":"Patient","_birthDate":"x"})", "Patient.birthDate", "an object");
    refused_at(R"({"resourceType":"Patient","_name":[{"id":"x"}]})", "Patient._name", "no form");
    refused_at(R"({"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"})", "Patient.deceasedDateTime",
               "one type of a choice");
    refused_at(R"({"resourceType":"Patient","extension":[{"url":"x","_url":{"id":"1"}}]})", "Patient.extension[0].url",
               "an attribute has no");
    refused_at(R"({"resourceType":"Patient","text":{"div":7}})", "Patient.text.div", "a string");
}

}  // namespace
