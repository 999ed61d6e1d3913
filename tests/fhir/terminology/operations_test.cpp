// $validate-code, $lookup, $subsumes, $translate, and what is refused.
#include "tests/fhir/terminology/support.hpp"

#include "fhir/terminology/membership.hpp"

namespace {

using namespace terminology;
using base::Kind;
using terminology_test::kZoo;
using terminology_test::parsed;
using terminology_test::Zoo;

TEST_F(Zoo, ValidatesInASystem) {
    const std::string url = "CodeSystem/$validate-code?url=http://x.example/zoo&code=";
    EXPECT_EQ(asked(url + "cat", "result"), "true");
    EXPECT_EQ(asked(url + "cat", "display"), "Cat");
    EXPECT_EQ(asked(url + "Cat", "result"), "false");
    EXPECT_EQ(asked(url + "cat&display=katze", "result"), "true");
    EXPECT_EQ(asked(url + "cat&display=Tiger", "result"), "false");
    EXPECT_NE(asked(url + "cat&display=Tiger", "message").find("'Cat'"), std::string::npos);
    EXPECT_EQ(asked(url + "animal&abstract=false", "result"), "false");
    EXPECT_EQ(asked(url + "animal", "result"), "true");
    expect_refused("CodeSystem/$validate-code?url=http://x.example/none&code=a", Kind::not_found, "http://x.example/none");
    expect_refused("CodeSystem/$validate-code?code=a", Kind::invalid, "which code system");
    expect_refused("CodeSystem/$validate-code?url=http://snomed.info/sct&code=1", Kind::not_supported, "not held here in full");
    const auto zoo = parsed(kZoo);
    const auto out = ask("CodeSystem/$validate-code?code=lion", &zoo);
    ASSERT_TRUE(out.has_value());
    EXPECT_EQ(part(*out, "result"), "true");
}

TEST_F(Zoo, ValidatesInASet) {
    add_set("cats", R"({"include":[{"system":"http://x.example/zoo","filter":[{"property":"concept","op":"is-a","value":"cat"}]},{"system":"http://snomed.info/sct"},
                       {"system":"http://loinc.org","concept":[{"code":"1-8","display":"Listed"}]}]})");
    const std::string url = "ValueSet/$validate-code?url=http://x.example/cats&system=";
    EXPECT_EQ(asked(url + "http://x.example/zoo&code=lion", "result"), "true");
    EXPECT_EQ(asked(url + "http://x.example/zoo&code=dog", "result"), "false");
    EXPECT_NE(asked(url + "http://x.example/zoo&code=unicorn", "message").find("nor in the code system"), std::string::npos);
    EXPECT_EQ(asked(url + "http://y.example&code=lion", "result"), "false");
    EXPECT_EQ(asked(url + "http://loinc.org&code=1-8&display=Other", "result"), "false");
    EXPECT_EQ(asked(url + "http://loinc.org&code=1-8&display=listed", "result"), "true");
    expect_refused(url + "http://snomed.info/sct&code=1", Kind::not_supported, "http://snomed.info/sct");
    expect_refused(url + "http://x.example/zoo&code=lion&systemVersion=9", Kind::not_found, "version 9");
    expect_refused("ValueSet/$validate-code?url=http://x.example/cats&code=lion", Kind::invalid, "needs its system");
    expect_refused("ValueSet/$validate-code?code=lion&system=http://x.example/zoo", Kind::invalid, "which value set");
}

TEST_F(Zoo, OneCodingOfAConceptIsEnough) {
    add_set("cats", R"({"include":[{"system":"http://x.example/zoo","concept":[{"code":"cat"}]}]})");
    const auto ask_concept = [&](const char* codings) {
        return ask("ValueSet", "validate-code", {{"url", "http://x.example/cats", false}, {"codeableConcept", parsed(std::string(R"({"coding":)") + codings + "}"), false}});
    };
    EXPECT_EQ(part(*ask_concept(R"([{"system":"http://x.example/zoo","code":"dog"},{"system":"http://x.example/zoo","code":"cat"}])"), "result"), "true");
    EXPECT_EQ(part(*ask_concept(R"([{"system":"http://x.example/zoo","code":"dog"}])"), "result"), "false");
    EXPECT_EQ(ask_concept("[]").error().kind, Kind::invalid);
}

TEST_F(Zoo, GrammarsSayWhatTheyCan) {
    const std::string url = "CodeSystem/$validate-code?url=";
    EXPECT_EQ(asked(url + "http://unitsofmeasure.org&code=mg/dL", "result"), "true");
    expect_refused(url + "http://unitsofmeasure.org&code=qqq", Kind::not_supported, "common codes");
    EXPECT_EQ(asked(url + "http://unitsofmeasure.org&code=mg/", "result"), "false");
    EXPECT_EQ(asked(url + "urn:ietf:bcp:47&code=english", "result"), "false");
    EXPECT_EQ(asked(url + "urn:ietf:bcp:47&code=x-own", "result"), "true");
    EXPECT_EQ(asked(url + "urn:iso:std:iso:4217&code=EUR", "result"), "true");
    EXPECT_EQ(asked(url + "urn:iso:std:iso:4217&code=EURO", "result"), "false");
    EXPECT_EQ(asked(url + "urn:ietf:bcp:47&code=de-CH", "result"), "true");
    EXPECT_EQ(asked(url + "urn:ietf:bcp:47&code=not_a_tag", "result"), "false");
    EXPECT_EQ(asked(url + "urn:ietf:bcp:13&code=text/plain", "result"), "true");
    EXPECT_EQ(follows_grammar("http://loinc.org", "1-8"), Held::unknown);
}

TEST_F(Zoo, LooksUp) {
    const auto out = ask("CodeSystem/$lookup?system=http://x.example/zoo&code=cat");
    ASSERT_TRUE(out.has_value());
    EXPECT_EQ(part(*out, "name"), "Zoo");
    EXPECT_EQ(part(*out, "version"), "1");
    EXPECT_EQ(part(*out, "display"), "Cat");
    const auto text = json::write(*out);
    for (const auto* wanted : {R"("valueCode":"definition"},{"name":"value","valueString":"Purrs."})", R"("valueCode":"legs"},{"name":"value","valueInteger":4})",
                               R"("valueCode":"parent"},{"name":"value","valueCode":"animal"})", R"("valueCode":"child"},{"name":"value","valueCode":"lion"})", R"("valueString":"Katze")"}) {
        EXPECT_NE(text.find(wanted), std::string::npos) << wanted << " in " << text;
    }
    EXPECT_EQ(asked("CodeSystem/$lookup?system=http://x.example/zoo&code=cat&displayLanguage=de", "display"), "Katze");
    const auto legs = json::write(*ask("CodeSystem/$lookup?system=http://x.example/zoo&code=cat&property=legs"));
    EXPECT_EQ(legs.find("parent"), std::string::npos);
    expect_refused("CodeSystem/$lookup?system=http://x.example/zoo&code=cat&property=wings", Kind::invalid, "wings");
    expect_refused("CodeSystem/$lookup?system=http://x.example/zoo&code=unicorn", Kind::not_found, "unicorn");
    expect_refused("CodeSystem/$lookup?system=http://unitsofmeasure.org&code=mg", Kind::not_supported, "grammar");
    expect_refused("CodeSystem/$lookup?code=cat", Kind::invalid, "system");
    const auto zoo = parsed(kZoo);
    EXPECT_EQ(ask("CodeSystem/$lookup?code=cat", &zoo).error().kind, Kind::not_supported);
}

TEST_F(Zoo, Subsumes) {
    const std::string url = "CodeSystem/$subsumes?system=http://x.example/zoo&codeA=";
    EXPECT_EQ(asked(url + "cat&codeB=cat", "outcome"), "equivalent");
    EXPECT_EQ(asked(url + "animal&codeB=lion", "outcome"), "subsumes");
    EXPECT_EQ(asked(url + "lion&codeB=animal", "outcome"), "subsumed-by");
    EXPECT_EQ(asked(url + "cat&codeB=dog", "outcome"), "not-subsumed");
    expect_refused(url + "cat&codeB=unicorn", Kind::not_found, "unicorn");
    expect_refused(url + "cat", Kind::invalid, "codeA and codeB");
    add(R"({"resourceType":"CodeSystem","url":"http://x.example/parts","status":"active","content":"complete","hierarchyMeaning":"part-of","concept":[{"code":"car","concept":[{"code":"wheel"}]}]})");
    expect_refused("CodeSystem/$subsumes?system=http://x.example/parts&codeA=car&codeB=wheel", Kind::not_supported, "part-of");
}

constexpr std::string_view kMap = R"({"resourceType":"ConceptMap","url":"http://x.example/map","status":"active","sourceUri":"http://x.example/pets","targetUri":"http://x.example/sounds","group":[
 {"source":"http://x.example/zoo","target":"http://x.example/sound","element":[{"code":"cat","target":[{"code":"meow","display":"Meow","equivalence":"wider"}]},
   {"code":"dodo","target":[{"equivalence":"unmatched"}]},{"code":"lion","target":[{"code":"roar","equivalence":"equal","dependsOn":[{"property":"http://x.example/p","value":"v"}]}]}],
  "unmapped":{"mode":"fixed","code":"silence"}}]})";

TEST_F(Zoo, Translates) {
    add(kMap);
    const std::string url = "ConceptMap/$translate?url=http://x.example/map&system=http://x.example/zoo&code=";
    EXPECT_EQ(asked(url + "cat", "result"), "true");
    EXPECT_EQ(asked(url + "cat", "match"),
              R"([{"name":"equivalence","valueCode":"wider"},{"name":"concept","valueCoding":{"system":"http://x.example/sound","code":"meow","display":"Meow"}},{"name":"source","valueUri":"http://x.example/map"}])");
    EXPECT_EQ(asked(url + "dodo", "result"), "false");
    EXPECT_NE(asked(url + "dog", "match").find("silence"), std::string::npos);
    EXPECT_EQ(asked(url + "lion", "result"), "false");
    EXPECT_NE(asked(url + "lion", "message").find("dependsOn"), std::string::npos);
    EXPECT_EQ(asked(url + "cat&targetsystem=http://x.example/other", "result"), "false");
    const auto back = asked("ConceptMap/$translate?url=http://x.example/map&system=http://x.example/sound&code=meow&reverse=true", "match");
    EXPECT_NE(back.find(R"("valueCode":"narrower")"), std::string::npos) << back;
    EXPECT_NE(back.find(R"("code":"cat")"), std::string::npos) << back;
    EXPECT_EQ(asked("ConceptMap/$translate?source=http://x.example/pets&target=http://x.example/sounds&system=http://x.example/zoo&code=cat", "result"), "true");
    expect_refused("ConceptMap/$translate?system=http://x.example/zoo&code=cat", Kind::invalid, "to what?");
    expect_refused("ConceptMap/$translate?url=http://x.example/nomap&system=http://x.example/zoo&code=cat", Kind::not_found, "nomap");
}

TEST_F(Zoo, UnmappedModes) {
    const auto map = [](const std::string& name, const std::string& unmapped) {
        return R"({"resourceType":"ConceptMap","url":"http://x.example/)" + name + R"(","status":"active","group":[{"source":"http://x.example/zoo","target":"http://x.example/t","element":[],"unmapped":)" + unmapped + "}]}";
    };
    add(map("provided", R"({"mode":"provided"})"));
    EXPECT_NE(asked("ConceptMap/$translate?url=http://x.example/provided&system=http://x.example/zoo&code=cat", "match").find(R"("code":"cat")"), std::string::npos);
    add(map("other", R"({"mode":"other-map","url":"http://x.example/provided"})"));
    EXPECT_EQ(asked("ConceptMap/$translate?url=http://x.example/other&system=http://x.example/zoo&code=cat", "result"), "true");
    add(map("circle", R"({"mode":"other-map","url":"http://x.example/circle"})"));
    expect_refused("ConceptMap/$translate?url=http://x.example/circle&system=http://x.example/zoo&code=cat", Kind::unprocessable, "circle");
    EXPECT_EQ(library_.add(parsed(map("bad", R"({"mode":"fixed"})"))).error().kind, Kind::invalid);
    EXPECT_EQ(library_.add(parsed(map("bad", R"({"mode":"other-map"})"))).error().kind, Kind::invalid);
}

TEST_F(Zoo, NothingIsPassedOverInSilence) {
    expect_refused("CodeSystem/$lookup?system=http://x.example/zoo&code=cat&colour=red", Kind::invalid, "colour");
    expect_refused("CodeSystem/$lookup?system=http://x.example/zoo&code=cat&date=2020", Kind::not_supported, "date");
    expect_refused("CodeSystem/$lookup?system=http://x.example/zoo&code=cat&code=dog", Kind::invalid, "once");
    expect_refused("ValueSet/$expand?url=x&count=-1", Kind::invalid, "count");
    expect_refused("ValueSet/$expand?url=x&activeOnly=yes", Kind::invalid, "activeOnly");
    expect_refused("ValueSet/$expand?valueSet=x", Kind::invalid, "valueSet");
    expect_refused("CodeSystem/$lookup?coding=x", Kind::invalid, "coding");
    expect_refused("ConceptMap/$translate?url=x&dependency=y", Kind::not_supported, "dependency");
    EXPECT_EQ(Arguments::read(parsed(R"({"parameter":[{"valueString":"x"}]})")).error().kind, Kind::invalid);
    EXPECT_EQ(Arguments::read(parsed(R"({"parameter":[{"name":"x"}]})")).error().kind, Kind::invalid);
}

TEST_F(Zoo, LayersAndVersions) {
    Library above(std::make_shared<const Library>());
    EXPECT_TRUE(above.knows(Type::code_system, "http://hl7.org/fhir/administrative-gender"));
    EXPECT_FALSE(above.knows(Type::code_system, "http://x.example/zoo"));
    ASSERT_TRUE(above.add(parsed(R"({"resourceType":"CodeSystem","url":"http://hl7.org/fhir/administrative-gender","version":"9","content":"complete","concept":[{"code":"new"}]})")));
    EXPECT_NE((*above.code_system("http://hl7.org/fhir/administrative-gender"))->find("new"), nullptr);
    EXPECT_NE((*above.code_system("http://hl7.org/fhir/administrative-gender", "4.0.1"))->find("male"), nullptr);
    EXPECT_EQ(above.code_system("http://hl7.org/fhir/administrative-gender", "5").error().kind, Kind::not_found);
    EXPECT_TRUE(version_before("4.0.1", "4.0.10"));
    EXPECT_TRUE(version_before("2019-01", "2019-02"));
    EXPECT_FALSE(version_before("10", "9"));
    EXPECT_TRUE(version_before("", "1"));
    EXPECT_FALSE(version_before("1.0", "1.0"));
}

}  // namespace
