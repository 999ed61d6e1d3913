// Decimals, dates and times, units and quantities, regular expressions: what expressions calculate with.
#include "fhir/fhirpath/html.hpp"
#include "fhir/fhirpath/quantity.hpp"
#include "fhir/fhirpath/regex.hpp"
#include "fhir/fhirpath/units.hpp"

#include <gtest/gtest.h>

namespace {

using fhirpath::Decimal;
using fhirpath::Order;

Decimal decimal(std::string_view text) {
    return Decimal::parse(text).value();
}

TEST(Decimal, KeepsWhatWasWritten) {
    for (const auto* text : {"0", "1", "-1", "1.10", "0.001", "-0.5", "1234567890987654321.0", "12345678901234567890123456789012345678"}) {
        EXPECT_EQ(decimal(text).to_string(), text);
    }
    EXPECT_EQ(decimal("1e3").to_string(), "1000");
    EXPECT_EQ(decimal("1.5E-3").to_string(), "0.0015");
    for (const auto* text : {"", "-", ".5", "1.", "1e", "abc", "1e99999", "123456789012345678901234567890123456789"})
        EXPECT_FALSE(Decimal::parse(text)) << text;
}

TEST(Decimal, IsExact) {
    EXPECT_EQ(*add(*add(decimal("0.1"), decimal("0.1")), decimal("0.1")), decimal("0.3"));
    EXPECT_EQ(multiply(decimal("9.16"), decimal("8.22"))->to_string(), "75.2952");
    EXPECT_EQ(divide(decimal("7.315"), decimal("0.7"))->to_string(), "10.45");
    EXPECT_EQ(divide(decimal("1"), decimal("3"))->to_string(), "0.33333333333333333333");
    EXPECT_EQ(divide(decimal("2"), decimal("3"))->to_string(), "0.66666666666666666667");
    EXPECT_EQ(divide(decimal("100"), decimal("0.001"))->to_string(), "100000");
    EXPECT_EQ(divide(decimal("-7"), decimal("2"))->to_string(), "-3.5");
    EXPECT_FALSE(divide(decimal("1"), decimal("0.0")));
    EXPECT_EQ(*remainder(decimal("5.5"), decimal("0.7")), decimal("0.6"));
    EXPECT_EQ(*remainder(decimal("-7"), decimal("3")), decimal("-1"));
    EXPECT_EQ(*fhirpath::power(decimal("3.3"), decimal("2")), decimal("10.89"));
    EXPECT_FALSE(fhirpath::power(decimal("-1"), decimal("0.5")));
    EXPECT_FALSE(multiply(decimal("99999999999999999999"), decimal("99999999999999999999")));
    EXPECT_EQ(multiply(decimal("0.12345678901234567890"), decimal("0.12345678901234567890"))->rounded(20).to_string(),
              "0.01524157875323883675");
}

TEST(Decimal, ComparesAndRounds) {
    EXPECT_LT(decimal("-1.1").compare(decimal("-1.09")), 0);
    EXPECT_EQ(decimal("1.10").compare(decimal("1.1")), 0);
    EXPECT_EQ(decimal("-1.5").rounded(0).to_string(), "-2");
    EXPECT_EQ(decimal("13.84512").rounded(2).to_string(), "13.85");
    EXPECT_EQ(decimal("-1.1").floor().to_string(), "-2");
    EXPECT_EQ(decimal("-1.1").ceiling().to_string(), "-1");
    EXPECT_EQ(decimal("9223372036854775808").to_int64(), std::nullopt);
    EXPECT_EQ(decimal("-9223372036854775808").to_int64(), INT64_MIN);
}

TEST(Temporal, ReadsAndWrites) {
    for (const auto* text : {"2014", "2014-01", "2014-01-25"}) EXPECT_EQ(fhirpath::parse_date(text)->to_string(), text);
    for (const auto* text : {"2014-01-25T14", "2014-01-25T14:30", "2014-01-25T14:30:14.559+10:00", "2014-01-25T14:30:14Z"}) {
        EXPECT_EQ(fhirpath::parse_date_time(text)->to_string(), text);
    }
    for (const auto* text : {"14", "14:30", "14:30:14", "14:30:14.559"}) EXPECT_EQ(fhirpath::parse_time(text)->to_string(), text);
    for (const auto* text : {"", "14", "2014-", "2014-13", "2014-02-29", "2014-1-1", "2014-01-25T", "0000"})
        EXPECT_FALSE(fhirpath::parse_date(text)) << text;
    for (const auto* text : {"", "2014-01-25T25", "2014-01-25T14:60", "2014-01-25T14:30:14+15:00", "2014-01-25 14:30"})
        EXPECT_FALSE(fhirpath::parse_date_time(text)) << text;
    for (const auto* text : {"", "T", "24", "14:30:14Z", "1:30"}) EXPECT_FALSE(fhirpath::parse_time(text)) << text;
}

Order order(std::string_view a, std::string_view b) {
    return compare(*fhirpath::parse_date_time(a), *fhirpath::parse_date_time(b));
}

TEST(Temporal, ComparesByPrecisionAndOffset) {
    EXPECT_EQ(order("2018", "2018-02"), Order::unknown);
    EXPECT_EQ(order("2018", "2019-02"), Order::less);
    EXPECT_EQ(order("2018-02-02T22-04:00", "2018-02-03T06+04:00"), Order::equal);
    EXPECT_EQ(order("2018-02-02T22:00:00Z", "2018-02-02T22:00:00.000Z"), Order::equal);
    EXPECT_EQ(order("2018-02-02T22:00:00Z", "2018-02-02T22:00:00"), Order::unknown);
    EXPECT_EQ(order("2018-02-02T22:00:00Z", "2018-02-05T22:00:00"), Order::less);
    EXPECT_EQ(compare(*fhirpath::parse_time("10:00"), *fhirpath::parse_date("2018")), Order::incomparable);
}

TEST(Temporal, AddsDurations) {
    const auto moved = [](std::string_view from, std::string_view amount, std::string_view unit) {
        const auto out = add(*fhirpath::parse_date_time(from), decimal(amount), *fhirpath::calendar_unit(unit));
        return out ? out->to_string() : "nothing";
    };
    EXPECT_EQ(moved("2016-02-29", "1", "year"), "2017-02-28");
    EXPECT_EQ(moved("2014-01-31", "1", "month"), "2014-02-28");
    EXPECT_EQ(moved("2014", "24", "months"), "2016");
    EXPECT_EQ(moved("2014", "23", "months"), "2015");
    EXPECT_EQ(moved("2019-03-01", "24", "hours"), "2019-03-02");
    EXPECT_EQ(moved("2019-03-01", "23", "hours"), "2019-03-01");
    EXPECT_EQ(moved("2019-03-01T00:00:00Z", "-1", "second"), "2019-02-28T23:59:59Z");
    EXPECT_EQ(moved("2019-03-01T00:00:00.000Z", "0.5", "seconds"), "2019-03-01T00:00:00.500Z");
    EXPECT_EQ(moved("9999", "1", "year"), "nothing");
    EXPECT_EQ(moved("0001", "-1", "year"), "nothing");
    EXPECT_EQ(add(*fhirpath::parse_time("23:30"), decimal("45"), *fhirpath::calendar_unit("minutes"))->to_string(), "00:15");
    EXPECT_FALSE(add(*fhirpath::parse_time("23:30"), decimal("1"), *fhirpath::calendar_unit("days")));
}

std::string in_unit(std::string_view value, std::string_view from, std::string_view to) {
    const auto a = fhirpath::parse_unit(from), b = fhirpath::parse_unit(to);
    if (!a || !b || !comparable(*a, *b)) return "nothing";
    return convert(decimal(value), *a, *b)->normalized().to_string();
}

TEST(Units, Convert) {
    EXPECT_EQ(in_unit("1", "[lb_av]", "g"), "453.59237");
    EXPECT_EQ(in_unit("3", "m", "cm"), "300");
    EXPECT_EQ(in_unit("1", "mm[Hg]", "Pa"), "133.322");
    EXPECT_EQ(in_unit("180", "mg/dL", "g/L"), "1.8");
    EXPECT_EQ(in_unit("5", "mmol/L", "umol/mL"), "5");
    EXPECT_EQ(in_unit("60", "/min", "Hz"), "1");
    EXPECT_EQ(in_unit("1", "kg.m/s2", "N"), "1");
    EXPECT_EQ(in_unit("1", "(kg.m)/(s.s)", "N"), "1");
    EXPECT_EQ(in_unit("7", "10*3/uL", "10*9/L"), "7");
    EXPECT_EQ(in_unit("1", "{beats}/min", "/min"), "1");
    EXPECT_EQ(in_unit("0", "Cel", "K"), "273.15");
    EXPECT_EQ(in_unit("98.6", "[degF]", "Cel"), "37");
    EXPECT_EQ(in_unit("37", "Cel", "[degF]"), "98.6");
    EXPECT_EQ(in_unit("1", "a", "d"), "365.25");
    EXPECT_EQ(in_unit("50", "%", "1"), "0.5");
    EXPECT_EQ(in_unit("1", "m", "s"), "nothing");
    EXPECT_EQ(in_unit("1", "[IU]", "1"), "nothing");
    for (const auto* code : {"", "foo", "m/", "(m", "m)", "m{", "B", "m0", "m99", "kk", "kmin", "m..s"})
        EXPECT_FALSE(fhirpath::parse_unit(code)) << code;
}

TEST(Quantity, ReadsText) {
    EXPECT_EQ(fhirpath::parse_quantity("4.50 'mg'")->to_string(), "4.50 'mg'");
    EXPECT_EQ(fhirpath::parse_quantity("2 years")->to_string(), "2 years");
    EXPECT_EQ(fhirpath::parse_quantity("3")->to_string(), "3 '1'");
    for (const auto* text : {"", "mg", "4 mg", "4.", "4years", "4 ''", "4 'mg", "4 'mg' x"})
        EXPECT_FALSE(fhirpath::parse_quantity(text)) << text;
}

TEST(Regex, IsBounded) {
    const auto matches = [](std::string_view pattern, std::string_view text) {
        return (*fhirpath::Regex::compile(pattern))->matches(text, false, 50);
    };
    EXPECT_TRUE(*matches("^[A-Z][a-z]+$", "Peter"));
    EXPECT_TRUE(*matches("a.b", "a\nb"));
    EXPECT_FALSE(*matches("^b", "a\nb"));
    const auto slow = matches("^(a+)+$", std::string(64, 'a') + "b");
    ASSERT_FALSE(slow);
    EXPECT_EQ(slow.error().kind, base::Kind::too_large);
    const auto deep = matches("(a|b|ab)*c", std::string(1u << 20, 'a'));
    EXPECT_TRUE(!deep && deep.error().kind == base::Kind::too_large);
    EXPECT_EQ(fhirpath::Regex::compile("(").error().kind, base::Kind::invalid);
    EXPECT_EQ(fhirpath::Regex::compile("a", "x").error().kind, base::Kind::invalid);
    EXPECT_EQ(fhirpath::Regex::compile(std::string(20'000, 'a')).error().kind, base::Kind::too_large);
    EXPECT_EQ((*fhirpath::Regex::compile("a"))->replace("aa", "$1", 50, 100).error().kind, base::Kind::invalid);
    EXPECT_EQ((*fhirpath::Regex::compile("a"))->replace("aaaa", std::string(90, 'b'), 50, 100).error().kind, base::Kind::too_large);
}

TEST(Html, NarrativeRules) {
    const auto div = [](std::string_view inside) {
        return fhirpath::html_is_allowed("<div xmlns=\"http://www.w3.org/1999/xhtml\">" + std::string(inside) + "</div>");
    };
    EXPECT_TRUE(div("<p>Peter &amp; <b class=\"x\">James</b><br/><!-- x --></p>"));
    EXPECT_TRUE(div("<img src=\"#a\" alt=\"b\"/>"));
    for (const auto* bad : {"", "  ", "<script>x</script>", "<p onclick=\"x\">x</p>", "<p>x", "x</p>", "<p>x</b>", "a & b",
                            "<a href=\"javascript:x\">x</a>", "<p class=x>x</p>", "<form>x</form>"}) {
        EXPECT_FALSE(div(bad)) << bad;
    }
    EXPECT_FALSE(fhirpath::html_is_allowed("<p>x</p>"));
    EXPECT_FALSE(fhirpath::html_is_allowed("<div>x</div><div>y</div>"));
    EXPECT_FALSE(fhirpath::html_is_allowed(""));
}

}  // namespace
