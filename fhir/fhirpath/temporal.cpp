#include "fhir/fhirpath/temporal.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace fhirpath {
namespace {

constexpr int kMaxOffsetMinutes = 14 * 60;

bool digit(char c) {
    return c >= '0' && c <= '9';
}
bool digits_at(std::string_view text, std::size_t at, std::size_t count) {
    if (text.size() < at + count) return false;
    return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.begin() + static_cast<std::ptrdiff_t>(at + count), digit);
}
int number_at(std::string_view text, std::size_t at, std::size_t count) {
    int out = 0;
    for (std::size_t i = 0; i < count; ++i) out = out * 10 + (text[at + i] - '0');
    return out;
}
int days_in_month(int year, int month) {
    constexpr std::array<int, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

// Days since 1970-01-01 in the proleptic Gregorian calendar, and back (Howard Hinnant's civil calendar algorithms).
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
    year -= month <= 2;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t of_era = year - era * 400;
    const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}
void civil_from_days(std::int64_t days, Temporal& out) {
    days += 719468;
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const std::int64_t of_era = days - era * 146097;
    const std::int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted = (5 * of_year + 2) / 153;
    out.day = static_cast<int>(of_year - (153 * shifted + 2) / 5 + 1);
    out.month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
    out.year = static_cast<int>(year_of_era + era * 400 + (out.month <= 2));
}

// Reads as far as the grammar goes and gives how far that is.
std::size_t read_date(std::string_view text, Temporal& out) {
    if (!digits_at(text, 0, 4)) return 0;
    out.year = number_at(text, 0, 4);
    out.precision = Temporal::kYear;
    if (text.size() < 7 || text[4] != '-' || !digits_at(text, 5, 2)) return 4;
    out.month = number_at(text, 5, 2);
    out.precision = Temporal::kMonth;
    if (text.size() < 10 || text[7] != '-' || !digits_at(text, 8, 2)) return 7;
    out.day = number_at(text, 8, 2);
    out.precision = Temporal::kDay;
    return 10;
}
std::size_t read_fraction(std::string_view text, std::size_t at, Temporal& out) {
    if (at + 1 >= text.size() || text[at] != '.' || !digit(text[at + 1])) return at;
    int unit = 100'000'000;
    for (at += 1; at < text.size() && digit(text[at]); ++at) {
        out.nanos += (text[at] - '0') * unit;
        unit /= 10;
        if (out.fraction_digits < 9) out.fraction_digits += 1;
    }
    return at;
}
std::size_t read_time(std::string_view text, std::size_t at, Temporal& out) {
    if (!digits_at(text, at, 2)) return at;
    out.hour = number_at(text, at, 2);
    out.precision = Temporal::kHour;
    at += 2;
    if (at >= text.size() || text[at] != ':' || !digits_at(text, at + 1, 2)) return at;
    out.minute = number_at(text, at + 1, 2);
    out.precision = Temporal::kMinute;
    at += 3;
    if (at >= text.size() || text[at] != ':' || !digits_at(text, at + 1, 2)) return at;
    out.second = number_at(text, at + 1, 2);
    out.precision = Temporal::kSecond;
    return read_fraction(text, at + 3, out);
}
std::size_t read_offset(std::string_view text, std::size_t at, Temporal& out) {
    if (at < text.size() && text[at] == 'Z') {
        out.has_offset = true;
        return at + 1;
    }
    const bool sign = at < text.size() && (text[at] == '+' || text[at] == '-');
    if (!sign || !digits_at(text, at + 1, 2) || text.size() < at + 6 || text[at + 3] != ':' || !digits_at(text, at + 4, 2)) return at;
    const int minutes = number_at(text, at + 1, 2) * 60 + number_at(text, at + 4, 2);
    out.has_offset = true;
    out.offset_minutes = static_cast<std::int16_t>(text[at] == '-' ? -minutes : minutes);
    return at + 6;
}
std::size_t read_date_time(std::string_view text, Temporal& out) {
    out.kind = Temporal::Kind::date_time;
    std::size_t at = read_date(text, out);
    if (at == 0 || at >= text.size() || text[at] != 'T') return at;
    const std::size_t end = read_time(text, at + 1, out);
    return end == at + 1 ? end : read_offset(text, end, out);
}

bool in_range(const Temporal& t) {
    if (t.kind != Temporal::Kind::time && (t.year < 1 || t.month < 1 || t.month > 12)) return false;
    if (t.kind != Temporal::Kind::time && (t.day < 1 || t.day > days_in_month(t.year, t.month))) return false;
    return t.hour < 24 && t.minute < 60 && t.second <= 60 && std::abs(t.offset_minutes) <= kMaxOffsetMinutes;
}

constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;

std::int64_t seconds_of(const Temporal& t) {
    return days_from_civil(t.year, t.month, t.day) * kSecondsPerDay + t.hour * 3600 + t.minute * 60 + t.second;
}
void set_seconds(std::int64_t seconds, Temporal& out) {
    std::int64_t days = seconds / kSecondsPerDay, rest = seconds % kSecondsPerDay;
    if (rest < 0) {
        rest += kSecondsPerDay;
        days -= 1;
    }
    if (out.kind != Temporal::Kind::time) civil_from_days(days, out);
    out.hour = static_cast<int>(rest / 3600);
    out.minute = static_cast<int>(rest / 60 % 60);
    out.second = static_cast<int>(rest % 60);
}
Temporal to_utc(const Temporal& t) {
    Temporal out = t;
    if (t.offset_minutes != 0) set_seconds(seconds_of(t) - t.offset_minutes * 60, out);
    out.offset_minutes = 0;
    return out;
}

Order order(std::int64_t a, std::int64_t b) {
    return a < b ? Order::less : a > b ? Order::greater : Order::equal;
}

Order compare_components(const Temporal& a, const Temporal& b) {
    const std::array<std::array<int, 2>, 6> parts{
        {{a.year, b.year}, {a.month, b.month}, {a.day, b.day}, {a.hour, b.hour}, {a.minute, b.minute}, {a.second, b.second}}};
    const std::size_t first = a.kind == Temporal::Kind::time ? Temporal::kHour : Temporal::kYear;
    for (std::size_t part = first; part <= std::min(a.precision, b.precision); ++part) {
        if (const auto decided = order(parts[part][0], parts[part][1]); decided != Order::equal) return decided;
    }
    if (a.precision != b.precision) return Order::unknown;
    return a.precision == Temporal::kSecond ? order(a.nanos, b.nanos) : Order::equal;
}

}  // namespace

std::optional<Temporal> parse_date(std::string_view text) {
    Temporal out;
    if (text.empty() || read_date(text, out) != text.size() || !in_range(out)) return std::nullopt;
    return out;
}

std::optional<Temporal> parse_date_time(std::string_view text) {
    Temporal out;
    if (text.empty() || read_date_time(text, out) != text.size() || !in_range(out)) return std::nullopt;
    return out;
}

std::optional<Temporal> parse_time(std::string_view text) {
    if (!text.empty() && text.front() == 'T') text.remove_prefix(1);
    Temporal out;
    out.kind = Temporal::Kind::time;
    if (text.empty() || read_time(text, 0, out) != text.size() || !in_range(out)) return std::nullopt;
    return out;
}

std::size_t literal_length(std::string_view text) {
    Temporal scratch;
    if (!text.empty() && text.front() == 'T') {
        const std::size_t end = read_time(text, 1, scratch);
        return end == 1 ? 0 : end;
    }
    return read_date_time(text, scratch);
}

std::string Temporal::to_string() const {
    std::array<char, 80> buffer{};
    std::string out;
    const auto put = [&](const char* format, int value) {
        const int length = std::snprintf(buffer.data(), buffer.size(), format, value);
        out.append(buffer.data(), static_cast<std::size_t>(length));
    };
    if (kind != Kind::time) {
        put("%04d", year);
        if (precision >= kMonth) put("-%02d", month);
        if (precision >= kDay) put("-%02d", day);
        if (precision >= kHour) out += 'T';
    }
    if (precision >= kHour) put("%02d", hour);
    if (precision >= kMinute) put(":%02d", minute);
    if (precision >= kSecond) put(":%02d", second);
    if (fraction_digits > 0) {
        std::snprintf(buffer.data(), buffer.size(), "%09d", nanos);
        out += '.';
        out.append(buffer.data(), fraction_digits);
    }
    if (has_offset && offset_minutes == 0) out += 'Z';
    if (has_offset && offset_minutes != 0) {
        const int minutes = std::abs(offset_minutes);
        out += offset_minutes < 0 ? '-' : '+';
        put("%02d", minutes / 60);
        put(":%02d", minutes % 60);
    }
    return out;
}

int Temporal::digits() const {
    constexpr std::array<int, 6> kDigits{4, 6, 8, 10, 12, 14};
    const int written = kDigits[precision] + (fraction_digits > 0 ? 3 : 0);
    return kind == Kind::time ? written - 8 : written;
}

Order compare(const Temporal& a, const Temporal& b) {
    const bool time = a.kind == Temporal::Kind::time;
    if (time != (b.kind == Temporal::Kind::time)) return Order::incomparable;
    // An offset says something only about hours; a plain date is compared by its components.
    const bool hours = a.precision >= Temporal::kHour && b.precision >= Temporal::kHour;
    if (time || !hours || (!a.has_offset && !b.has_offset)) return compare_components(a, b);
    if (a.has_offset && b.has_offset) return compare_components(to_utc(a), to_utc(b));
    const std::int64_t apart = seconds_of(to_utc(a)) - seconds_of(to_utc(b));
    if (std::abs(apart) <= kMaxOffsetMinutes * 60) return Order::unknown;
    return apart < 0 ? Order::less : Order::greater;
}

bool equivalent(const Temporal& a, const Temporal& b) {
    return a.precision == b.precision && compare(a, b) == Order::equal;
}

std::optional<CalendarUnit> calendar_unit(std::string_view word) {
    constexpr std::array<std::string_view, 8> kUnits{"year", "month", "week", "day", "hour", "minute", "second", "millisecond"};
    if (word.size() > 1 && word.back() == 's') word.remove_suffix(1);
    for (std::size_t i = 0; i < kUnits.size(); ++i) {
        if (kUnits[i] == word) return static_cast<CalendarUnit>(i);
    }
    return std::nullopt;
}

namespace {

std::optional<Temporal> add_months(const Temporal& to, std::int64_t months) {
    const std::int64_t total = static_cast<std::int64_t>(to.year) * 12 + (to.month - 1) + months;
    Temporal out = to;
    out.year = static_cast<int>(total >= 0 ? total / 12 : -1);
    if (out.year < 1 || out.year > 9999) return std::nullopt;
    out.month = static_cast<int>(total % 12) + 1;
    out.day = std::min(out.day, days_in_month(out.year, out.month));  // the last day of the month when there is no such day
    return out;
}

constexpr std::int64_t kMaxAmount = 400'000'000'000'000;  // ms: more than 9999 years

// Milliseconds in one of the unit, for units of a fixed length.
std::int64_t unit_ms(CalendarUnit unit) {
    switch (unit) {
        case CalendarUnit::week:
            return 7 * 86'400'000LL;
        case CalendarUnit::day:
            return 86'400'000;
        case CalendarUnit::hour:
            return 3'600'000;
        case CalendarUnit::minute:
            return 60'000;
        case CalendarUnit::second:
            return 1000;
        default:
            return 1;
    }
}

}  // namespace

std::optional<Temporal> add(const Temporal& to, const Decimal& amount, CalendarUnit unit) {
    const bool time = to.kind == Temporal::Kind::time;
    if (unit == CalendarUnit::year || unit == CalendarUnit::month) {
        const auto whole = amount.truncated().to_int64();
        if (time || !whole || std::abs(*whole) > 200'000) return std::nullopt;
        if (unit == CalendarUnit::year) return add_months(to, *whole * 12);
        return add_months(to, to.precision == Temporal::kYear ? *whole / 12 * 12 : *whole);
    }
    if (time && unit <= CalendarUnit::day) return std::nullopt;
    // Fractions count below a second alone: 7.7 days are 7 days.
    const auto scaled =
        unit >= CalendarUnit::second ? multiply(amount, Decimal(unit_ms(unit))) : multiply(amount.truncated(), Decimal(unit_ms(unit)));
    const auto whole = scaled ? scaled->truncated().to_int64() : std::nullopt;
    if (!whole || std::abs(*whole) > kMaxAmount) return std::nullopt;
    std::int64_t ms = *whole;
    // To the precision that the value has, by N1's table: a year has 365 days, a month 30.
    if (to.precision == Temporal::kYear) return add_months(to, ms / (365 * 86'400'000LL) * 12);
    if (to.precision == Temporal::kMonth) return add_months(to, ms / (30 * 86'400'000LL));
    constexpr std::array<std::int64_t, 6> kGrain{0, 0, 86'400'000, 3'600'000, 60'000, 1};
    ms -= ms % kGrain[to.precision];
    Temporal out = to;
    std::int64_t nanos = to.nanos + ms % 1000 * 1'000'000;
    std::int64_t seconds = (time ? to.hour * 3600 + to.minute * 60 + to.second : seconds_of(to)) + ms / 1000;
    if (nanos < 0) {
        nanos += kNanosPerSecond;
        seconds -= 1;
    }
    seconds += nanos / kNanosPerSecond;
    out.nanos = static_cast<int>(nanos % kNanosPerSecond);
    if (out.nanos % 1'000'000 != to.nanos % 1'000'000 || (out.nanos != 0 && out.fraction_digits < 3)) out.fraction_digits = 3;
    set_seconds(seconds, out);
    if (!time && (out.year < 1 || out.year > 9999)) return std::nullopt;
    return out;
}

std::optional<Temporal> boundary(const Temporal& value, bool low, std::optional<std::int64_t> digits) {
    const bool time = value.kind == Temporal::Kind::time, date = value.kind == Temporal::Kind::date;
    const std::int64_t wanted = digits.value_or(time ? 9 : date ? 8 : 17) + (time ? 8 : 0);
    constexpr std::array<std::int64_t, 7> kDigits{4, 6, 8, 10, 12, 14, 17};
    const auto* found = std::find(kDigits.begin(), kDigits.end(), wanted);
    if (found == kDigits.end() || (date && wanted > 8) || (time && wanted < 10)) return std::nullopt;
    const auto place = static_cast<std::size_t>(found - kDigits.begin());
    Temporal out = value;
    if (value.precision < Temporal::kMonth) out.month = low ? 1 : 12;
    if (value.precision < Temporal::kDay) out.day = low ? 1 : days_in_month(out.year, out.month);
    if (value.precision < Temporal::kHour) out.hour = low ? 0 : 23;
    if (value.precision < Temporal::kMinute) out.minute = low ? 0 : 59;
    if (value.precision < Temporal::kSecond) out.second = low ? 0 : 59;
    if (value.fraction_digits < 3 && !low) {
        constexpr std::array<int, 3> kRest{999'000'000, 99'000'000, 9'000'000};
        out.nanos += kRest[value.fraction_digits];
    }
    out.precision = static_cast<Temporal::Precision>(std::min<std::size_t>(place, Temporal::kSecond));
    out.fraction_digits = place == 6 ? 3 : 0;
    if (place < 6) out.nanos = 0;
    if (!time && out.precision < Temporal::kHour) {
        out.has_offset = false;
        out.offset_minutes = 0;
    } else if (!time && !value.has_offset) {
        out.has_offset = true;  // the earliest moment is where clocks are furthest ahead
        out.offset_minutes = low ? kMaxOffsetMinutes : -12 * 60;
    }
    return out;
}

Temporal from_unix_us(std::int64_t us) {
    Temporal out;
    out.kind = Temporal::Kind::date_time;
    out.precision = Temporal::kSecond;
    out.has_offset = true;
    out.fraction_digits = 3;
    std::int64_t ms = us / 1000 - (us % 1000 < 0 ? 1 : 0);
    std::int64_t seconds = ms / 1000 - (ms % 1000 < 0 ? 1 : 0);
    out.nanos = static_cast<int>(ms - seconds * 1000) * 1'000'000;
    set_seconds(seconds, out);
    return out;
}

Temporal date_of(const Temporal& value) {
    Temporal out = value;
    out.kind = Temporal::Kind::date;
    out.precision = std::min(value.precision, Temporal::kDay);
    out.hour = out.minute = out.second = out.nanos = 0;
    out.fraction_digits = 0;
    out.has_offset = false;
    out.offset_minutes = 0;
    return out;
}

Temporal time_of(const Temporal& value) {
    Temporal out = value;
    out.kind = Temporal::Kind::time;
    out.year = 0;
    out.month = out.day = 1;
    out.has_offset = false;
    out.offset_minutes = 0;
    return out;
}

}  // namespace fhirpath
