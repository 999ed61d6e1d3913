// What json::parse refuses, how it says so, and that a hostile text costs no more than its length.
#include "storage/base/encoding.hpp"
#include "storage/base/json.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace {

using base::Kind;

base::Error refused(std::string_view text, const json::Limits& limits = {}) {
    const auto value = json::parse(text, limits);
    EXPECT_FALSE(value) << text.substr(0, 100);
    return value ? base::Error{} : value.error();
}

void expect_all_refused(std::initializer_list<std::string_view> texts) {
    for (const auto text : texts) EXPECT_EQ(refused(text).kind, Kind::invalid) << text;
}

TEST(JsonRefusal, BrokenStructure) {
    expect_all_refused({"", " ", "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1]]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
                        "{,}", "{a:1}", "{1:1}", "{\"a\" 1}"});
    expect_all_refused({"{\"a\":1 \"b\":2}", "{\"a\":1}}", "{\"a\":1]", "[1}", "1 2", "// x\n1", "/* x */1", "[1]//x",
                        "\xc2\xa0"
                        "1",
                        "\f1", "\v1"});
}

TEST(JsonRefusal, BrokenWordsNumbersAndStrings) {
    expect_all_refused({"nul", "nulll", "True", "tru", "fals", "'a'", "a", "NaN", "Infinity", "-Infinity"});
    expect_all_refused({"01", "-", "-01", "00", "+1", ".5", "1.", "1.e1", "1e", "1e+", "1E-", "0x10", "1_000", "1,5", "- 1", "--1", "1a"});
    expect_all_refused(
        {"\"", "\"a", "\"\\\"", "\"\\", "\"\\x41\"", "\"\\u\"", "\"\\u12\"", "\"\\u123g\"", "\"\\u 123\"", "\"\\U0041\"", "\"\\'\""});
}

TEST(JsonRefusal, ControlCharactersAndNul) {
    for (int c = 0; c < 0x20; ++c) EXPECT_EQ(refused("\"a" + std::string(1, static_cast<char>(c)) + "b\"").kind, Kind::invalid) << c;
    using namespace std::string_view_literals;
    // A reader that takes NUL for the end would accept what another reader does not see.
    for (const auto text : {"\0"sv, "1\0"sv, "{}\0{\"a\":1}"sv, "[1\0]"sv, "\0{}"sv, "{\"a\0\":1}"sv, "nul\0"sv})
        EXPECT_EQ(refused(text).kind, Kind::invalid);
}

TEST(JsonRefusal, WhatIsNotUtf8) {
    for (const auto* bytes : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
                              "\xff", "\xe2\x82", "\xf0\x9f\x98"}) {
        EXPECT_EQ(refused('"' + std::string(bytes) + '"').kind, Kind::invalid) << base::to_hex(base::as_bytes(bytes));
        EXPECT_EQ(refused("{\"" + std::string(bytes) + "\":1}").kind, Kind::invalid);
        EXPECT_EQ(refused('"' + std::string(bytes)).kind, Kind::invalid);
    }
    for (const auto* half : {R"("\ud800")", R"("\udc00")", R"("\ud800x")", R"("\ud800\n")", R"("\ud800\u0041")", R"("\ud800\ud800")",
                             R"("\udc00\ud800")", R"("\ud83d\ude0")", R"("\ud83d)"}) {
        EXPECT_EQ(refused(half).kind, Kind::invalid) << half;
    }
    EXPECT_NE(refused("\xef\xbb\xbf{}").diagnostics.find("byte order mark"), std::string::npos);
}

TEST(JsonRefusal, NamesLineColumnAndPlace) {
    const auto error = refused("{\"resourceType\":\"Patient\",\n \"name\":[{\"family\":\"X\"},{\"given\":[\"a\",\n   tru]}]}");
    EXPECT_EQ(error.diagnostics, "JSON is broken at line 3, column 4: a value is expected");
    EXPECT_EQ(error.expression, std::vector<std::string>{"Patient.name[1].given[1]"});
    // Columns count characters, not bytes.
    EXPECT_EQ(refused("[\"\xe2\x82\xac\xe2\x82\xac\", x]").diagnostics, "JSON is broken at line 1, column 8: a value is expected");
    EXPECT_EQ(refused("{\"a\":1} x").diagnostics, "JSON is broken at line 1, column 9: the text goes on after its value");
    EXPECT_TRUE(refused("{\"a\":1} x").expression.empty());
    EXPECT_EQ(refused("{\"a\":{\"b\":1").diagnostics, "JSON is broken at line 1, column 12: ',' or '}' is expected");
}

// The diagnostics reach logs and answers: nothing that may be a name or a finding is quoted, and what is shown is whole UTF-8.
TEST(JsonRefusal, QuotesNoContent) {
    const auto error = refused(R"({"resourceType":"Patient","name":"Hernandez" "oops"})");
    EXPECT_EQ(error.diagnostics.find("Hernandez"), std::string::npos);
    EXPECT_EQ(error.diagnostics.find("oops"), std::string::npos);
    std::string key = "x";
    for (int i = 0; i < 100; ++i) key += "\xe2\x82\xac";
    const auto twice = refused("{\"" + key + "\":1,\"" + key + "\":2}");
    EXPECT_TRUE(base::is_utf8(twice.diagnostics));
    EXPECT_LT(twice.diagnostics.size(), 100u);
    EXPECT_TRUE(base::is_utf8(twice.expression.at(0)));
}

TEST(JsonRefusal, DuplicateKeysInSmallAndLargeObjects) {
    const auto small = refused(R"({"resourceType":"Patient","name":[{"use":"a","use":"b"}]})");
    EXPECT_EQ(small.kind, Kind::invalid);
    EXPECT_EQ(small.diagnostics, "duplicate key 'use'");
    EXPECT_EQ(small.expression, std::vector<std::string>{"Patient.name[0].use"});
    EXPECT_EQ(refused(R"({"a":1,"\u0061":2})").kind, Kind::invalid);  // the same key in other clothes
    EXPECT_EQ(refused(R"({"":1,"":2})").kind, Kind::invalid);
    for (const int members : {2, 23, 24, 25, 26, 100}) {
        for (const int twin : {0, (members - 1) / 2, members - 2}) {
            std::string text = "{\"resourceType\":\"Basic\"";
            for (int i = 0; i < members - 1; ++i) text += ",\"k" + std::to_string(i) + "\":0";
            EXPECT_TRUE(json::parse(text + "}")) << members;
            const auto error = refused(text + ",\"k" + std::to_string(twin) + "\":1}");
            EXPECT_EQ(error.diagnostics, "duplicate key 'k" + std::to_string(twin) + "'") << members;
            EXPECT_EQ(error.expression, std::vector<std::string>{"Basic.k" + std::to_string(twin)});
        }
    }
}

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonLimit, Depth) {
    EXPECT_TRUE(json::parse(nested(64)));
    const auto error = refused(nested(65));
    EXPECT_EQ(error.kind, Kind::too_large);
    EXPECT_NE(error.diagnostics.find("64 levels"), std::string::npos);
    EXPECT_TRUE(json::parse(R"({"a":[{}]})", {.depth = 3}));
    EXPECT_EQ(refused(R"({"a":[{}]})", {.depth = 2}).kind, Kind::too_large);
    EXPECT_EQ(refused(std::string(10'000'000, '[')).kind, Kind::too_large);
    EXPECT_EQ(refused("[]", {.depth = 0}).kind, Kind::too_large);
}

TEST(JsonLimit, ValuesAndBytes) {
    EXPECT_TRUE(json::parse("[1,2,{\"a\":3}]", {.values = 5}));
    const auto values = refused("[1,2,{\"a\":3}]", {.values = 4});
    EXPECT_EQ(values.kind, Kind::too_large);
    EXPECT_NE(values.diagnostics.find("more than 4 JSON values"), std::string::npos);
    EXPECT_TRUE(json::parse("[1]", {.bytes = 3}));
    const auto bytes = refused("[1] ", {.bytes = 3});
    EXPECT_EQ(bytes.kind, Kind::too_large);
    EXPECT_NE(bytes.diagnostics.find("3 bytes"), std::string::npos);
}

double seconds_to_parse(const std::string& text) {
    const auto from = std::chrono::steady_clock::now();
    EXPECT_TRUE(json::parse(text));
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
}
std::string object_of(int members) {
    std::string text = "{";
    for (int i = 0; i < members; ++i) text += (i == 0 ? "\"" : ",\"") + std::to_string(std::int64_t{i} * 7919) + "\":0";
    return text + "}";
}

// Sixteen times the members may cost sixteen times the time and some sorting, not 256 times.
TEST(JsonHostile, AMillionKeysStayNearLinear) {
    const auto small = object_of(62'500), large = object_of(1'000'000);
    double best_small = 1e9;
    for (int i = 0; i < 4; ++i) best_small = std::min(best_small, seconds_to_parse(small));
    const double best_large = std::min(seconds_to_parse(large), seconds_to_parse(large));
    EXPECT_LT(best_large, best_small * 16 * 5) << best_small << " s and " << best_large << " s";
}

TEST(JsonHostile, LongStringsEscapesAndWhiteSpaceStayLinear) {
    std::string escapes = "\"";
    for (int i = 0; i < 500'000; ++i) escapes += "\\u00e9";
    EXPECT_LT(seconds_to_parse(escapes + "\""), 10);
    EXPECT_LT(seconds_to_parse(std::string(5'000'000, ' ') + "1"), 10);
    EXPECT_LT(seconds_to_parse("[" + std::string(5'000'000, '9') + "]"), 10);
    // The position of an error is worked out once, not at each step.
    const auto broken = std::string(1'000'000, '\n') + "[1,\n" + std::string(1'000'000, ' ') + "x]";
    EXPECT_NE(refused(broken).diagnostics.find("line 1000002, column 1000001"), std::string::npos);
}

}  // namespace
