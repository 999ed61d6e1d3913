#include "fhir/validate/primitives.hpp"

#include <gtest/gtest.h>

namespace {

using validate::check_primitive;

bool fits(std::string_view type, std::string_view literal) {
    const auto value = json::parse(literal);
    return value.has_value() && check_primitive(type, *value) == nullptr;
}

TEST(Primitives, Dates) {
    for (const auto* text : {"\"2020\"", "\"2020-02\"", "\"2020-02-29\"", "\"0001\"", "\"9999-12-31\""}) EXPECT_TRUE(fits("date", text)) << text;
    for (const auto* text : {"\"20\"", "\"2020-2\"", "\"2020-02-30\"", "\"2021-02-29\"", "\"1900-02-29\"", "\"2020-00\"", "\"2020-01-00\"", "\"0000\"", "\"2020-01-01T00:00:00Z\"", "\"2020-01-01 \"", "2020"}) {
        EXPECT_FALSE(fits("date", text)) << text;
    }
}

TEST(Primitives, DateTimesAndInstants) {
    for (const auto* text : {"\"2020-01-01T00:00:00Z\"", "\"2020-01-01T23:59:60+14:00\"", "\"2020-01-01T00:00:00.123456789-05:30\""}) {
        EXPECT_TRUE(fits("dateTime", text)) << text;
        EXPECT_TRUE(fits("instant", text)) << text;
    }
    EXPECT_TRUE(fits("dateTime", "\"2020-01\""));
    EXPECT_FALSE(fits("instant", "\"2020-01\""));
    for (const auto* text : {"\"2020-01-01T24:00:00Z\"", "\"2020-01-01T00:00Z\"", "\"2020-01-01T00:00:00\"", "\"2020-01-01T00:00:00+14:01\"", "\"2020-01-01T00:00:00.Z\"", "\"2020-01-01T\"", "\"2020-01-01t00:00:00Z\"",
                             "\"2013-01-01T12:32:45+13:33.00\"", "\"-0001-01-01\""}) {
        EXPECT_FALSE(fits("dateTime", text)) << text;
        EXPECT_FALSE(fits("instant", text)) << text;
    }
    EXPECT_TRUE(fits("time", "\"12:00:00.5\""));
    for (const auto* text : {"\"12:00\"", "\"25:00:00\"", "\"12:00:00Z\"", "\"\""}) EXPECT_FALSE(fits("time", text)) << text;
}

TEST(Primitives, Numbers) {
    for (const auto* text : {"0", "-2147483648", "2147483647"}) EXPECT_TRUE(fits("integer", text)) << text;
    for (const auto* text : {"-2147483649", "2147483648", "1.0", "1e3", "\"1\"", "-0", "true"}) EXPECT_FALSE(fits("integer", text)) << text;
    EXPECT_TRUE(fits("unsignedInt", "0"));
    EXPECT_FALSE(fits("unsignedInt", "-1"));
    EXPECT_FALSE(fits("positiveInt", "0"));
    for (const auto* text : {"0.1", "-1.10", "1e-5", "123456789012345678901234567890.5"}) EXPECT_TRUE(fits("decimal", text)) << text;
    for (const auto* text : {"\"1\"", "1e400"}) EXPECT_FALSE(fits("decimal", text)) << text;
    EXPECT_TRUE(fits("boolean", "true"));
    EXPECT_FALSE(fits("boolean", "\"true\""));
    EXPECT_FALSE(fits("boolean", "1"));
}

TEST(Primitives, Texts) {
    EXPECT_TRUE(fits("code", "\"a b\""));
    for (const auto* text : {"\" a\"", "\"a \"", "\"a  b\"", "\"a\\tb\"", "\"\""}) EXPECT_FALSE(fits("code", text)) << text;
    EXPECT_TRUE(fits("id", "\"A-z.0\""));
    EXPECT_FALSE(fits("id", "\"a/b\""));
    EXPECT_TRUE(fits("oid", "\"urn:oid:1.2.3\""));
    for (const auto* text : {"\"1.2.3\"", "\"urn:oid:3.1\"", "\"urn:oid:1.02\"", "\"urn:oid:1.2.\""}) EXPECT_FALSE(fits("oid", text)) << text;
    EXPECT_TRUE(fits("uuid", "\"urn:uuid:c757873d-ec9a-4326-a141-556f43239520\""));
    EXPECT_FALSE(fits("uuid", "\"urn:uuid:C757873D-ec9a-4326-a141-556f43239520\""));
    EXPECT_TRUE(fits("uri", "\"urn:uuid:C757873D-ec9a-4326-a141-556f43239520\""));
    EXPECT_FALSE(fits("uri", "\"a b\""));
    EXPECT_TRUE(fits("base64Binary", "\"YW Jj\\nYQ==\""));
    for (const auto* text : {"\"YW\"", "\"Y===\"", "\"YQ==YQ==\"", "\"%%%%\""}) EXPECT_FALSE(fits("base64Binary", text)) << text;
    EXPECT_TRUE(fits("string", "\"x\\ty\""));
    EXPECT_FALSE(fits("string", "\"x\\u0001y\""));
    EXPECT_FALSE(fits("markdown", "\"\""));
}

}  // namespace
