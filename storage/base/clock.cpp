#include "storage/base/clock.hpp"

#include <array>
#include <cstdlib>
#include <ctime>

#include "storage/base/encoding.hpp"

namespace base {
namespace {

constexpr TimeUs kSecond = 1'000'000;
constexpr TimeUs kDay = 86'400 * kSecond;

// Days since 1970-01-01 of a proleptic Gregorian date (H. Hinnant's days_from_civil, public domain algorithm).
std::int64_t days_from_civil(std::int64_t y, unsigned m, unsigned d) {
    y -= m <= 2;
    const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
    const auto yoe = static_cast<unsigned>(y - era * 400);
    const unsigned doy = (153 * (m + (m > 2 ? -3u : 9u)) + 2) / 5 + d - 1;
    const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + static_cast<std::int64_t>(doe) - 719468;
}

unsigned days_in_month(std::int64_t y, unsigned m) {
    constexpr std::array<unsigned, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return m == 2 && leap ? 29 : kDays[m - 1];
}

std::tm utc(TimeUs time) {
    const auto seconds = static_cast<std::time_t>(time / kSecond - (time % kSecond < 0 ? 1 : 0));
    std::tm out{};
    gmtime_r(&seconds, &out);
    return out;
}

// Takes exactly n digits off the front; -1 when they are not there.
int digits(std::string_view& text, std::size_t n) {
    if (text.size() < n) return -1;
    int value = 0;
    for (std::size_t i = 0; i < n; ++i) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(n);
    return value;
}
bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

// `number` with at least `width` digits, then `after`. snprintf took 1 us for each of the dates of an answer.
void put(std::string& out, int number, std::size_t width, char after) {
    const auto text = std::to_string(std::abs(number));
    if (number < 0) out += '-';
    if (text.size() < width) out.append(width - text.size(), '0');
    out += text;
    out += after;
}

tl::unexpected<Error> no_date(std::string_view text) {
    return fail(Kind::invalid, "'" + std::string(utf8_prefix(text, 64)) + "' is no FHIR date, dateTime or instant");
}

// Offset in microseconds east of UTC; a missing offset is UTC.
bool take_offset(std::string_view& rest, TimeUs& offset) {
    offset = 0;
    if (rest.empty() || take(rest, 'Z')) return true;
    const int sign = take(rest, '+') ? 1 : take(rest, '-') ? -1 : 0;
    const int hours = digits(rest, 2);
    if (sign == 0 || hours < 0 || hours > 14 || !take(rest, ':')) return false;
    const int minutes = digits(rest, 2);
    if (minutes < 0 || minutes > 59 || (hours == 14 && minutes != 0)) return false;  // R4 datatypes.html#dateTime: at most 14:00
    offset = sign * (hours * 3600 + minutes * 60) * kSecond;
    return true;
}

}  // namespace

TimeUs SystemClock::now_us() const {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<TimeUs>(now.tv_sec) * kSecond + now.tv_nsec / 1000;
}

std::string format_instant(TimeUs time) {
    const std::tm t = utc(time);
    const auto ms = static_cast<int>(((time % kSecond) + kSecond) % kSecond / 1000);
    std::string out;
    out.reserve(24);
    put(out, t.tm_year + 1900, 4, '-');
    put(out, t.tm_mon + 1, 2, '-');
    put(out, t.tm_mday, 2, 'T');
    put(out, t.tm_hour, 2, ':');
    put(out, t.tm_min, 2, ':');
    put(out, t.tm_sec, 2, '.');
    put(out, ms, 3, 'Z');
    return out;
}

std::string format_http_date(TimeUs time) {
    const std::tm t = utc(time);
    constexpr std::array<std::string_view, 7> kWeekdays{"Sun, ", "Mon, ", "Tue, ", "Wed, ", "Thu, ", "Fri, ", "Sat, "};
    constexpr std::array<std::string_view, 12> kMonths{"Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ", "Jul ", "Aug ", "Sep ", "Oct ", "Nov ", "Dec "};
    std::string out;
    out.reserve(29);
    out += kWeekdays[static_cast<std::size_t>(t.tm_wday)];
    put(out, t.tm_mday, 2, ' ');
    out += kMonths[static_cast<std::size_t>(t.tm_mon)];
    put(out, t.tm_year + 1900, 4, ' ');
    put(out, t.tm_hour, 2, ':');
    put(out, t.tm_min, 2, ':');
    put(out, t.tm_sec, 2, ' ');
    out += "GMT";
    return out;
}

Result<TimeUs> parse_http_date(std::string_view text) {
    std::tm t{};
    const std::string copy(text);
    const char* end = strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &t);
    const auto time = end == nullptr ? 0 : static_cast<TimeUs>(timegm(&t)) * kSecond;
    // strptime takes much that is no IMF-fixdate (other cases, spaces, a wrong weekday): what does not come out the same is refused.
    if (end == nullptr || format_http_date(time) != text) {
        return fail(Kind::invalid, "'" + std::string(utf8_prefix(text, 64)) + "' is no HTTP date");
    }
    return time;
}

Result<Period> parse_datetime(std::string_view text) {
    auto rest = text;
    const int year = digits(rest, 4);
    if (year < 1) return no_date(text);
    if (rest.empty()) return Period{days_from_civil(year, 1, 1) * kDay, days_from_civil(year + 1, 1, 1) * kDay};
    if (!take(rest, '-')) return no_date(text);
    const int month = digits(rest, 2);
    if (month < 1 || month > 12) return no_date(text);
    if (rest.empty()) {
        const auto next_year = month == 12 ? year + 1 : year;
        const auto next_month = month == 12 ? 1u : static_cast<unsigned>(month) + 1;
        return Period{days_from_civil(year, static_cast<unsigned>(month), 1) * kDay, days_from_civil(next_year, next_month, 1) * kDay};
    }
    if (!take(rest, '-')) return no_date(text);
    const int day = digits(rest, 2);
    if (day < 1 || day > static_cast<int>(days_in_month(year, static_cast<unsigned>(month)))) return no_date(text);
    const TimeUs midnight = days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day)) * kDay;
    if (rest.empty()) return Period{midnight, midnight + kDay};
    if (!take(rest, 'T')) return no_date(text);
    const int hour = digits(rest, 2);
    if (hour < 0 || hour > 23 || !take(rest, ':')) return no_date(text);
    const int minute = digits(rest, 2);
    if (minute < 0 || minute > 59) return no_date(text);
    TimeUs at = midnight + (hour * 3600 + minute * 60) * kSecond, width = 60 * kSecond, offset = 0;
    if (take(rest, ':')) {
        const int second = digits(rest, 2);
        if (second < 0 || second > 60) return no_date(text);
        at += second * kSecond;
        width = kSecond;
        if (take(rest, '.')) {
            if (rest.empty() || rest.front() < '0' || rest.front() > '9') return no_date(text);
            for (; !rest.empty() && rest.front() >= '0' && rest.front() <= '9'; rest.remove_prefix(1)) {
                if (width >= 10) at += (rest.front() - '0') * (width / 10);
                width = width >= 10 ? width / 10 : 1;
            }
        }
    }
    if (!take_offset(rest, offset) || !rest.empty()) return no_date(text);
    return Period{at - offset, at - offset + width};
}

}  // namespace base
