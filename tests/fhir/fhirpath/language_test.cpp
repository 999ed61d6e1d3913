// The language: what parses, where errors are, how types and collections behave, and where the limits are.
#include "tests/fhir/fhirpath/evaluate_to.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace {

using fhirpath_test::evaluate_to;

const json::Value& patient() {
    static const auto kPatient = *json::parse(R"({"resourceType":"Patient","id":"p1","active":true,"birthDate":"1974-12-25",
      "_birthDate":{"extension":[{"url":"http://x/t","valueDateTime":"1974-12-25T14:35:45-05:00"}]},
      "name":[{"use":"official","family":"Chalmers","given":["Peter","James"]},{"use":"usual","given":["Jim",null],"_given":[null,{"id":"g2"}]}],
      "contact":[{"relationship":[{"text":"N"}]}],"contained":[{"resourceType":"Organization","id":"o1","name":"Org"}],
      "managingOrganization":{"reference":"#o1"},"generalPractitioner":[{"reference":"Practitioner/9"}],"deceasedBoolean":false})");
    return kPatient;
}
std::string on_patient(std::string_view expression, const fhirpath::Environment& environment = {}) {
    return evaluate_to(expression, patient(), environment);
}

TEST(Parser, SaysWhereItFails) {
    const std::pair<const char*, const char*> kCases[] = {
        {"name.", "error: invalid: a name is expected after the dot: line 1, column 6"},
        {"name\n  .given(", "error: invalid: there is no function \"given\": line 2, column 4"},
        {"1 +", "error: invalid: the expression ends too early: line 1, column 4"},
        {"(1", "error: invalid: \")\" is expected here: line 1, column 3"},
        {"'abc", "error: invalid: the string does not end: line 1, column 1"},
        {"`abc", "error: invalid: the name in back quotes does not end: line 1, column 1"},
        {"1 /* x", "error: invalid: the comment does not end: line 1, column 3"},
        {"\"abc\"", "error: invalid: this character begins nothing that FHIRPath knows: line 1, column 1"},
        {"a ? b", "error: invalid: this character begins nothing that FHIRPath knows: line 1, column 3"},
        {"a b", "error: invalid: an operator is expected here, not \"b\": line 1, column 3"},
        {"and b", "error: invalid: a value or a path is expected here, not \"and\": line 1, column 1"},
        {"@2014-02-30", "error: invalid: there is no such date or time: line 1, column 1"},
        {"@x", "error: invalid: @ begins a date, a time or both, such as @2014-01-25T14:30: line 1, column 1"},
        {"$that", "error: invalid: after $ come this, index or total: line 1, column 1"},
        {"1a", "error: invalid: a letter follows the number at once: line 1, column 2"},
        {"name is Foo", "error: invalid: there is no type \"Foo\": line 1, column 6"},
        {"name.ofType(1)", "error: invalid: ofType() wants the name of a type: line 1, column 6"},
        {"name.where()", "error: invalid: where() does not take 0 arguments: line 1, column 6"},
        {"name.count(1)", "error: invalid: count() does not take 1 arguments: line 1, column 6"},
        {"'ü' + ?", "error: invalid: this character begins nothing that FHIRPath knows: line 1, column 7"},
        {"", "error: invalid: the expression ends too early: line 1, column 1"},
    };
    for (const auto& [expression, wanted] : kCases) EXPECT_EQ(evaluate_to(expression), wanted) << expression;
}

TEST(Parser, HasLimits) {
    const auto long_text = fhirpath::compile(std::string(70'000, ' '));
    ASSERT_FALSE(long_text);
    EXPECT_EQ(long_text.error().kind, base::Kind::too_large);
    const auto nested = [](const std::string& open, const std::string& inner, const std::string& close, int count) {
        std::string text;
        for (int i = 0; i < count; ++i) text += open;
        text += inner;
        for (int i = 0; i < count; ++i) text += close;
        return fhirpath::compile(text);
    };
    EXPECT_TRUE(nested("(", "1", ")", 100));
    for (const auto& [open, close] : {std::pair("(", ")"), std::pair("-", ""), std::pair("", ".a"), std::pair("", " + 1"),
                                      std::pair("", "[0]"), std::pair("a.where(", ")")}) {
        const auto compiled = nested(open, "1", close, 1000);
        ASSERT_FALSE(compiled) << open << close;
        EXPECT_EQ(compiled.error().kind, base::Kind::too_large) << open << close;
    }
}

TEST(Language, Precedence) {
    EXPECT_EQ(evaluate_to("1 + 2 * 3 - 4 / 2"), "5");
    EXPECT_EQ(evaluate_to("-1.abs()"), "-1");
    EXPECT_EQ(evaluate_to("1 | 1 is Integer"), "1 true");
    EXPECT_EQ(evaluate_to("true or false and false"), "true");
    EXPECT_EQ(evaluate_to("false implies false or true"), "true");
    EXPECT_EQ(evaluate_to("1 = 1 = true"), "true");
    EXPECT_EQ(evaluate_to("'a' & 'b' + 'c' = 'abc'"), "true");
    EXPECT_EQ(evaluate_to("2 in (1 | 2) and true"), "true");
}

TEST(Language, ThreeValues) {
    const char* const kWords[] = {"true", "false", "{}"};
    const char* const kAnd[] = {"true", "false", "", "false", "false", "false", "", "false", ""};
    const char* const kOr[] = {"true", "true", "true", "true", "false", "", "true", "", ""};
    const char* const kXor[] = {"false", "true", "", "true", "false", "", "", "", ""};
    const char* const kImplies[] = {"true", "false", "", "true", "true", "true", "true", "", ""};
    for (std::size_t i = 0; i < 9; ++i) {
        const std::string a = kWords[i / 3], b = kWords[i % 3];
        EXPECT_EQ(evaluate_to(a + " and " + b), kAnd[i]);
        EXPECT_EQ(evaluate_to(a + " or " + b), kOr[i]);
        EXPECT_EQ(evaluate_to(a + " xor " + b), kXor[i]);
        EXPECT_EQ(evaluate_to(a + " implies " + b), kImplies[i]);
    }
}

TEST(Language, PathsAndTypes) {
    EXPECT_EQ(on_patient("Patient.name.given"), R"("Peter" "James" "Jim" null)");
    EXPECT_EQ(on_patient("name.given.id"), R"("g2")");
    EXPECT_EQ(on_patient("Observation.name.given"), "");
    EXPECT_EQ(on_patient("Resource.id | DomainResource.id"), R"("p1")");
    EXPECT_EQ(on_patient("deceased"), "false");
    EXPECT_EQ(on_patient("deceasedBoolean"), "");
    EXPECT_EQ(on_patient("birthDate.extension('http://x/t').value"), R"("1974-12-25T14:35:45-05:00")");
    EXPECT_EQ(on_patient("birthDate.extension('http://x/t').value is dateTime"), "true");
    EXPECT_EQ(on_patient("contact is BackboneElement and contact is Element"), "true");
    EXPECT_EQ(on_patient("active is boolean and active.is(Boolean).not() and active.ofType(System.Boolean)"), "true");
    EXPECT_EQ(on_patient("name.use.first() is string and name.use.first().ofType(string).empty()"), "true");
    EXPECT_EQ(on_patient("id is System.String and id is id"), "true");
    EXPECT_EQ(on_patient("contained.name"), R"("Org")");
    EXPECT_EQ(on_patient("contained.type().name | 1.type().namespace | birthDate.type().name"), R"("Organization" "System" "date")");
    EXPECT_EQ(on_patient("managingOrganization.resolve().name"), R"("Org")");
    EXPECT_EQ(on_patient("generalPractitioner.resolve()"), "");
    EXPECT_EQ(on_patient("name.where(use = 'usual').given.first()"), R"("Jim")");
    EXPECT_EQ(on_patient("name[1].given[0]"), R"("Jim")");
    EXPECT_EQ(on_patient("name[9].given"), "");
    EXPECT_EQ(on_patient("descendants().where($this is HumanName).count()"), "2");
    EXPECT_EQ(on_patient("name.given.hasValue()"), "false");
    EXPECT_EQ(on_patient("name.given.select(hasValue())"), "true true true false");
    EXPECT_EQ(on_patient("%resource.id & %context.id & %rootResource.id"), R"("p1p1p1")");
    EXPECT_EQ(
        on_patient("%`vs-x` | %`ext-y` | %sct | %loinc | %ucum"),
        R"("http://hl7.org/fhir/ValueSet/x" "http://hl7.org/fhir/StructureDefinition/y" "http://snomed.info/sct" "http://loinc.org" "http://unitsofmeasure.org")");
}

TEST(Language, VariablesOfAPath) {
    EXPECT_EQ(on_patient("name.first().defineVariable('n').given.select($this & %n.family).first()"), R"("PeterChalmers")");
    EXPECT_EQ(on_patient("defineVariable('a', 1).select(%a) | defineVariable('a', 2).select(%a)"), "1 2");
    EXPECT_EQ(on_patient("defineVariable('a', 1).active and %a = 1"), "error: invalid: there is no variable %a: line 1, column 35");
    EXPECT_EQ(on_patient("defineVariable('a').defineVariable('a')"),
              "error: invalid: the variable %a is defined already: line 1, column 21");
    EXPECT_EQ(on_patient("defineVariable('context')"), "error: invalid: the variable %context is defined already: line 1, column 1");
    fhirpath::Environment environment;
    environment.variables["mine"] = {json::Value("x"), *json::parse(R"({"resourceType":"Organization","name":"O"})")};
    EXPECT_EQ(on_patient("%mine.name | %mine.first()", environment), R"("O" "x")");
}

TEST(Language, Errors) {
    const std::pair<const char*, const char*> kCases[] = {
        {"name.given + 'x'", "error: invalid: one item is wanted, here are several: line 1, column 12"},
        {"1 + 'x'", "error: invalid: values of these types cannot be added or subtracted: line 1, column 3"},
        {"'a' * 2", "error: invalid: values of these types cannot be multiplied or divided: line 1, column 5"},
        {"1 < 'a'", "error: invalid: values of these types have no order: line 1, column 3"},
        {"1 & 'a'", "error: invalid: & joins strings: line 1, column 3"},
        {"-'a'", "error: invalid: a sign is for numbers and quantities: line 1, column 1"},
        {"name is HumanName", "error: invalid: \"is\" and \"as\" are for one item, here are several: line 1, column 6"},
        {"name.single()", "error: invalid: single() found several items: line 1, column 6"},
        {"name and true", "error: invalid: one boolean is wanted, here are several items: line 1, column 1"},
        {"name in name", "error: invalid: membership is asked of one item, here are several: line 1, column 6"},
        {"name['a']", "error: invalid: an index is an integer: line 1, column 5"},
        {"active.length()", "error: invalid: length() is for strings: line 1, column 8"},
        {"name.take('1')", "error: invalid: an integer is wanted here: line 1, column 11"},
        {"'a'.contains(1)", "error: invalid: a string is wanted here: line 1, column 14"},
        {"$index", "error: invalid: $index has a value only inside of an iteration: line 1, column 1"},
        {"$total", "error: invalid: $total has a value only inside of aggregate(): line 1, column 1"},
        {"%nothing", "error: invalid: there is no variable %nothing: line 1, column 1"},
        {"(1 | true).allTrue()", "error: invalid: allTrue() is for booleans: line 1, column 12"},
        {"@T10:00 + 1 day", "error: invalid: to a time only hours and less can be added: line 1, column 9"},
        {"@2014 + 1 'a'", "error: invalid: to a date or time only a calendar duration can be added: line 1, column 7"},
        {"'a'.matches('(')", "error: invalid: the regular expression cannot be used: U_REGEX_MISMATCHED_PAREN: line 1, column 13"},
        {"'a'.encode('x')", "error: invalid: encode() does not know this format, or the text is none of it: line 1, column 5"},
        {"iif('a', 1)", "error: invalid: iif() wants a boolean criterion: line 1, column 5"},
        {"name.iif(true, 1)", "error: invalid: iif() is for one item or none: line 1, column 6"},
        {"'a'.round()", "error: invalid: round() is for numbers: line 1, column 5"},
        {"1.round(-1)", "error: invalid: round() takes no negative precision: line 1, column 9"},
        {"(1 | 'a').sort()", "error: invalid: values of these types have no order: line 1, column 11"},
        {"slice('a', 'b')", "error: not-supported: slice() needs a profile, which is not at hand here: line 1, column 1"},
        {"conformsTo('http://x')", "error: not-supported: conformsTo() needs definitions that are not at hand here: line 1, column 1"},
        {"active.memberOf('http://x')", "error: not-supported: memberOf() needs definitions that are not at hand here: line 1, column 8"},
        {"1.memberOf('http://x')", "error: invalid: memberOf() is for elements of a resource: line 1, column 3"},
    };
    for (const auto& [expression, wanted] : kCases) EXPECT_EQ(on_patient(expression), wanted) << expression;
}

TEST(Language, StrictPaths) {
    fhirpath::Environment strict;
    strict.strict = true;
    for (const auto* good : {"name.given", "descendants().system", "children().select(code)", "deceased.exists()", "contained.name"}) {
        EXPECT_FALSE(on_patient(good, strict).starts_with("error")) << good;
    }
    for (const auto* bad : {"name.given1", "Encounter.name", "deceasedBoolean", "(deceased as Period).unit", "children().skip(1)",
                            "name.foo.empty() or true"}) {
        EXPECT_TRUE(on_patient(bad, strict).starts_with("error: invalid: ")) << bad;
        EXPECT_FALSE(on_patient(bad).starts_with("error")) << bad;
    }
}

TEST(Language, Limits) {
    fhirpath::Environment environment;
    environment.limits.steps = 1000;
    EXPECT_EQ(on_patient("repeatAll($this)", environment),
              "error: too-large: the evaluation exceeds the limit steps of 1000: line 1, column 1");
    environment.limits = {};
    environment.limits.items = 100;
    const auto many = on_patient("(1|2|3|4|5|6|7|8|9).select((1|2|3|4|5|6|7|8|9).select($this))", environment);
    EXPECT_TRUE(many.starts_with("error: too-large: the evaluation exceeds the limit items of 100: ")) << many;
    environment.limits = {};
    environment.limits.memory_bytes = 100'000;
    const auto large = on_patient("(1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17).aggregate($total + $total, 'abcdefgh')", environment);
    EXPECT_TRUE(large.starts_with("error: too-large: the evaluation exceeds the limit memory_bytes of 100000: ")) << large;
    environment.limits = {};
    environment.limits.regex_ms = 20;
    const auto slow = on_patient("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'.matches('^(a+)+$')", environment);
    EXPECT_EQ(slow, "error: too-large: the regular expression takes longer than limit regex_ms allows: line 1, column 51");
}

TEST(Environment, CallbacksAreAsked) {
    fhirpath::Environment environment;
    const auto practitioner = *json::parse(R"({"resourceType":"Practitioner","id":"9","active":true})");
    environment.resolve = [&](std::string_view reference) -> std::optional<fhirpath::Node> {
        return reference == "Practitioner/9" ? std::optional(fhirpath::resource_node(practitioner)) : std::nullopt;
    };
    environment.member_of = [](const fhirpath::Node&, std::string_view url) -> base::Result<bool> { return url == "http://yes"; };
    environment.conforms_to = [](const fhirpath::Node&, std::string_view) -> base::Result<bool> {
        return base::fail(base::Kind::not_found, "no such profile");
    };
    std::vector<std::string> traced;
    environment.trace = [&](std::string_view name, const fhirpath::View& items) -> base::Status {
        if (name == "stop") return base::fail(base::Kind::too_large, "enough");
        traced.push_back(std::string(name) + std::to_string(items.size()));
        return {};
    };
    environment.now_us = 1'600'000'000'123'000;
    EXPECT_EQ(on_patient("generalPractitioner.resolve().is(Practitioner)", environment), "true");
    EXPECT_EQ(on_patient("name.first().use.memberOf('http://yes') | name.first().use.memberOf('http://no')", environment), "true false");
    EXPECT_EQ(on_patient("conformsTo('http://x')", environment), "error: not-found: no such profile");
    EXPECT_EQ(on_patient("name.trace('n').given.trace('g', $this).count()", environment), "4");
    EXPECT_EQ(on_patient("name.trace('stop').count()", environment), "error: too-large: enough");
    EXPECT_EQ(traced, (std::vector<std::string>{"n2", "g4"}));
    EXPECT_EQ(on_patient("now() | today() | timeOfDay()", environment), R"("2020-09-13T12:26:40.123Z" "2020-09-13" "12:26:40.123")");
}

TEST(Environment, ResolvesInsideOfABundle) {
    const auto bundle =
        *json::parse(R"({"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"p"}},
      {"resource":{"resourceType":"Observation","subject":{"reference":"urn:uuid:1"},"performer":[{"reference":"Patient/p"}]}}]})");
    EXPECT_EQ(evaluate_to("Bundle.entry.resource.subject.resolve().id", bundle), R"("p")");
    EXPECT_EQ(evaluate_to("Bundle.entry.resource.performer.resolve().id", bundle), R"("p")");
}

TEST(Boolean, SingletonEvaluation) {
    const auto ask = [](std::string_view expression) -> std::string {
        const auto result = fhirpath::evaluate_boolean(*fhirpath::compile(expression), fhirpath::resource_node(patient()), {});
        if (!result) return "error";
        return !result->has_value() ? "nothing" : **result ? "true" : "false";
    };
    EXPECT_EQ(ask("active"), "true");
    EXPECT_EQ(ask("deceased"), "false");
    EXPECT_EQ(ask("photo"), "nothing");
    EXPECT_EQ(ask("id"), "true");
    EXPECT_EQ(ask("name"), "error");
    EXPECT_EQ(ask("name.exists()"), "true");
    EXPECT_EQ(ask("name.empty().not()"), "true");
    EXPECT_EQ(ask("photo.not()"), "nothing");
    EXPECT_EQ(ask("exists()"), "true");
    EXPECT_EQ(ask("name.family + 1 = 2"), "error");
}

TEST(Node, StartsInTheMiddle) {
    const auto value = *json::parse(R"({"value":185,"unit":"lbs","system":"http://unitsofmeasure.org","code":"[lb_av]"})");
    const fhirpath::Node node{&value, nullptr, fhirpath::node_type("Quantity")};
    const auto result = fhirpath::evaluate(*fhirpath::compile("$this > 80 'kg' and $this is Quantity and value = 185"), node, {});
    ASSERT_TRUE(result);
    EXPECT_EQ(json::write(result->value(0)), "true");
    EXPECT_EQ(result->type(0), "System.Boolean");
    EXPECT_FALSE(result->node(0));
    EXPECT_EQ(fhirpath::node_type("Foo"), nullptr);
    EXPECT_TRUE(fhirpath::is_kind_of(*fhirpath::node_type("Age"), "Quantity"));
    EXPECT_FALSE(fhirpath::is_kind_of(*fhirpath::node_type("code"), "uri"));
    std::vector<fhirpath::Node> given;
    fhirpath::children_named(fhirpath::resource_node(patient()), "deceased", given);
    ASSERT_EQ(given.size(), 1u);
    EXPECT_EQ(given[0].type->code, "boolean");
}

TEST(Expression, IsSharedByThreads) {
    const auto expression =
        *fhirpath::compile("name.where(use = 'official').given.where($this.matches('^P')).count() = 1 and 1.5 'kg' = 1500 'g'");
    std::vector<std::thread> threads;
    std::atomic<int> held{0};
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 200; ++round) {
                const auto result = fhirpath::evaluate_boolean(expression, fhirpath::resource_node(patient()), {});
                if (result && *result == std::optional(true)) held += 1;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(held, 800);
}

}  // namespace
