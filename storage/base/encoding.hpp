// Text forms of bytes: hex, base64 (RFC 4648 section 4), base64url without padding (section 5).
#pragma once

#include <string>
#include <string_view>

#include "storage/base/bytes.hpp"

namespace base {

std::string to_hex(ByteView bytes);  // lower case, no prefix
// Accepts upper and lower case and an optional 0x. Error: Kind::invalid on odd length or a foreign character.
Result<Bytes> from_hex(std::string_view text);

std::string to_base64(ByteView bytes);
// Strict: padding required, no white space, no bits left over. Error: Kind::invalid.
Result<Bytes> from_base64(std::string_view text);

std::string to_base64url(ByteView bytes);
// Strict: no padding, no bits left over. Error: Kind::invalid.
Result<Bytes> from_base64url(std::string_view text);

// RFC 3986 percent-decoding; plus_is_space for application/x-www-form-urlencoded. Error: Kind::invalid on a broken
// escape and when the result is no UTF-8: it may end up in JSON.
Result<std::string> percent_decode(std::string_view text, bool plus_is_space);
std::string percent_encode(std::string_view text);  // everything but unreserved characters

// UTF-8 (RFC 3629: shortest form, no surrogates, at most U+10FFFF). Bytes of the character that `text` starts with: 1 to 4, or 0
// when it starts with none.
std::size_t utf8_character(std::string_view text);
bool is_utf8(std::string_view text);
// At most max_bytes from the front of UTF-8 text, never half a character.
std::string_view utf8_prefix(std::string_view text, std::size_t max_bytes);

}  // namespace base
