#include "storage/base/clock.hpp"

#include <gtest/gtest.h>

namespace {

using base::Kind;

constexpr base::TimeUs kSecond = 1'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;

struct Case {
    const char *text, *low;
    base::TimeUs width_us;
};

// `low` is checked through format_instant, which the next test pins to known times.
TEST(ParseDatetime, CoversTheSpanOfItsPrecision) {
    const Case cases[] = {
        {"2024", "2024-01-01T00:00:00.000Z", 366 * kDay},
        {"2023", "2023-01-01T00:00:00.000Z", 365 * kDay},
        {"1900", "1900-01-01T00:00:00.000Z", 365 * kDay},
        {"2000", "2000-01-01T00:00:00.000Z", 366 * kDay},
        {"0001", "0001-01-01T00:00:00.000Z", 365 * kDay},
        {"9999", "9999-01-01T00:00:00.000Z", 365 * kDay},
        {"2024-02", "2024-02-01T00:00:00.000Z", 29 * kDay},
        {"2023-02", "2023-02-01T00:00:00.000Z", 28 * kDay},
        {"2023-12", "2023-12-01T00:00:00.000Z", 31 * kDay},
        {"2024-02-29", "2024-02-29T00:00:00.000Z", kDay},
        {"9999-12-31", "9999-12-31T00:00:00.000Z", kDay},
        {"2024-02-29T23:59", "2024-02-29T23:59:00.000Z", kMinute},
        {"2024-02-29T23:59Z", "2024-02-29T23:59:00.000Z", kMinute},
        {"2024-01-01T00:00:00", "2024-01-01T00:00:00.000Z", kSecond},
        {"2024-01-01T00:30:00+01:00", "2023-12-31T23:30:00.000Z", kSecond},
        {"2024-01-01T00:30:00-05:30", "2024-01-01T06:00:00.000Z", kSecond},
        {"2024-01-01T00:00:00+14:00", "2023-12-31T10:00:00.000Z", kSecond},
        {"2024-01-01T00:00:00-14:00", "2024-01-01T14:00:00.000Z", kSecond},
        {"2024-01-01T00:00:00-00:00", "2024-01-01T00:00:00.000Z", kSecond},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z", kSecond},  // R4 allows the leap second
        {"2024-01-01T00:00:00.1Z", "2024-01-01T00:00:00.100Z", 100'000},
        {"2024-01-01T00:00:00.12Z", "2024-01-01T00:00:00.120Z", 10'000},
        {"2024-01-01T00:00:00.123Z", "2024-01-01T00:00:00.123Z", 1000},
        {"2024-01-01T00:00:00.123456Z", "2024-01-01T00:00:00.123Z", 1},
        {"2024-01-01T00:00:00.123456789+00:00", "2024-01-01T00:00:00.123Z", 1},
        {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z", 1000},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.text);
        const auto period = base::parse_datetime(c.text);
        ASSERT_TRUE(period);
        EXPECT_EQ(base::format_instant(period->low), c.low);
        EXPECT_EQ(period->high - period->low, c.width_us);
    }
    EXPECT_EQ(base::parse_datetime("2024-01-01T00:00:00.123456Z")->low % kSecond, 123'456);
}

TEST(ParseDatetime, RefusesEverythingElse) {
    for (const auto* bad : {"",
                            "24",
                            "202",
                            "20245",
                            "0000",
                            "2024-",
                            "2024-1",
                            "2024-00",
                            "2024-13",
                            "2024-01-",
                            "2024-01-1",
                            "2024-01-00",
                            "2024-01-32",
                            "2024-04-31",
                            "2023-02-29",
                            "1900-02-29",
                            "2024-01-01T",
                            "2024-01-01T10",
                            "2024-01-01T10:",
                            "2024-01-01T10:0",
                            "2024-01-01T24:00",
                            "2024-01-01T10:60",
                            "2024-01-01T10:00:61",
                            "2024-01-01T10:00:",
                            "2024-01-01T10:00:00.",
                            "2024-01-01T10:00:00.Z",
                            "2024-01-01T10:00:00z",
                            "2024-01-01T10:00:00+1:00",
                            "2024-01-01T10:00:00+0100",
                            "2024-01-01T10:00:00+15:00",
                            "2024-01-01T10:00:00+14:01",
                            "2024-01-01T10:00:00+01:60",
                            "2024-01-01T10:00:00+01",
                            "2024-01-01T10:00:00ZZ",
                            "2024-01-01 10:00:00",
                            "2024-01-01Z",
                            "2024Z",
                            " 2024",
                            "2024 ",
                            "-2024",
                            "+2024",
                            "2024/01/01",
                            "20240101",
                            "2024-01-01T1000",
                            "abcd",
                            "2024-01-01T10:00:00,5Z"}) {
        SCOPED_TRACE(bad);
        const auto period = base::parse_datetime(bad);
        ASSERT_FALSE(period);
        EXPECT_EQ(period.error().kind, Kind::invalid);
    }
    EXPECT_FALSE(base::parse_datetime(std::string_view("2024\0", 5)));
}

// Every day of 400 years follows the day before it: the calendar repeats after that.
TEST(ParseDatetime, DaysFollowEachOther) {
    auto period = *base::parse_datetime("1800-01-01");
    int days = 0;
    for (; base::format_instant(period.low).substr(0, 10) != "2200-01-01"; ++days) {
        const auto next = base::parse_datetime(base::format_instant(period.high).substr(0, 10));
        ASSERT_TRUE(next) << base::format_instant(period.high);
        ASSERT_EQ(next->low, period.high);
        period = *next;
    }
    EXPECT_EQ(days, 146'097);
}

TEST(FormatInstant, KnownTimes) {
    EXPECT_EQ(base::format_instant(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(base::format_instant(1'700'000'000'123'999), "2023-11-14T22:13:20.123Z");
    EXPECT_EQ(base::format_instant(-1), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(base::format_instant(-1'000'000), "1969-12-31T23:59:59.000Z");
    EXPECT_EQ(base::format_instant(951'782'400'000'000), "2000-02-29T00:00:00.000Z");
    base::format_instant(INT64_MIN);  // far out, but no overflow on the way (the asan preset watches)
    base::format_instant(INT64_MAX);
}

// RFC 9110 section 5.6.7.
TEST(HttpDate, BothWays) {
    EXPECT_EQ(base::format_http_date(784'111'777'000'000), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(*base::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784'111'777'000'000);
    for (base::TimeUs t = 0; t < 4'000'000'000; t += 12'345'678)
        EXPECT_EQ(*base::parse_http_date(base::format_http_date(t * kSecond)), t * kSecond);
}

TEST(HttpDate, RefusesEverythingElse) {
    for (const auto* bad : {"", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "Mon, 06 Nov 1994 08:49:37 GMT",
                            "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 6 Nov 1994 08:49:37 GMT",
                            "sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 31 Feb 1994 08:49:37 GMT",
                            "Sun, 06 Nov 1994 24:49:37 GMT", "  Sun, 06 Nov 1994 08:49:37 GMT", "2024-01-01"}) {
        SCOPED_TRACE(bad);
        const auto time = base::parse_http_date(bad);
        ASSERT_FALSE(time);
        EXPECT_EQ(time.error().kind, Kind::invalid);
    }
}

TEST(SystemClock, IsOfThisCentury) {
    EXPECT_GT(base::SystemClock().now_us(), base::parse_datetime("2025")->low);
    EXPECT_LT(base::SystemClock().now_us(), base::parse_datetime("2100")->low);
}

}  // namespace
