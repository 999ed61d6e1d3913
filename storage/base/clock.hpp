// Time, injected so that tests own it. All kedge times are microseconds since 1970-01-01T00:00:00Z.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"

namespace base {

using TimeUs = std::int64_t;

class Clock {
  public:
    virtual ~Clock() = default;
    virtual TimeUs now_us() const = 0;  // thread-safe
};

class SystemClock final : public Clock {
  public:
    TimeUs now_us() const override;
};

// A FHIR instant in UTC with milliseconds: 2026-11-22T07:24:00.123Z (and with the day or second alone for HTTP-free uses).
std::string format_instant(TimeUs time);
// RFC 9110 IMF-fixdate: Sun, 22 Nov 2026 07:24:00 GMT.
std::string format_http_date(TimeUs time);
// Error: Kind::invalid when the text is no IMF-fixdate.
Result<TimeUs> parse_http_date(std::string_view text);

// The span of time that a FHIR date, dateTime or instant of any precision covers: [low, high), in UTC.
// A text without an offset is read as UTC (R4 search.html leaves the zone to the server; kedge says UTC in its docs).
struct Period {
    TimeUs low = INT64_MIN;
    TimeUs high = INT64_MAX;
};
// YYYY, YYYY-MM, YYYY-MM-DD, and with Thh:mm[:ss[.fraction]][Z|+hh:mm]. Error: Kind::invalid on anything else.
Result<Period> parse_datetime(std::string_view text);

}  // namespace base
