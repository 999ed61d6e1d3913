// System.Quantity: UCUM units and calendar durations, which are not the same from months upwards (FHIRPath N1 sections 2.1.9, 6.1).
#pragma once

#include "fhir/fhirpath/decimal.hpp"
#include "fhir/fhirpath/temporal.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace fhirpath {

struct Quantity {
    Decimal value;
    std::string_view unit = "1";  // a UCUM code, or the word of a calendar duration as it was written
    bool calendar = false;
    bool from_fhir = false;  // a FHIR Quantity: its code 'a' stands for a year where a calendar duration is wanted

    std::string to_string() const;  // "4 'mg'", "2 years"
};

// A FHIR Quantity's UCUM time code as the calendar duration that R4 maps it to (fhirpath.html#quantity): 'a' is year.
std::optional<CalendarUnit> calendar_of_ucum(std::string_view code);
std::string_view calendar_word(CalendarUnit unit);

// Reads "4.5 'mg'", "2 years", "3". Views into the text. Nothing when it is none.
std::optional<Quantity> parse_quantity(std::string_view text);

// Are the units such that the values can be compared?
bool comparable(const Quantity& a, const Quantity& b);
// unknown when they are not comparable.
Order compare(const Quantity& a, const Quantity& b);
bool equivalent(const Quantity& a, const Quantity& b);

// In another unit; nothing when the units are not comparable. The unit given must outlive the result.
std::optional<Quantity> convert(const Quantity& value, std::string_view unit);
// Sum or difference in the finer of the two units.
std::optional<Quantity> add(const Quantity& a, const Quantity& b, bool minus);
// The unit is written to `unit`, which the result refers to: it must outlive it.
std::optional<Quantity> multiply(const Quantity& a, const Quantity& b, std::string& unit);
std::optional<Quantity> divide(const Quantity& a, const Quantity& b, std::string& unit);

// By the precision of the less precise one, zeros at the end not counted (N1 section 6.1.2).
bool equivalent(const Decimal& a, const Decimal& b);

}  // namespace fhirpath
