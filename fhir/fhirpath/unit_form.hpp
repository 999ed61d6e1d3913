// Is a text a UCUM code at all? The grammar of UCUM section 2 over the unit symbols of its tables, without computing anything: also
// logarithmic and arbitrary units, which parse_unit() has no factor for.
#pragma once

#include <cstdint>
#include <string_view>

namespace fhirpath {

enum class UnitForm : std::uint8_t {
    known,           // a UCUM code
    unknown_symbol,  // formed as UCUM wants it, but a symbol in it is none that UCUM (2.1) has
    malformed,       // no UCUM code, whatever the symbols: an operator without its operand, a blank, a letter beyond ASCII
};
UnitForm unit_form(std::string_view code);

}  // namespace fhirpath
