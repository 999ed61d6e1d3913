// What json::parse takes and json::write gives back.
#include "storage/base/json.hpp"

#include <clocale>

#include <gtest/gtest.h>

namespace {

json::Value parsed(std::string_view text) {
    auto value = json::parse(text);
    EXPECT_TRUE(value) << text << ": " << (value ? "" : value.error().diagnostics);
    return value ? *std::move(value) : json::Value();
}

// R4 json.html#primitive: the precision of a decimal is significant, so its text is the value.
TEST(JsonNumber, StaysAsWritten) {
    for (const auto* text : {"0",
                             "-0",
                             "0.0",
                             "-0.0",
                             "1.10",
                             "1.0e2",
                             "1E2",
                             "1e+2",
                             "1e-2",
                             "0e0",
                             "100",
                             "0.000",
                             "1.00000000000000000000000000000001",
                             "1E400",
                             "-1E400",
                             "1e-400",
                             "18446744073709551615",
                             "18446744073709551616",
                             "-9223372036854775808",
                             "-9223372036854775809",
                             "123456789012345678901234567890.10",
                             "1e99999999999999999999"}) {
        const auto value = parsed(text);
        ASSERT_TRUE(value.is_number()) << text;
        EXPECT_EQ(value.if_number()->text, text);
        EXPECT_EQ(json::write(value), text);
    }
}

TEST(JsonNumber, DoesNotDependOnTheLocale) {
    const std::string before = std::setlocale(LC_NUMERIC, nullptr);
    for (const auto* locale : {"de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"}) {
        std::setlocale(LC_NUMERIC, locale);  // those that the machine lacks change nothing
        EXPECT_EQ(json::write(parsed("[1.5]")), "[1.5]");
    }
    std::setlocale(LC_NUMERIC, before.c_str());
}

TEST(JsonNumber, EqualityIsOfTheText) {
    EXPECT_EQ(parsed("1.0"), parsed("1.0"));
    EXPECT_NE(parsed("1.0"), parsed("1.00"));
    EXPECT_EQ(json::Value::number(-42), parsed("-42"));
}

TEST(JsonString, EscapesAndSurrogates) {
    const std::pair<const char*, std::string> cases[] = {
        {R"("")", ""},
        {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
        {R"("\u0041\u00e9\u20AC\ud83d\ude00")", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
        {R"("\u0000\u001f\u007f")", std::string("\0\x1f\x7f", 3)},
        {R"("\uD800\uDC00\uDBFF\uDFFF")", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"},
        {R"("\ud7ff\ue000\uffff")", "\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"},
        {"\"\xf0\x9f\x98\x80 \x7f\"", "\xf0\x9f\x98\x80 \x7f"},
    };
    for (const auto& [text, meant] : cases) {
        const auto value = parsed(text);
        ASSERT_TRUE(value.is_string()) << text;
        EXPECT_EQ(*value.if_string(), meant) << text;
        EXPECT_EQ(parsed(json::write(value)), value) << text;
    }
}

TEST(JsonString, IsWrittenWithTheShortestEscapes) {
    EXPECT_EQ(json::write(json::Value(std::string("\0\x01\x1f\"\\/\b\f\n\r\t\x7f\xc3\xa9", 14))),
              "\"\\u0000\\u0001\\u001f\\\"\\\\/\\b\\f\\n\\r\\t\x7f\xc3\xa9\"");
}

TEST(JsonString, EveryByteIsEscapedWhereverItStands) {
    for (std::size_t size = 0; size < 26; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            for (int c = 0; c < 256; ++c) {
                std::string text(size, '~');
                text[at] = static_cast<char>(c);
                std::string written;
                json::write_string(text, written);
                const bool escaped = c < 0x20 || c == '"' || c == '\\';
                ASSERT_EQ(written == '"' + text + '"', !escaped) << size << ' ' << at << ' ' << c;
                if (c < 0x80) { ASSERT_EQ(json::parse(written).value().if_string()->at(at), static_cast<char>(c)); }
            }
        }
    }
}

TEST(JsonText, WhiteSpaceGoesAndOrderStays) {
    EXPECT_EQ(json::write(parsed(" \t\r\n{ \"b\" : [ 1 , true,false , null ] ,\n\"a\":{ } , \"c\" : [ ] } \n")),
              R"({"b":[1,true,false,null],"a":{},"c":[]})");
    EXPECT_EQ(json::write(parsed("null")), "null");
    EXPECT_TRUE(parsed("null").is_null());
}

TEST(JsonText, PrettyIsForPeople) {
    const auto value = parsed(R"({"a":[1,{"b":"x"}],"c":{},"d":[]})");
    EXPECT_EQ(json::write_pretty(value), "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x\"\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}\n");
    EXPECT_EQ(parsed(json::write_pretty(value)), value);
}

TEST(JsonObject, KeepsSetsAndErases) {
    auto value = parsed(R"({"a":1,"b":2})");
    auto& object = *value.if_object();
    object.set("b", "two");
    object.set("c", json::Value::number(3));
    object.set_first("resourceType", "Patient");
    object.set_first("c", true);
    EXPECT_EQ(json::write(value), R"({"resourceType":"Patient","a":1,"b":"two","c":true})");
    EXPECT_TRUE(object.erase("a"));
    EXPECT_FALSE(object.erase("a"));
    EXPECT_EQ(value.find("a"), nullptr);
    EXPECT_EQ(value.text("b"), "two");
    EXPECT_EQ(value.text("c"), "");  // no string
    EXPECT_EQ(parsed("[1]").find("a"), nullptr);
}

TEST(JsonObject, EqualityIsOfMembersInAnyOrder) {
    EXPECT_EQ(parsed(R"({"a":1,"b":[{"c":2,"d":3}]})"), parsed(R"({"b":[{"d":3,"c":2}],"a":1})"));
    EXPECT_NE(parsed(R"({"a":1})"), parsed(R"({"a":1,"b":1})"));
    EXPECT_NE(parsed(R"({"a":1,"b":1})"), parsed(R"({"a":1,"c":1})"));
    EXPECT_NE(parsed("[1,2]"), parsed("[2,1]"));
    EXPECT_NE(parsed("true"), parsed("\"true\""));
}

}  // namespace
