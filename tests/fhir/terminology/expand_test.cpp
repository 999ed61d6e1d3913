// $expand: which codes, and how they are told.
#include "tests/fhir/terminology/support.hpp"

#include "fhir/terminology/expand.hpp"

namespace {

using terminology_test::parsed;
using terminology_test::Zoo;
using base::Kind;

const std::string kSystem = R"({"system":"http://x.example/zoo")";

std::string filtered(const std::string& property, const std::string& op, const std::string& value) {
    return R"({"include":[)" + kSystem + R"(,"filter":[{"property":")" + property + R"(","op":")" + op + R"(","value":")" + value + R"("}]}]})";
}

TEST_F(Zoo, WholeSystemIsNested) {
    add_set("all", R"({"include":[)" + kSystem + "}]}");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/all"), "animal[cat[lion] dog dodo]");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/all&excludeNested=true"), "animal cat lion dog dodo");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/all&activeOnly=true&excludeNotForUI=true"), "cat[lion] dog");
}

TEST_F(Zoo, EachFilter) {
    const std::vector<std::array<std::string, 4>> kFilters{
        {"concept", "is-a", "cat", "cat lion"},     {"concept", "descendent-of", "animal", "cat lion dog dodo"}, {"concept", "is-not-a", "cat", "animal dog dodo"},
        {"concept", "generalizes", "lion", "animal cat lion"}, {"concept", "in", "cat, dog", "cat dog"},         {"concept", "not-in", "cat,dog", "animal lion dodo"},
        {"code", "regex", "do.*", "dog dodo"},      {"display", "=", "Dog", "dog"},                              {"legs", "=", "4", "cat dog"},
        {"legs", "exists", "false", "animal lion"}, {"legs", "in", "2,3", "dodo"},                               {"parent", "=", "cat", "lion"},
        {"child", "=", "lion", "cat"},              {"notSelectable", "=", "true", "animal"}};
    for (const auto& [property, op, value, wanted] : kFilters) {
        add_set("f", filtered(property, op, value));
        EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/f&excludeNested=true"), wanted) << property << " " << op << " " << value;
    }
}

TEST_F(Zoo, FiltersThatMakeNoSenseAreNamed) {
    const std::vector<std::tuple<std::string, std::string, std::string, Kind, std::string>> kWrong{
        {"concept", "is-a", "unicorn", Kind::unprocessable, "no such code"},     {"wings", "=", "2", Kind::not_supported, "declares no property"},
        {"concept", "child-of", "cat", Kind::not_supported, "no such operator"}, {"legs", "is-a", "4", Kind::not_supported, "along the hierarchy"},
        {"code", "regex", "(", Kind::unprocessable, "filter code regex"},        {"legs", "exists", "maybe", Kind::unprocessable, "true or false"}};
    for (const auto& [property, op, value, kind, says] : kWrong) {
        add_set("f", filtered(property, op, value));
        expect_refused("ValueSet/$expand?url=http://x.example/f", kind, says);
    }
}

TEST_F(Zoo, ImportsMeetAndExcludesLeave) {
    add_set("cats", filtered("concept", "is-a", "cat"));
    add_set("four", filtered("legs", "=", "4"));
    add_set("both", R"({"include":[{"valueSet":["http://x.example/cats","http://x.example/four"]}]})");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/both"), "cat");
    add_set("narrow", R"({"include":[)" + kSystem + R"(,"valueSet":["http://x.example/cats"]}],"exclude":[)" + kSystem + R"(,"concept":[{"code":"cat"}]}]})");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/narrow"), "lion");
    add_set("live", R"({"inactive":false,"include":[)" + kSystem + "}]}");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/live&excludeNested=true"), "animal cat lion dog");
}

TEST_F(Zoo, CirclesAndWhatIsUnknown) {
    add_set("a", R"({"include":[{"valueSet":["http://x.example/b"]}]})");
    add_set("b", R"({"include":[{"valueSet":["http://x.example/a"]}]})");
    expect_refused("ValueSet/$expand?url=http://x.example/a", Kind::unprocessable, "http://x.example/a -> http://x.example/b -> http://x.example/a");
    expect_refused("ValueSet/$validate-code?url=http://x.example/a&system=http://x.example/zoo&code=cat", Kind::unprocessable, "circle");
    expect_refused("ValueSet/$expand?url=http://x.example/none", Kind::not_found, "http://x.example/none");
    expect_refused("ValueSet/$expand?url=http://x.example/a&valueSetVersion=7", Kind::not_found, "version 7");
    add_set("sct", R"({"include":[{"system":"http://snomed.info/sct"}]})");
    expect_refused("ValueSet/$expand?url=http://x.example/sct", Kind::not_supported, "http://snomed.info/sct");
    add_set("loinc", R"({"include":[{"system":"http://loinc.org"}]})");
    expect_refused("ValueSet/$expand?url=http://x.example/loinc", Kind::not_found, "http://loinc.org");
    add_set("ucum", R"({"include":[{"system":"http://unitsofmeasure.org"}]})");
    expect_refused("ValueSet/$expand?url=http://x.example/ucum", Kind::unprocessable, "cannot be enumerated");
    // A list needs no code system.
    add_set("listed", R"({"include":[{"system":"http://loinc.org","concept":[{"code":"1-8","display":"x"}]}]})");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/listed"), "1-8");
}

TEST_F(Zoo, PagesFilterAndTotal) {
    add_set("all", R"({"include":[)" + kSystem + "}]}");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/all&offset=1&count=2"), "cat lion");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/all&offset=9&count=2"), "");
    const auto none = ask("ValueSet/$expand?url=http://x.example/all&count=0");
    ASSERT_TRUE(none.has_value());
    EXPECT_EQ(json::write(*none->find("expansion")->find("total")), "5");
    EXPECT_EQ(none->find("expansion")->find("contains"), nullptr);
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/all&filter=KAT"), "cat");  // by its German name
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/all&filter=do og"), "dog");
}

TEST_F(Zoo, DesignationsAndLanguage) {
    add_set("cats", filtered("concept", "is-a", "cat"));
    const auto out = ask("ValueSet/$expand?url=http://x.example/cats&displayLanguage=de-CH&designation=urn:ietf:bcp:47|de&includeDefinition=true");
    ASSERT_TRUE(out.has_value());
    const auto& first = out->find("expansion")->find("contains")->if_array()->front();
    EXPECT_EQ(first.text("display"), "Katze");
    EXPECT_EQ(first.find("designation")->if_array()->size(), 1u);
    EXPECT_NE(out->find("compose"), nullptr);
    EXPECT_EQ(out->find("expansion")->text("identifier"), "urn:uuid:1");
    EXPECT_NE(json::write(*out->find("expansion")->find("parameter")).find(R"({"name":"version","valueUri":"http://x.example/zoo|1"})"), std::string::npos);
}

TEST_F(Zoo, TheSetOfAllCodesNeedsNoResource) {
    add(R"({"resourceType":"CodeSystem","url":"http://x.example/small","status":"active","content":"complete","valueSet":"http://x.example/all-small","concept":[{"code":"s"}]})");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/all-small"), "s");
    add_set("around", R"({"include":[{"valueSet":["http://x.example/all-small"]}]})");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/around"), "s");
    EXPECT_EQ(asked("ValueSet/$validate-code?url=http://x.example/all-small&system=http://x.example/small&code=s", "result"), "true");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/concept-properties").substr(0, 8), "inactive");  // R4's own too
    add_set("all-small", R"({"include":[{"system":"http://x.example/small","concept":[{"code":"t"}]}]})");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/all-small"), "t");  // what stands as a resource goes before
}

TEST_F(Zoo, VersionsOfSystems) {
    add(R"({"resourceType":"CodeSystem","url":"http://x.example/zoo","version":"10","status":"active","content":"complete","concept":[{"code":"eel"}]})");
    add_set("all", R"({"include":[)" + kSystem + "}]}");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/all"), "eel");  // 10 is after 1
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/all&system-version=http://x.example/zoo|1&filter=lion"), "lion");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/all&force-system-version=http://x.example/zoo|1&filter=lion"), "lion");
    expect_refused("ValueSet/$expand?url=http://x.example/all&check-system-version=http://x.example/zoo|1", Kind::unprocessable, "check-system-version");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/all&exclude-system=http://x.example/zoo"), "");
}

TEST_F(Zoo, TooManyCodesAreRefusedUnlessPaged) {
    std::string concepts;
    for (std::size_t i = 0; i <= terminology::kMostCodes; ++i) concepts += (i == 0 ? "" : ",") + (R"({"code":"c)" + std::to_string(i) + R"("})");
    add(R"({"resourceType":"CodeSystem","url":"http://x.example/big","status":"active","content":"complete","concept":[)" + concepts + "]}");
    add_set("big", R"({"include":[{"system":"http://x.example/big"}]})");
    const auto out = ask("ValueSet/$expand?url=http://x.example/big");
    ASSERT_FALSE(out.has_value());
    EXPECT_EQ(out.error().issue, "too-costly");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/big&offset=9999&count=2"), "c9999 c10000");
}

TEST_F(Zoo, SetsThatNobodyCanRead) {
    add(R"({"resourceType":"ValueSet","url":"http://x.example/empty","status":"active"})");
    expect_refused("ValueSet/$expand?url=http://x.example/empty", Kind::unprocessable, "neither a compose nor");
    EXPECT_EQ(library_.add(parsed(R"({"resourceType":"ValueSet","url":"http://x.example/w","compose":{"include":[{"concept":[{"code":"a"}]}]}})")).error().kind, Kind::invalid);
    EXPECT_EQ(library_.add(parsed(R"({"resourceType":"CodeSystem","url":"http://x.example/w","content":"complete","concept":[{"code":"a"},{"code":"a"}]})")).error().kind, Kind::invalid);
    // Someone else's expansion is taken where there is no definition.
    add(R"({"resourceType":"ValueSet","url":"http://x.example/stored","status":"active","expansion":{"timestamp":"2020-01-01","contains":[{"system":"http://loinc.org","code":"1-8"}]}})");
    EXPECT_EQ(codes("ValueSet/$expand?url=http://x.example/stored"), "1-8");
}

// An include may name a value set that is contained in its own.
TEST(Contained, ValueSetsAreLookedUp) {
    using namespace terminology;
    const std::string kGender = "http://hl7.org/fhir/administrative-gender";
    const auto of = [&](const std::string& named) {
        return *ValueSet::parse(*json::parse(R"({"resourceType":"ValueSet","status":"active","contained":[{"resourceType":"ValueSet","id":"in","status":"active","compose":{"include":[{"system":")" + kGender +
                                             R"(","concept":[{"code":"male"},{"code":"other"}]}]}},{"resourceType":"ValueSet","id":"broken","status":"active"}],"compose":{"include":[{"valueSet":[")" + named + R"("]}]}})"));
    };
    const auto set = of("#in");
    Membership membership(*Library::r4());
    EXPECT_EQ(membership.in_set(set, kGender, "male")->held, Held::yes);
    EXPECT_EQ(membership.in_set(set, kGender, "female")->held, Held::no);
    const auto codes = expand_codes(*Library::r4(), set, {});
    ASSERT_TRUE(codes.has_value()) << codes.error().diagnostics;
    EXPECT_EQ(codes->items.size(), 2u);
    for (const auto* absent : {"#out", "#broken"}) {
        EXPECT_EQ(expand_codes(*Library::r4(), of(absent), {}).error().kind, base::Kind::not_found);
        EXPECT_EQ(membership.in_set(of(absent), kGender, "male")->held, Held::unknown);
    }
}

}  // namespace
