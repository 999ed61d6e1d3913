#include "fhir/search/parse_query.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using search::Pairs;
using Op = store::Criterion::Op;
using testing::HasSubstr;

search::QueryContext context(std::string type = "Observation") {
    search::QueryContext out;
    out.type = std::move(type);
    out.base_url = "http://127.0.0.1:8080/fhir";
    out.now_us = base::parse_datetime("2026-01-01T00:00:00Z")->low;
    return out;
}
search::SearchRequest parsed(const Pairs& pairs, const search::QueryContext& with) {
    const auto out = search::parse_query(pairs, with);
    EXPECT_TRUE(out.has_value()) << (out ? "" : out.error().diagnostics);
    return out ? *out : search::SearchRequest{};
}
search::Pairs one(std::string name, std::string value) {
    return {{std::move(name), std::move(value)}};
}

// The single value that a search on one parameter gives.
store::Criterion::Value value_of(const std::string& type, const std::string& name, const std::string& value) {
    const auto out = parsed(one(name, value), context(type));
    if (out.query.criteria.size() != 1 || out.query.criteria[0].any_of.size() != 1) {
        ADD_FAILURE() << name << '=' << value;
        return {};
    }
    return out.query.criteria[0].any_of[0];
}
base::Error error_of(const Pairs& pairs, const search::QueryContext& with) {
    const auto out = search::parse_query(pairs, with);
    EXPECT_FALSE(out.has_value()) << (pairs.empty() ? "" : pairs[0].first + "=" + pairs[0].second);
    return out ? base::Error{} : out.error();
}

TEST(ParseQuery, Tokens) {
    const auto token = [](const std::string& text) { return value_of("Patient", "identifier", text); };
    EXPECT_EQ(token("A").op, Op::any_system);
    EXPECT_EQ(token("A").value, "A");
    EXPECT_TRUE(token("A").direct_identifier);
    EXPECT_EQ(token("http://s|A").op, Op::equals);
    EXPECT_EQ(token("http://s|A").system, "http://s");
    EXPECT_EQ(token("http://s|A").value, "A");
    EXPECT_EQ(token("|A").op, Op::no_system);
    EXPECT_EQ(token("http://s|").op, Op::any_code);
    EXPECT_EQ(token(R"(a\|b\,c\\d\$)").value, R"(a|b,c\d$)");
    EXPECT_EQ(token(R"(s\|t|c)").system, "s|t");
    for (const auto* bad : {"|", "a|b|c", R"(a\)", R"(a\b)", "a,,b", ","}) {
        const auto error = error_of(one("identifier", bad), context("Patient"));
        EXPECT_EQ(error.kind, base::Kind::invalid);
        EXPECT_EQ(error.expression, std::vector<std::string>{"identifier"}) << bad;
    }
}

TEST(ParseQuery, OrAndAnd) {
    const auto out = parsed({{"identifier", "a,s|b"}, {"identifier", R"(c\,d)"}, {"_id", "1,2"}}, context());
    ASSERT_EQ(out.query.criteria.size(), 3u);
    EXPECT_EQ(out.query.criteria[0].any_of.size(), 2u);
    EXPECT_EQ(out.query.criteria[1].any_of.size(), 1u);
    EXPECT_EQ(out.query.criteria[1].any_of[0].value, "c,d");
    EXPECT_EQ(out.query.criteria[2].param, "_id");
    EXPECT_EQ(out.query.criteria[2].any_of[1].value, "2");
    EXPECT_EQ(out.used, (Pairs{{"identifier", "a,s|b"}, {"identifier", R"(c\,d)"}, {"_id", "1,2"}}));
    EXPECT_EQ(error_of(one("_id", "a b"), context()).kind, base::Kind::invalid);
}

TEST(ParseQuery, References) {
    struct Case {
        const char *name, *value;
        Op op;
        const char *system, *result;
    };
    const Case cases[] = {
        {"subject", "Patient/1", Op::equals, "Patient", "1"},
        {"subject", "http://127.0.0.1:8080/fhir/Patient/1", Op::equals, "Patient", "1"},
        {"subject", "https://127.0.0.1:8080/fhir/Group/1", Op::equals, "Group", "1"},
        {"subject", "1", Op::any_system, "", "1"},
        {"subject:Patient", "1", Op::equals, "Patient", "1"},
        {"subject:Patient", "Patient/1", Op::equals, "Patient", "1"},
        {"subject", "http://other.org/fhir/Patient/1", Op::equals, "", "http://other.org/fhir/Patient/1"},
        {"patient", "1", Op::equals, "Patient", "1"},
        {"patient", "urn:uuid:7", Op::equals, "", "urn:uuid:7"},
    };
    for (const auto& c : cases) {
        const auto value = value_of("Observation", c.name, c.value);
        EXPECT_EQ(value.op, c.op) << c.value;
        EXPECT_EQ(value.system, c.system) << c.value;
        EXPECT_EQ(value.value, c.result) << c.value;
        EXPECT_FALSE(value.direct_identifier);
    }
    for (const auto& [name, value] : Pairs{{"subject", "Patient/1/_history/2"},
                                           {"subject", "Patient?identifier=1"},
                                           {"subject", "#p"},
                                           {"subject", "Nothing/1"},
                                           {"subject:Patient", "Group/1"},
                                           {"subject:Patient", "http://x/Patient/1"},
                                           {"subject", "a b"}}) {
        EXPECT_EQ(error_of(one(name, value), context()).kind, base::Kind::invalid) << name << '=' << value;
    }
}

TEST(ParseQuery, LastUpdated) {
    const std::pair<const char*, Op> prefixes[] = {{"", Op::equals},          {"eq", Op::equals},  {"ne", Op::not_equals},
                                                   {"gt", Op::greater},       {"lt", Op::less},    {"ge", Op::greater_or_equal},
                                                   {"le", Op::less_or_equal}, {"sa", Op::greater}, {"eb", Op::less}};
    for (const auto& [prefix, op] : prefixes) {
        const auto value = value_of("", "_lastUpdated", prefix + std::string("2025-03"));
        EXPECT_EQ(value.op, op) << prefix;
        EXPECT_EQ(base::format_instant(value.low), "2025-03-01T00:00:00.000Z");
        EXPECT_EQ(base::format_instant(value.high), "2025-04-01T00:00:00.000Z");
    }
    const auto about = value_of("", "_lastUpdated", "ap2025-12-22");  // nine days before now: 0.9 days each way
    EXPECT_EQ(about.op, Op::overlaps);
    EXPECT_EQ(base::format_instant(about.low), "2025-12-21T02:24:00.000Z");
    EXPECT_EQ(base::format_instant(about.high), "2025-12-23T21:36:00.000Z");
    for (const auto* bad : {"yesterday", "xx2020", "2020-13", "eq", "2020-01-01T00:00:00 01:00", "20200101"}) {
        EXPECT_EQ(error_of(one("_lastUpdated", bad), context()).kind, base::Kind::invalid) << bad;
    }
    for (const auto* mixed : {"ne2020,ne2021", "ne2020,2021", "gt2020,ne2021"}) {
        EXPECT_EQ(error_of(one("_lastUpdated", mixed), context()).issue, "not-supported") << mixed;
    }
    EXPECT_EQ(parsed({{"_lastUpdated", "ge2020"}, {"_lastUpdated", "lt2021"}}, context()).query.criteria.size(), 2u);
}

TEST(ParseQuery, UnknownParametersAreNamed) {
    const auto error = error_of(one("birthdate", "2000"), context("Patient"));
    EXPECT_EQ(error.kind, base::Kind::invalid);
    EXPECT_EQ(error.issue, "not-supported");
    EXPECT_THAT(error.diagnostics, HasSubstr("'birthdate'"));
    EXPECT_THAT(error.diagnostics, HasSubstr("_id, _lastUpdated, identifier"));
    for (const auto* name : {"code", "_has:Observation:patient:code", "_include", "_revinclude", "_text", "_filter", "foo", "",
                             "_type", "_tag"}) {
        EXPECT_EQ(error_of(one(name, "x"), context()).issue, "not-supported") << name;
    }
    EXPECT_EQ(error_of(one("identifier", "x"), context("")).issue, "not-supported");
    auto lenient = context();
    lenient.handling = search::Handling::lenient;
    const auto out = parsed({{"foo", "x"}, {"_id", "1"}, {"_elements", "code"}, {"_sort", "code"}, {"_summary", "text"}}, lenient);
    EXPECT_EQ(out.used, (Pairs{{"_id", "1"}, {"_elements", "code"}, {"_summary", "text"}}));
    EXPECT_EQ(out.ignored, (std::vector<std::string>{"foo", "_sort"}));
}

TEST(ParseQuery, ModifiersAreNeverPassedOver) {
    auto lenient = context();
    lenient.handling = search::Handling::lenient;
    for (const auto* name : {"identifier:not", "identifier:of-type", "subject:identifier", "subject:missing", "subject:Practitioner",
                             "subject:Patient.name", "_id:exact", "_lastUpdated:missing", "foo:exact", "identifier:", "subject:"}) {
        EXPECT_EQ(error_of(one(name, "x"), context()).issue, "not-supported") << name;
        EXPECT_EQ(error_of(one(name, "x"), lenient).issue, "not-supported") << name;
    }
    EXPECT_EQ(error_of(one("patient.identifier", "x"), context()).issue, "not-supported");
}

TEST(ParseQuery, ResultParameters) {
    const auto none = parsed({}, context());
    EXPECT_EQ(none.count, 50u);
    EXPECT_EQ(none.query.limit, 50u);
    EXPECT_FALSE(none.query.count_total);
    const auto some = parsed({{"_count", "7"},
                              {"_total", "accurate"},
                              {"_format", "json"},
                              {"_pretty", "true"},
                              {"_sort", "-_lastUpdated"},
                              {"_summary", "false"}},
                             context());
    EXPECT_EQ(some.count, 7u);
    EXPECT_EQ(some.total, search::Total::accurate);
    EXPECT_TRUE(some.query.count_total);
    EXPECT_EQ(some.format, "json");
    EXPECT_TRUE(some.pretty);
    EXPECT_EQ(some.used.size(), 6u);
    const auto large = parsed(one("_count", "99999999999999999999999"), context());
    EXPECT_EQ(large.count, 500u);
    EXPECT_EQ(large.used, (Pairs{{"_count", "500"}}));
    EXPECT_EQ(search::page_size("7", 500).value(), 7u);
    EXPECT_EQ(search::page_size("501", 500).value(), 500u);
    EXPECT_EQ(search::page_size("", 500).error().expression, std::vector<std::string>{"_count"});
    for (const auto& only_total : {one("_count", "0"), one("_summary", "count")}) {
        const auto out = parsed(only_total, context());
        EXPECT_EQ(out.count, 0u);
        EXPECT_EQ(out.query.limit, 0u);
        EXPECT_TRUE(out.query.count_total);
    }
    for (const auto& [name, value] :
         Pairs{{"_count", "-1"}, {"_count", "x"}, {"_count", "5x"}, {"_total", "some"}, {"_summary", "maybe"}, {"_pretty", "yes"}}) {
        EXPECT_EQ(error_of(one(name, value), context()).kind, base::Kind::invalid) << name << value;
    }
    for (const auto& [name, value] : Pairs{{"_sort", "_lastUpdated"}, {"_sort", "_id"}}) {
        EXPECT_EQ(error_of(one(name, value), context()).issue, "not-supported") << name << value;
    }
    EXPECT_EQ(error_of({{"_count", "1"}, {"_count", "2"}}, context()).kind, base::Kind::invalid);
}

TEST(ParseQuery, EmptyValues) {
    const auto out = parsed({{"identifier", ""}, {"_count", ""}}, context());
    EXPECT_TRUE(out.query.criteria.empty());
    EXPECT_TRUE(out.used.empty());
}

TEST(ParseQuery, ConditionsIgnoreNothing) {
    auto condition = context();
    condition.for_condition = true;
    condition.handling = search::Handling::lenient;
    EXPECT_EQ(parsed({{"identifier", "s|1"}, {"_format", "json"}}, condition).query.criteria.size(), 1u);
    for (const auto& pairs :
         {Pairs{}, one("identifier", ""), one("foo", "1"), one("_count", "1"), one("_sort", "-_lastUpdated"), one("_format", "json")}) {
        EXPECT_EQ(error_of(pairs, condition).kind, base::Kind::invalid);
    }
    EXPECT_EQ(error_of({{"identifier", "1"}, {"foo", "1"}}, condition).expression, std::vector<std::string>{"foo"});
}

TEST(ParseQuery, TextIsUtf8) {
    EXPECT_EQ(error_of(one("identifier", "\xff"), context()).kind, base::Kind::invalid);
    EXPECT_EQ(error_of(one("f\xc3", "x"), context()).expression, std::vector<std::string>{"?"});
    EXPECT_EQ(value_of("Patient", "identifier", "Müller").value, "Müller");
}

TEST(ParseQuery, LimitsAreNamed) {
    auto with = context();
    with.limits.parameters = 2;
    with.limits.values = 3;
    with.limits.value_bytes = 20;
    const auto parameters = error_of({{"_id", "1"}, {"_id", "2"}, {"_id", "3"}}, with);
    EXPECT_EQ(parameters.kind, base::Kind::too_large);
    EXPECT_THAT(parameters.diagnostics, HasSubstr("2"));
    const auto values = error_of(one("_id", "1,2,3,4"), with);
    EXPECT_EQ(values.kind, base::Kind::too_large);
    EXPECT_THAT(values.diagnostics, HasSubstr("3"));
    const auto bytes = error_of(one("_id", std::string(21, 'a')), with);
    EXPECT_EQ(bytes.kind, base::Kind::too_large);
    EXPECT_THAT(bytes.diagnostics, HasSubstr("20"));
}

}  // namespace
