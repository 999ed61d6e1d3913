// Header fields as a plain list, and the two ways RFC 9110 section 5.6 writes a list inside one field value.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace http {

// In the order of the wire; a name may stand several times.
using Headers = std::vector<std::pair<std::string, std::string>>;

// ASCII case-insensitive equality: header names, schemes, media types and tokens compare this way.
bool equal_ignoring_case(std::string_view a, std::string_view b);

// The value of the first field with this name, else nullptr. Valid until the list changes.
const std::string* find_header(const Headers& headers, std::string_view name);

// All values of this name joined with ", ", which RFC 9110 section 5.3 makes equal to one field; empty when absent.
std::string joined_header(const Headers& headers, std::string_view name);

// White space (SP, HTAB) cut from both ends.
std::string_view trimmed(std::string_view text);

// Splits at `separator` outside quoted strings; parts are trimmed, empty parts are left out (RFC 9110 section 5.6.1.2).
// The views point into `text`.
std::vector<std::string_view> split_list(std::string_view text, char separator);

// token (RFC 9110 section 5.6.2), or a quoted-string with its quotes and escapes removed.
std::string unquoted(std::string_view text);

// True when `text` is one token of RFC 9110 section 5.6.2, at least one character long.
bool is_token(std::string_view text);

}  // namespace http
