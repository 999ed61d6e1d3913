// Date, DateTime and Time with the precision they were written with (FHIRPath N1, sections 4.1 and 6.1.1).
#pragma once

#include "fhir/fhirpath/decimal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fhirpath {

struct Temporal {
    enum class Kind : std::uint8_t { date, date_time, time };
    // Seconds and their fraction are one precision: 10:00:01 and 10:00:01.0 compare equal.
    enum Precision : std::uint8_t { kYear, kMonth, kDay, kHour, kMinute, kSecond };

    Kind kind = Kind::date;
    Precision precision = kYear;
    bool has_offset = false;
    std::uint8_t fraction_digits = 0;
    std::int16_t offset_minutes = 0;
    int year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, nanos = 0;

    std::string to_string() const;  // ISO 8601, without @ and T before a time
    int digits() const;             // of all components written, for precision(): 2014 has 4, with milliseconds 17
};

// The whole text must be one; ranges and the days of the month are checked. Hours may stand alone (T14), as in literals.
std::optional<Temporal> parse_date(std::string_view text);
std::optional<Temporal> parse_date_time(std::string_view text);  // also a date alone, and "2015T"
std::optional<Temporal> parse_time(std::string_view text);       // a T before it is allowed
// How many characters of the text a literal takes, without its @; 0 when none begins here.
std::size_t literal_length(std::string_view text);

enum class Order : std::uint8_t { less, equal, greater, unknown, incomparable };
// unknown: the precisions differ before the order is decided, or one of them lacks the offset and they are within 14 hours.
// incomparable: a time and a date.
Order compare(const Temporal& a, const Temporal& b);
// The same instant to the same precision.
bool equivalent(const Temporal& a, const Temporal& b);

enum class CalendarUnit : std::uint8_t { year, month, week, day, hour, minute, second, millisecond };
std::optional<CalendarUnit> calendar_unit(std::string_view word);  // "day" and "days"
// Adds an amount; what is finer than the precision is converted to it and its fraction dropped (N1 section 6.6.7). A time wraps at
// midnight. Nothing when the year leaves 1 to 9999, or for a time and years, months, weeks or days.
std::optional<Temporal> add(const Temporal& to, const Decimal& amount, CalendarUnit unit);

// The first and the last moment it may stand for, to so many digits (4, 6, 8, 10, 12, 14, 17; a time 2, 4, 6, 9). Nothing for
// another number.
std::optional<Temporal> boundary(const Temporal& value, bool low, std::optional<std::int64_t> digits);

// us since 1970 in UTC, to the millisecond.
Temporal from_unix_us(std::int64_t us);
Temporal date_of(const Temporal& value);
Temporal time_of(const Temporal& value);

}  // namespace fhirpath
