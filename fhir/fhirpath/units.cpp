#include "fhir/fhirpath/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace fhirpath {
namespace {

struct Prefix {
    std::string_view code;
    int power;
};
constexpr Prefix kPrefixes[] = {{"Y", 24}, {"Z", 21},  {"E", 18},  {"P", 15},  {"T", 12},  {"G", 9},  {"M", 6},
                                {"k", 3},  {"h", 2},   {"da", 1},  {"d", -1},  {"c", -2},  {"m", -3}, {"u", -6},
                                {"n", -9}, {"p", -12}, {"f", -15}, {"a", -18}, {"z", -21}, {"y", -24}};

struct Definition {
    std::string_view code;
    bool metric;             // takes prefixes
    std::string_view value;  // how many of
    std::string_view unit;   // this; empty: the code is a base of its own
};

// Values as UCUM 2.1 defines them. Sorted by use in people's minds, not by code: the table is searched once per parse.
constexpr Definition kDefinitions[] = {
    {"m", true, "1", ""},
    {"s", true, "1", ""},
    {"g", true, "1", ""},
    {"rad", true, "1", ""},
    {"K", true, "1", ""},
    {"C", true, "1", ""},
    {"cd", true, "1", ""},
    {"mol", true, "1", ""},
    // dimensionless
    {"10*", false, "10", "1"},
    {"10^", false, "10", "1"},
    {"%", false, "0.01", "1"},
    {"[ppth]", false, "0.001", "1"},
    {"[ppm]", false, "1e-6", "1"},
    {"[ppb]", false, "1e-9", "1"},
    {"[pptr]", false, "1e-12", "1"},
    {"[pi]", false, "3.14159265358979323846", "1"},
    // the SI's derived units
    {"sr", true, "1", "rad2"},
    {"Hz", true, "1", "s-1"},
    {"N", true, "1", "kg.m/s2"},
    {"Pa", true, "1", "N/m2"},
    {"J", true, "1", "N.m"},
    {"W", true, "1", "J/s"},
    {"A", true, "1", "C/s"},
    {"V", true, "1", "J/C"},
    {"F", true, "1", "C/V"},
    {"Ohm", true, "1", "V/A"},
    {"S", true, "1", "Ohm-1"},
    {"Wb", true, "1", "V.s"},
    {"T", true, "1", "Wb/m2"},
    {"H", true, "1", "Wb/A"},
    {"lm", true, "1", "cd.sr"},
    {"lx", true, "1", "lm/m2"},
    {"Bq", true, "1", "s-1"},
    {"Gy", true, "1", "J/kg"},
    {"Sv", true, "1", "J/kg"},
    {"kat", true, "1", "mol/s"},
    {"l", true, "1", "dm3"},
    {"L", true, "1", "dm3"},
    {"ar", true, "100", "m2"},
    {"t", true, "1000", "kg"},
    {"bar", true, "1e5", "Pa"},
    {"u", true, "1.6605402e-24", "g"},
    {"eV", true, "1.60217733e-19", "J"},
    {"deg", false, "0.01745329251994329577", "rad"},
    {"gon", false, "0.9", "deg"},
    {"'", false, "1", "deg/60"},
    {"''", false, "1", "deg/3600"},
    {"circ", false, "360", "deg"},
    // time
    {"min", false, "60", "s"},
    {"h", false, "3600", "s"},
    {"d", false, "86400", "s"},
    {"wk", false, "7", "d"},
    {"a", false, "365.25", "d"},
    {"a_j", false, "365.25", "d"},
    {"a_t", false, "365.24219", "d"},
    {"a_g", false, "365.2425", "d"},
    {"mo", false, "30.4375", "d"},
    {"mo_j", false, "30.4375", "d"},
    {"mo_s", false, "29.53059", "d"},
    {"mo_g", false, "30.436875", "d"},
    // pressure, energy, force
    {"atm", false, "101325", "Pa"},
    {"m[Hg]", true, "133.3220", "kPa"},
    {"m[H2O]", true, "9.80665", "kPa"},
    {"[psi]", false, "1", "[lbf_av]/[in_i]2"},
    {"[lbf_av]", false, "1", "[lb_av].[g]"},
    {"[g]", true, "9.80665", "m/s2"},
    {"gf", true, "1", "g.[g]"},
    {"dyn", true, "1", "g.cm/s2"},
    {"erg", true, "1", "dyn.cm"},
    {"P", true, "1", "dyn.s/cm2"},
    {"St", true, "1", "cm2/s"},
    {"cal", true, "4.184", "J"},
    {"cal_th", true, "4.184", "J"},
    {"cal_IT", true, "4.1868", "J"},
    {"[Cal]", false, "4.184", "kJ"},
    {"[Btu]", false, "1.054350", "kJ"},
    {"[PRU]", false, "1", "mm[Hg].s/mL"},
    {"[wood'U]", false, "1", "mm[Hg].min/L"},
    {"[in_i'Hg]", false, "1", "m[Hg].[in_i]/m"},
    {"[in_i'H2O]", false, "1", "m[H2O].[in_i]/m"},
    {"[HP]", false, "550", "[ft_i].[lbf_av]/s"},
    // lengths, areas, volumes
    {"[in_i]", false, "2.54", "cm"},
    {"[ft_i]", false, "12", "[in_i]"},
    {"[yd_i]", false, "3", "[ft_i]"},
    {"[mi_i]", false, "5280", "[ft_i]"},
    {"[nmi_i]", false, "1852", "m"},
    {"[kn_i]", false, "1", "[nmi_i]/h"},
    {"[sin_i]", false, "1", "[in_i]2"},
    {"[sft_i]", false, "1", "[ft_i]2"},
    {"[cin_i]", false, "1", "[in_i]3"},
    {"[cft_i]", false, "1", "[ft_i]3"},
    {"[in_us]", false, "100", "m/3937"},
    {"[ft_us]", false, "1200", "m/3937"},
    {"[mi_us]", false, "5280", "[ft_us]"},
    {"[acr_us]", false, "43560", "[ft_us]2"},
    {"[gal_us]", false, "231", "[in_i]3"},
    {"[qt_us]", false, "1", "[gal_us]/4"},
    {"[pt_us]", false, "1", "[gal_us]/8"},
    {"[foz_us]", false, "1", "[gal_us]/128"},
    {"[cup_us]", false, "1", "[gal_us]/16"},
    {"[tbs_us]", false, "1", "[foz_us]/2"},
    {"[tsp_us]", false, "1", "[foz_us]/6"},
    {"[fdr_us]", false, "1", "[foz_us]/8"},
    {"[gal_br]", false, "4.54609", "l"},
    {"[qt_br]", false, "1", "[gal_br]/4"},
    {"[pt_br]", false, "1", "[gal_br]/8"},
    {"[foz_br]", false, "1", "[gal_br]/160"},
    {"[foz_m]", false, "30", "mL"},
    {"[cup_m]", false, "240", "mL"},
    {"[tsp_m]", false, "5", "mL"},
    {"[tbs_m]", false, "15", "mL"},
    {"[drp]", false, "1", "mL/20"},
    {"st", true, "1", "m3"},
    {"Ao", false, "0.1", "nm"},
    {"[Ch]", false, "1", "mm/3"},
    {"[diop]", false, "1", "/m"},
    {"AU", false, "149597.870691", "Mm"},
    {"pc", true, "3.085678e16", "m"},
    // mass
    {"[gr]", false, "64.79891", "mg"},
    {"[lb_av]", false, "7000", "[gr]"},
    {"[oz_av]", false, "437.5", "[gr]"},
    {"[dr_av]", false, "27.34375", "[gr]"},
    {"[ston_av]", false, "2000", "[lb_av]"},
    {"[lton_av]", false, "2240", "[lb_av]"},
    {"[stone_av]", false, "14", "[lb_av]"},
    {"[oz_tr]", false, "480", "[gr]"},
    {"[lb_tr]", false, "5760", "[gr]"},
    {"[oz_ap]", false, "480", "[gr]"},
    {"[dr_ap]", false, "60", "[gr]"},
    {"[sc_ap]", false, "20", "[gr]"},
    {"[oz_m]", false, "28", "g"},
    {"[car_m]", false, "0.2", "g"},
    // chemistry and radiation
    {"eq", true, "1", "mol"},
    {"osm", true, "1", "mol"},
    {"g%", true, "1", "g/dl"},
    {"U", true, "1", "umol/min"},
    {"Ci", true, "37e9", "Bq"},
    {"RAD", true, "100", "erg/g"},
    {"REM", true, "100", "erg/g"},
    {"R", true, "2.58e-4", "C/kg"},
    {"[S]", false, "1e-13", "s"},
    {"[MET]", false, "3.5", "mL/min/kg"},
    {"[degR]", false, "5", "K/9"},
    {"By", true, "8", "bit"},
    {"bit", true, "1", ""},
    {"Bd", true, "1", "/s"},
    // arbitrary units, each of its own kind
    {"[iU]", true, "1", ""},
    {"[IU]", true, "1", "[iU]"},
    {"[arb'U]", false, "1", ""},
    {"[USP'U]", false, "1", ""},
    {"[GPL'U]", false, "1", ""},
    {"[MPL'U]", false, "1", ""},
    {"[APL'U]", false, "1", ""},
    {"[beth'U]", false, "1", ""},
    {"[anti'Xa'U]", false, "1", ""},
    {"[todd'U]", false, "1", ""},
    {"[dye'U]", false, "1", ""},
    {"[knk'U]", false, "1", ""},
    {"[ka'U]", false, "1", ""},
    {"[CFU]", false, "1", ""},
    {"[PFU]", false, "1", ""},
    {"[TCID_50]", false, "1", ""},
    {"[EID_50]", false, "1", ""},
    {"[AU]", false, "1", ""},
    {"[BAU]", false, "1", ""},
    {"[PNU]", false, "1", ""},
    {"[Lf]", false, "1", ""},
    {"[EU]", false, "1", ""},
    {"[ELU]", false, "1", ""},
    {"[HPF]", false, "1", "1"},
    {"[LPF]", false, "100", "1"},
    {"[hp_X]", false, "1", ""},
    {"[hp_C]", false, "1", ""},
    {"[kp_X]", false, "1", ""},
    {"[kp_C]", false, "1", ""},
};

constexpr int kMaxDepth = 12;  // of definitions and parentheses; the deepest definition takes 6
constexpr int kMaxExponent = 40;
constexpr std::size_t kMaxBytes = 256;

bool times(Decimal& into, const Decimal& factor) {
    const auto product = multiply(into, factor);
    if (!product || product->zero()) return false;
    into = product->normalized();
    return true;
}

void add_dimension(Unit& unit, std::string_view base, int exponent) {
    auto& all = unit.dimensions;
    const auto place =
        std::lower_bound(all.begin(), all.end(), base, [](const auto& entry, std::string_view key) { return entry.first < key; });
    if (place == all.end() || place->first != base) {
        all.insert(place, {base, exponent});
    } else if ((place->second += exponent) == 0) {
        all.erase(place);
    }
}

// Multiplies by factor^exponent.
bool multiply_in(Unit& into, const Unit& factor, int exponent) {
    if (factor.scale != Unit::Scale::ratio) return false;
    const int times_count = exponent < 0 ? -exponent : exponent;
    for (int i = 0; i < times_count; ++i) {
        if (!times(exponent < 0 ? into.denominator : into.numerator, factor.numerator)) return false;
        if (!times(exponent < 0 ? into.numerator : into.denominator, factor.denominator)) return false;
    }
    into.power += factor.power * exponent;
    for (const auto& [base, own] : factor.dimensions) add_dimension(into, base, own * exponent);
    return true;
}

// A number as factor and power of ten, so that 1e-24 costs no digits.
bool multiply_number(Unit& into, std::string_view text) {
    const auto e = text.find('e');
    const auto number = Decimal::parse(text.substr(0, e));
    if (!number) return false;
    if (e != std::string_view::npos) {
        int power = 0;
        const auto digits = text.substr(e + 1);
        if (std::from_chars(digits.data(), digits.data() + digits.size(), power).ec != std::errc()) return false;
        into.power += power;
    }
    return times(into.numerator, *number);
}

class Parser {
  public:
    Parser(std::string_view text, int depth) : text_(text), depth_(depth) {}

    std::optional<Unit> parse() {
        if (depth_ > kMaxDepth) return std::nullopt;
        Unit out;
        if (!term(out) || at_ != text_.size()) return std::nullopt;
        return out;
    }

  private:
    bool peek(char c) const { return at_ < text_.size() && text_[at_] == c; }

    bool term(Unit& out) {
        int sign = 1;
        if (peek('/')) {
            sign = -1;
            at_ += 1;
        }
        while (true) {
            if (!component(out, sign)) return false;
            if (!peek('.') && !peek('/')) return true;
            sign = peek('/') ? -1 : 1;
            at_ += 1;
        }
    }

    bool component(Unit& out, int sign) {
        if (peek('(')) {
            if (++depth_ > kMaxDepth) return false;
            at_ += 1;
            Unit inner;
            if (!term(inner) || !peek(')')) return false;
            at_ += 1;
            depth_ -= 1;
            return multiply_in(out, inner, sign);
        }
        const auto symbol = read_symbol();
        if (!symbol.empty() && !annotated(out, symbol, sign)) return false;
        if (peek('{')) {
            const auto end = text_.find('}', at_);
            if (end == std::string_view::npos) return false;
            at_ = end + 1;
            return true;
        }
        return !symbol.empty();
    }

    // Up to an operator; what stands in square brackets belongs to the symbol.
    std::string_view read_symbol() {
        const std::size_t first = at_;
        bool bracket = false;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '[') bracket = true;
            if (c == ']') bracket = false;
            if (!bracket && (c == '.' || c == '/' || c == '(' || c == ')' || c == '{' || c == '}' || c <= ' ')) break;
        }
        return text_.substr(first, at_ - first);
    }

    bool annotated(Unit& out, std::string_view symbol, int sign) {
        if (std::all_of(symbol.begin(), symbol.end(), [](char c) { return c >= '0' && c <= '9'; })) {
            Unit number;
            return multiply_number(number, symbol) && multiply_in(out, number, sign);
        }
        std::size_t end = symbol.size();
        while (end > 0 && symbol[end - 1] >= '0' && symbol[end - 1] <= '9') end -= 1;
        int exponent = 1;
        if (end < symbol.size()) {
            if (std::from_chars(symbol.data() + end, symbol.data() + symbol.size(), exponent).ec != std::errc()) return false;
            if (end > 0 && (symbol[end - 1] == '-' || symbol[end - 1] == '+')) {
                end -= 1;
                if (symbol[end] == '-') exponent = -exponent;
            }
        }
        if (exponent == 0 || exponent > kMaxExponent || exponent < -kMaxExponent) return false;
        const auto unit = atom(symbol.substr(0, end));
        return unit && multiply_in(out, *unit, exponent * sign);
    }

    std::optional<Unit> atom(std::string_view code) {
        if (const auto* exact = find(code)) return defined(*exact);
        for (const auto& prefix : kPrefixes) {
            if (!code.starts_with(prefix.code)) continue;
            const auto* base = find(code.substr(prefix.code.size()));
            if (base == nullptr || !base->metric) continue;
            auto unit = defined(*base);
            if (unit) unit->power += prefix.power;
            return unit;
        }
        return std::nullopt;
    }

    static const Definition* find(std::string_view code) {
        const auto* found =
            std::find_if(std::begin(kDefinitions), std::end(kDefinitions), [&](const Definition& d) { return d.code == code; });
        return found == std::end(kDefinitions) ? nullptr : found;
    }

    std::optional<Unit> defined(const Definition& definition) {
        Unit out;
        if (definition.unit.empty()) {
            add_dimension(out, definition.code, 1);
            return out;
        }
        const auto of = Parser(definition.unit, depth_ + 1).parse();
        if (!of || !multiply_number(out, definition.value) || !multiply_in(out, *of, 1)) return std::nullopt;
        return out;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_;
};

std::optional<Decimal> shifted(const Decimal& value, int power) {
    if (power == 0) return value;
    if (power < 0) {
        // Move the point; digits that do not fit are rounded away.
        if (value.scale() - power < Decimal::kMaxDigits) return Decimal(value.unscaled(), value.scale() - power);
        return Decimal::parse(value.to_string() + "e" + std::to_string(power));
    }
    if (power <= value.scale()) return Decimal(value.unscaled(), value.scale() - power);
    return Decimal::parse(value.to_string() + "e" + std::to_string(power));
}

// In kelvin, for the scales with an offset.
std::optional<Decimal> to_kelvin(const Decimal& value, const Unit& unit) {
    switch (unit.scale) {
        case Unit::Scale::celsius:
            return add(value, Decimal(27315, 2));
        case Unit::Scale::fahrenheit: {
            const auto shifted_up = add(value, Decimal(45967, 2));
            const auto fifth = shifted_up ? multiply(*shifted_up, Decimal(5)) : std::nullopt;
            return fifth ? divide(*fifth, Decimal(9)) : std::nullopt;
        }
        case Unit::Scale::ratio:
            break;
    }
    Unit kelvin;
    add_dimension(kelvin, "K", 1);
    return convert(value, unit, kelvin);
}

std::optional<Decimal> from_kelvin(const Decimal& value, const Unit& unit) {
    switch (unit.scale) {
        case Unit::Scale::celsius:
            return subtract(value, Decimal(27315, 2));
        case Unit::Scale::fahrenheit: {
            const auto ninth = multiply(value, Decimal(18, 1));
            const auto out = ninth ? subtract(*ninth, Decimal(45967, 2)) : std::nullopt;
            if (!out) return std::nullopt;
            return out->rounded(15).normalized();  // 5/9 does not end: without this 73.4 would come back as 73.39999999999999999
        }
        case Unit::Scale::ratio:
            break;
    }
    Unit kelvin;
    add_dimension(kelvin, "K", 1);
    return convert(value, kelvin, unit);
}

}  // namespace

std::optional<Unit> parse_unit(std::string_view code) {
    if (code.empty() || code.size() > kMaxBytes) return std::nullopt;
    if (code == "Cel" || code == "[degF]") {
        Unit out;
        out.scale = code == "Cel" ? Unit::Scale::celsius : Unit::Scale::fahrenheit;
        add_dimension(out, "K", 1);
        return out;
    }
    return Parser(code, 0).parse();
}

bool comparable(const Unit& a, const Unit& b) {
    return a.dimensions == b.dimensions;
}

std::optional<Decimal> convert(const Decimal& value, const Unit& from, const Unit& to) {
    if (from.scale == to.scale && from.scale != Unit::Scale::ratio) return value;
    if (from.scale != Unit::Scale::ratio || to.scale != Unit::Scale::ratio) {
        const auto kelvin = to_kelvin(value, from);
        return kelvin ? from_kelvin(*kelvin, to) : std::nullopt;
    }
    auto dividend = multiply(value, from.numerator);
    if (dividend) dividend = multiply(*dividend, to.denominator);
    const auto divisor = multiply(from.denominator, to.numerator);
    if (!dividend || !divisor) return std::nullopt;
    const auto quotient = divisor->normalized() == Decimal(1) ? dividend : divide(*dividend, *divisor);
    return quotient ? shifted(*quotient, from.power - to.power) : std::nullopt;
}

bool finer(const Unit& a, const Unit& b) {
    if (a.scale != Unit::Scale::ratio || b.scale != Unit::Scale::ratio) return a.scale == Unit::Scale::fahrenheit;
    const auto one = convert(Decimal(1), a, b);
    return !one || one->compare(Decimal(1)) < 0;
}

}  // namespace fhirpath
