// Text by characters, not bytes: N1 counts Unicode code points.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fhirpath {

std::size_t characters(std::string_view text);
// The byte where the character begins; the text's size past the end.
std::size_t byte_of(std::string_view text, std::size_t character);

std::string upper(std::string_view text);
std::string lower(std::string_view text);
// For equivalence: without case, every white space one blank.
std::string folded(std::string_view text);

// base64, urlbase64, hex; nothing for an unknown format or text that is none.
std::optional<std::string> encode(std::string_view text, std::string_view format);
std::optional<std::string> decode(std::string_view text, std::string_view format);
// html, json; nothing for an unknown format.
std::optional<std::string> escape(std::string_view text, std::string_view format);
std::optional<std::string> unescape(std::string_view text, std::string_view format);

}  // namespace fhirpath
