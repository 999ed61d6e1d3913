// Code systems that nobody can list but whose codes follow a grammar or a short standard list: UCUM, BCP 13, BCP 47, ISO 4217.
#pragma once

#include <cstdint>
#include <string_view>

namespace terminology {

enum class Held : std::uint8_t { no, yes, unknown };  // unknown: nobody here can tell

inline constexpr std::string_view kUcum = "http://unitsofmeasure.org";
inline constexpr std::string_view kMediaTypes = "urn:ietf:bcp:13";
inline constexpr std::string_view kLanguages = "urn:ietf:bcp:47";
inline constexpr std::string_view kCurrencies = "urn:iso:std:iso:4217";

bool has_grammar(std::string_view system);
// Unknown for other systems, for a UCUM code that fhir/fhirpath does not read (its table has the units of health records, not all),
// and for a well-formed language tag's meaning nothing is said: well-formed is yes (RFC 5646 section 2.2.9).
Held follows_grammar(std::string_view system, std::string_view code);

}  // namespace terminology
