// The formats of R4's primitive types (datatypes.html#primitive), as code: the regular expressions of the definitions let 30 February
// pass, and one of them is misprinted.
#pragma once

#include "storage/base/json.hpp"

#include <string>
#include <string_view>

namespace validate {

// What is wrong with the value of a primitive of this type ("dateTime"), as a sentence; nullptr when nothing is. xhtml is only looked at
// as a string here (narrative.hpp has its rules). An unknown type name is taken for a string.
const char* check_primitive(std::string_view type, const json::Value& value);

bool is_blank(std::string_view text);         // white space alone
bool has_scheme(std::string_view uri);        // begins with a scheme and a colon (RFC 3986 section 3.1)

// The parts of check_primitive that stand alone.
const char* check_date(std::string_view text);      // YYYY, YYYY-MM, YYYY-MM-DD, on the calendar
const char* check_date_time(std::string_view text);  // a date, or a date with a time and a zone
const char* check_instant(std::string_view text);
const char* check_time(std::string_view text);
const char* check_decimal(std::string_view text);
const char* check_uri(std::string_view text);
const char* check_base64(std::string_view text);

}  // namespace validate
