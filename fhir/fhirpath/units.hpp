// UCUM units (http://unitsofmeasure.org) as a factor and base dimensions: the grammar in full, prefixes, and the units that health
// records use. A unit that is not in the table is equal to itself alone.
#pragma once

#include "fhir/fhirpath/decimal.hpp"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace fhirpath {

// One of the unit is numerator / denominator * 10^power of the base units. Amount of substance is a base here, so that 1 'mol' is
// not comparable with the number 6.02e23; so is every arbitrary unit ([IU] ...), as UCUM section 24 wants it.
struct Unit {
    enum class Scale : std::uint8_t { ratio, celsius, fahrenheit };  // with an offset: comparable, not to be multiplied
    Decimal numerator{1}, denominator{1};
    int power = 0;
    Scale scale = Scale::ratio;
    std::vector<std::pair<std::string_view, int>> dimensions;  // base symbol and exponent, sorted, none zero

    bool dimensionless() const { return dimensions.empty() && scale == Scale::ratio; }
};

// Nothing for what is no UCUM code, an unknown symbol, a logarithmic unit, or a factor that 38 digits cannot hold.
std::optional<Unit> parse_unit(std::string_view code);

bool comparable(const Unit& a, const Unit& b);
// Of comparable units; nothing when the number does not fit.
std::optional<Decimal> convert(const Decimal& value, const Unit& from, const Unit& to);
// Is one of `a` less than one of `b`? Of comparable units.
bool finer(const Unit& a, const Unit& b);

}  // namespace fhirpath
