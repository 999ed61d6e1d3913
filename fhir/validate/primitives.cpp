#include "fhir/validate/primitives.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>

namespace validate {
namespace {

constexpr std::size_t kStringBytes = 1u << 20;  // R4: "Note that strings SHALL NOT exceed 1MB (1024*1024 characters) in size"

bool digit(char c) {
    return c >= '0' && c <= '9';
}
bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Two, three or four digits at `at`; -1 when they are none.
int number_at(std::string_view text, std::size_t at, std::size_t length) {
    if (at + length > text.size()) return -1;
    int out = 0;
    for (std::size_t i = at; i < at + length; ++i) {
        if (!digit(text[i])) return -1;
        out = out * 10 + (text[i] - '0');
    }
    return out;
}

int days_of(int year, int month) {
    constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : kDays[month - 1];
}

constexpr const char* kDateForm = "A date is written YYYY, YYYY-MM or YYYY-MM-DD";
constexpr const char* kDateTimeForm = "A dateTime is written YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a time zone (Z or +hh:mm)";
constexpr const char* kInstantForm = "An instant is written YYYY-MM-DDThh:mm:ss with a time zone (Z or +hh:mm)";
constexpr const char* kTimeForm = "A time is written hh:mm:ss, without a time zone";

// hh:mm:ss[.fraction]; moves past it.
bool take_time(std::string_view& text) {
    const int hour = number_at(text, 0, 2), minute = number_at(text, 3, 2), second = number_at(text, 6, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 || text[2] != ':' || text[5] != ':') return false;
    text.remove_prefix(8);
    if (text.empty() || text.front() != '.') return true;
    std::size_t length = 1;
    while (length < text.size() && digit(text[length])) ++length;
    text.remove_prefix(length);
    return length > 1;
}

bool is_zone(std::string_view text) {
    if (text == "Z") return true;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return false;
    const int hour = number_at(text, 1, 2), minute = number_at(text, 4, 2);
    return (hour >= 0 && hour <= 13 && minute >= 0 && minute <= 59) || (hour == 14 && minute == 0);
}

const char* check_moment(std::string_view text, const char* form) {
    if (text.size() < 19 || text[10] != 'T') return form;
    if (const auto* wrong = check_date(text.substr(0, 10))) return wrong == kDateForm ? form : wrong;
    text.remove_prefix(11);
    if (!take_time(text)) return form;
    if (text.empty()) return "A time needs a time zone: Z or +hh:mm";
    return is_zone(text) ? nullptr : form;
}

template <class Integer>
const char* check_integer(const json::Value& value, Integer low, const char* range) {
    const auto* number = value.if_number();
    if (number == nullptr) return value.is_string() ? "A number is written without quotes" : "This takes a number";
    const auto& text = number->text;
    std::int32_t parsed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
    if (end != text.data() + text.size() && error == std::errc()) return "This takes a whole number: no fraction and no exponent";
    if (error != std::errc() || parsed < low || text == "-0") return range;
    return nullptr;
}

const char* check_characters(std::string_view text) {
    if (text.size() > kStringBytes) return "A string takes at most 1 MB";
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 && !blank(c)) return "A string takes no control characters besides tab, line feed and carriage return";
    }
    return nullptr;
}

// No blanks at the ends, and only single ones inside.
const char* check_code(std::string_view text) {
    if (blank(text.front()) || blank(text.back())) return "A code has no white space at its ends";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (blank(text[i]) && (text[i] != ' ' || text[i + 1] == ' ')) return "Inside a code only single spaces may stand";
    }
    return nullptr;
}

const char* check_id(std::string_view text) {
    bool fine = !text.empty() && text.size() <= 64;
    for (const char c : text) fine = fine && (digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.');
    return fine ? nullptr : "An id is 1 to 64 of the characters A-Z a-z 0-9 - .";
}

const char* check_oid(std::string_view text) {
    constexpr const char* kForm = "An oid is written urn:oid: and numbers with dots between them, for example urn:oid:1.2.3";
    if (!text.starts_with("urn:oid:") || text.size() < 11 || text[8] < '0' || text[8] > '2') return kForm;
    text.remove_prefix(9);
    while (!text.empty()) {
        if (text.front() != '.') return kForm;
        text.remove_prefix(1);
        std::size_t length = 0;
        while (length < text.size() && digit(text[length])) ++length;
        if (length == 0 || (length > 1 && text.front() == '0')) return kForm;
        text.remove_prefix(length);
    }
    return nullptr;
}

const char* check_uuid(std::string_view text, bool upper_case_too) {
    constexpr const char* kForm = "A uuid is written urn:uuid: and 8-4-4-4-12 lower-case hexadecimal digits";
    if (!text.starts_with("urn:uuid:") || text.size() != 45) return kForm;
    text.remove_prefix(9);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const bool hex = digit(text[i]) || (text[i] >= 'a' && text[i] <= 'f') || (upper_case_too && text[i] >= 'A' && text[i] <= 'F');
        if (dash ? text[i] != '-' : !hex) return kForm;
    }
    return nullptr;
}

const char* check_text(std::string_view type, std::string_view text) {
    if (text.empty()) return "A string must not be empty: leave the element out";
    if (type == "code") return check_code(text);
    if (type == "uri" || type == "url" || type == "canonical") return check_uri(text);
    if (type == "id") return check_id(text);
    if (type == "date") return check_date(text);
    if (type == "dateTime") return check_date_time(text);
    if (type == "instant") return check_instant(text);
    if (type == "time") return check_time(text);
    if (type == "base64Binary") return check_base64(text);
    if (type == "oid") return check_oid(text);
    if (type == "uuid") return check_uuid(text, false);
    if (type == "xhtml") return nullptr;
    return check_characters(text);
}

}  // namespace

bool is_blank(std::string_view text) {
    return std::all_of(text.begin(), text.end(), blank);
}

bool has_scheme(std::string_view uri) {
    const auto scheme = uri.substr(0, uri.find(':'));
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    return scheme.size() < uri.size() && !scheme.empty() && letter(scheme.front()) &&
           std::all_of(scheme.begin(), scheme.end(), [&](char c) { return letter(c) || digit(c) || c == '+' || c == '.' || c == '-'; });
}

const char* check_date(std::string_view text) {
    const int year = number_at(text, 0, 4);
    if (year < 0) return kDateForm;
    if (year == 0) return "There is no year 0000";
    if (text.size() == 4) return nullptr;
    const int month = number_at(text, 5, 2);
    if (text[4] != '-' || month < 0 || (text.size() != 7 && text.size() != 10)) return kDateForm;
    if (month < 1 || month > 12) return "A month is 01 to 12";
    if (text.size() == 7) return nullptr;
    const int day = number_at(text, 8, 2);
    if (text[7] != '-' || day < 0) return kDateForm;
    return day >= 1 && day <= days_of(year, month) ? nullptr : "This month has no such day";
}

const char* check_date_time(std::string_view text) {
    if (text.size() <= 10 && text.find('T') == std::string_view::npos) {
        const auto* wrong = check_date(text);
        return wrong == kDateForm ? kDateTimeForm : wrong;
    }
    return check_moment(text, text.size() == 16 || (text.size() > 16 && text[16] != ':') ? "The seconds of a time must be given, even if they are :00" : kDateTimeForm);
}

const char* check_instant(std::string_view text) {
    return check_moment(text, kInstantForm);
}

const char* check_time(std::string_view text) {
    return text.size() >= 8 && take_time(text) && text.empty() ? nullptr : kTimeForm;
}

const char* check_decimal(std::string_view text) {
    // R4 asks for 18 significant digits at least to be kept; kedge keeps all. What is refused has no value that a program could hold.
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? nullptr : "This decimal is beyond what any program can compute with";
}

const char* check_uri(std::string_view text) {
    for (const char c : text) {
        if (blank(c)) return "A URI has no white space";
    }
    if (text.starts_with("oid:")) return "An OID as a URI begins with urn:oid:";
    if (text.starts_with("uuid:")) return "A UUID as a URI begins with urn:uuid:";
    if (text.starts_with("urn:oid:")) return check_oid(text);
    if (text.starts_with("urn:uuid:") && check_uuid(text, true) != nullptr) return "urn:uuid: is followed by 8-4-4-4-12 hexadecimal digits";
    return nullptr;
}

const char* check_base64(std::string_view text) {
    constexpr const char* kForm = "base64Binary takes whole groups of four base64 characters";
    std::size_t count = 0, padding = 0;
    for (const char c : text) {
        if (blank(c)) continue;
        const bool letter = digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/';
        if (c == '=') ++padding;
        else if (!letter || padding > 0) return kForm;
        ++count;
    }
    return count > 0 && count % 4 == 0 && padding <= 2 ? nullptr : kForm;
}

const char* check_primitive(std::string_view type, const json::Value& value) {
    if (type == "boolean") {
        if (value.is_bool()) return nullptr;
        return value.is_string() ? "A boolean is true or false, without quotes" : "A boolean is true or false";
    }
    if (type == "decimal") {
        const auto* number = value.if_number();
        if (number == nullptr) return value.is_string() ? "A number is written without quotes" : "This takes a number";
        return check_decimal(number->text);
    }
    if (type == "integer") return check_integer(value, std::numeric_limits<std::int32_t>::min(), "An integer is -2147483648 to 2147483647");
    if (type == "positiveInt") return check_integer(value, 1, "A positiveInt is 1 to 2147483647");
    if (type == "unsignedInt") return check_integer(value, 0, "An unsignedInt is 0 to 2147483647");
    const auto* text = value.if_string();
    if (text == nullptr) return value.is_number() ? "This takes a string: write the value in quotes" : "This takes a string";
    return check_text(type, *text);
}

}  // namespace validate
