#include "fhir/fhirpath/quantity.hpp"

#include "fhir/fhirpath/units.hpp"

#include <algorithm>
#include <array>

namespace fhirpath {
namespace {

constexpr std::array<std::string_view, 8> kUcumTimes{"a", "mo", "wk", "d", "h", "min", "s", "ms"};
constexpr std::array<std::string_view, 8> kWords{"year", "month", "week", "day", "hour", "minute", "second", "millisecond"};

std::string_view word_of(std::string_view unit) {
    const auto known = calendar_unit(unit);
    return known ? calendar_word(*known) : unit;
}

// How two units meet: both UCUM, both calendar, or each its own.
struct Pair {
    Unit a, b;
};

// A calendar duration as a unit: a year of 365 days, a month of 30, but a year of 12 months where both are of that kind.
Unit calendar_as_unit(CalendarUnit unit, bool in_months) {
    Unit out = *parse_unit("d");
    switch (unit) {
        case CalendarUnit::year:
            out.numerator = Decimal(86'400LL * (in_months ? 360 : 365));
            break;
        case CalendarUnit::month:
            out.numerator = Decimal(86'400LL * 30);
            break;
        default:
            out = *parse_unit(kUcumTimes[static_cast<std::size_t>(unit)]);
    }
    return out;
}

bool above_week(std::string_view word) {
    const auto unit = calendar_unit(word);
    return unit && *unit <= CalendarUnit::month;
}

// A FHIR quantity's time code beside a calendar duration is that duration.
Quantity as_calendar(const Quantity& quantity) {
    const auto unit = calendar_of_ucum(quantity.unit);
    if (!quantity.from_fhir || quantity.calendar || !unit) return quantity;
    Quantity out = quantity;
    out.unit = calendar_word(*unit);
    out.calendar = true;
    return out;
}

std::optional<Pair> matched(const Quantity& first, const Quantity& second) {
    const Quantity a = second.calendar ? as_calendar(first) : first, b = first.calendar ? as_calendar(second) : second;
    if (a.calendar && b.calendar) {
        const bool months = above_week(a.unit) && above_week(b.unit);
        return Pair{calendar_as_unit(*calendar_unit(a.unit), months), calendar_as_unit(*calendar_unit(b.unit), months)};
    }
    if (a.calendar != b.calendar) {
        const auto& calendar = a.calendar ? a : b;
        const auto& other = a.calendar ? b : a;
        // UCUM's mean years and months are no calendar durations, and theirs are no definite ones.
        if (above_week(calendar.unit) || other.unit == "a" || other.unit == "mo") return std::nullopt;
    }
    const auto unit_a = a.calendar ? calendar_as_unit(*calendar_unit(a.unit), false) : parse_unit(a.unit);
    const auto unit_b = b.calendar ? calendar_as_unit(*calendar_unit(b.unit), false) : parse_unit(b.unit);
    if (!unit_a || !unit_b || !comparable(*unit_a, *unit_b)) return std::nullopt;
    return Pair{*unit_a, *unit_b};
}

bool same_unit(const Quantity& a, const Quantity& b) {
    return a.calendar == b.calendar && (a.calendar ? word_of(a.unit) == word_of(b.unit) : a.unit == b.unit);
}

bool plain_number(const Quantity& quantity) {
    if (quantity.calendar) return false;
    const auto unit = parse_unit(quantity.unit);
    return unit && unit->dimensionless();
}

std::optional<Decimal> number_of(const Quantity& quantity) {
    return convert(quantity.value, *parse_unit(quantity.unit), *parse_unit("1"));
}

// A unit that must not be multiplied: calendar durations, scales with an offset, unknown codes.
bool multiplies(const Quantity& quantity) {
    if (quantity.calendar) return false;
    const auto unit = parse_unit(quantity.unit);
    return unit && unit->scale == Unit::Scale::ratio;
}

std::string grouped(std::string_view unit, bool divisor) {
    const bool plain = unit.find('/') == std::string_view::npos && (!divisor || unit.find('.') == std::string_view::npos);
    return plain ? std::string(unit) : "(" + std::string(unit) + ")";
}

}  // namespace

std::string Quantity::to_string() const {
    const auto number = value.to_string();
    return calendar ? number + " " + std::string(unit) : number + " '" + std::string(unit) + "'";
}

std::optional<CalendarUnit> calendar_of_ucum(std::string_view code) {
    const auto* found = std::find(kUcumTimes.begin(), kUcumTimes.end(), code);
    if (found == kUcumTimes.end()) return std::nullopt;
    return static_cast<CalendarUnit>(found - kUcumTimes.begin());
}

std::string_view calendar_word(CalendarUnit unit) {
    return kWords[static_cast<std::size_t>(unit)];
}

std::optional<Quantity> parse_quantity(std::string_view text) {
    const auto end = std::min(text.find_first_not_of("+-.0123456789"), text.size());
    const auto number = Decimal::parse(text.substr(0, end));
    if (!number || text[end - 1] == '.') return std::nullopt;
    Quantity out{*number};
    auto rest = text.substr(end);
    const auto begin = rest.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return rest.empty() ? std::optional(out) : std::nullopt;
    if (begin == 0 && rest.front() != '\'') return std::nullopt;
    rest.remove_prefix(begin);
    if (rest.size() > 2 && rest.front() == '\'' && rest.back() == '\'') {
        out.unit = rest.substr(1, rest.size() - 2);
        return out;
    }
    if (!calendar_unit(rest)) return std::nullopt;
    out.unit = rest;
    out.calendar = true;
    return out;
}

bool comparable(const Quantity& a, const Quantity& b) {
    return same_unit(a, b) || matched(a, b).has_value();
}

Order compare(const Quantity& a, const Quantity& b) {
    const auto order = [](int sign) { return sign < 0 ? Order::less : sign > 0 ? Order::greater : Order::equal; };
    if (same_unit(a, b)) return order(a.value.compare(b.value));
    const auto pair = matched(a, b);
    if (!pair) return Order::unknown;
    // In the finer unit, where the factor is a whole number for most pairs.
    const bool first = finer(pair->a, pair->b);
    const auto left = first ? std::optional(a.value) : convert(a.value, pair->a, pair->b);
    const auto right = first ? convert(b.value, pair->b, pair->a) : std::optional(b.value);
    if (!left || !right) return Order::unknown;
    return order(left->compare(*right));
}

bool equivalent(const Decimal& a, const Decimal& b) {
    const auto left = a.normalized(), right = b.normalized();
    const int scale = std::min(left.scale(), right.scale());
    return left.rounded(scale) == right.rounded(scale);
}

namespace {

// The smallest step of a number as it is written: 0.01 for 3.04, 1 for 4040.
Decimal step_of(const Decimal& value) {
    return Decimal(1, value.normalized().scale());
}

// By the precision of the less precise one, which is the one whose last digit stands for more: 4 g says less than 4040 mg.
bool equivalent(const Decimal& a, const Unit& unit_a, const Decimal& b, const Unit& unit_b) {
    const auto step = convert(step_of(a), unit_a, unit_b);
    if (!step) return false;
    const bool first = step->compare(step_of(b)) >= 0;
    const auto& coarse = first ? a : b;
    const auto fine = first ? convert(b, unit_b, unit_a) : convert(a, unit_a, unit_b);
    return fine && fine->rounded(coarse.normalized().scale()) == coarse;
}

}  // namespace

bool equivalent(const Quantity& a, const Quantity& b) {
    if (same_unit(a, b)) return equivalent(a.value, b.value);
    const auto definite = [](const Quantity& quantity) {  // a year is like UCUM's year here
        Quantity out = quantity;
        const auto unit = quantity.calendar ? calendar_unit(quantity.unit) : std::nullopt;
        if (unit) out.unit = kUcumTimes[static_cast<std::size_t>(*unit)];
        out.calendar = false;
        return out;
    };
    const auto left = definite(a), right = definite(b);
    if (same_unit(left, right)) return equivalent(a.value, b.value);
    const auto pair = matched(left, right);
    if (!pair) return false;
    if (pair->a.scale == Unit::Scale::ratio && pair->b.scale == Unit::Scale::ratio) return equivalent(a.value, pair->a, b.value, pair->b);
    const bool first = finer(pair->a, pair->b);
    const auto x = first ? std::optional(a.value) : convert(a.value, pair->a, pair->b);
    const auto y = first ? convert(b.value, pair->b, pair->a) : std::optional(b.value);
    return x && y && equivalent(*x, *y);
}

std::optional<Quantity> convert(const Quantity& value, std::string_view unit) {
    Quantity target{Decimal(1), unit, calendar_unit(unit).has_value(), false};
    if (same_unit(value, target)) return Quantity{value.value, unit, target.calendar, false};
    const auto pair = matched(value, target);
    if (!pair) return std::nullopt;
    const auto number = convert(value.value, pair->a, pair->b);
    if (!number) return std::nullopt;
    target.value = *number;
    return target;
}

std::optional<Quantity> add(const Quantity& a, const Quantity& b, bool minus) {
    const auto combine = [&](const Decimal& x, const Decimal& y) { return minus ? subtract(x, y) : fhirpath::add(x, y); };
    // Quantities in scales with an offset have no sum; unknown units have one with themselves.
    const auto special = [](const Quantity& q) { return !q.calendar && (q.unit == "Cel" || q.unit == "[degF]" || !parse_unit(q.unit)); };
    if (special(a) || special(b)) return std::nullopt;
    const auto sum_in = [](const std::optional<Decimal>& sum, const Quantity& unit) -> std::optional<Quantity> {
        if (!sum) return std::nullopt;
        return Quantity{*sum, unit.unit, unit.calendar, false};
    };
    if (same_unit(a, b)) return sum_in(combine(a.value, b.value), a);
    const auto pair = matched(a, b);
    if (!pair) return std::nullopt;
    const bool first = finer(pair->a, pair->b);
    const auto left = first ? std::optional(a.value) : convert(a.value, pair->a, pair->b);
    const auto right = first ? convert(b.value, pair->b, pair->a) : std::optional(b.value);
    if (!left || !right) return std::nullopt;
    const Quantity& in = first ? a : b;
    return sum_in(combine(*left, *right), (a.calendar != b.calendar && !in.calendar) ? in
                                          : b.calendar && !a.calendar                ? as_calendar(in)
                                                                                     : in);
}

std::optional<Quantity> multiply(const Quantity& a, const Quantity& b, std::string& unit) {
    for (const auto& [number, other] : {std::pair(&a, &b), std::pair(&b, &a)}) {
        if (!plain_number(*number) || (!other->calendar && !multiplies(*other))) continue;
        const auto factor = number_of(*number);
        const auto product = factor ? fhirpath::multiply(*factor, other->value) : std::nullopt;
        if (!product) return std::nullopt;
        return Quantity{*product, other->unit, other->calendar, other->from_fhir};
    }
    if (!multiplies(a) || !multiplies(b)) return std::nullopt;
    const auto product = fhirpath::multiply(a.value, b.value);
    if (!product) return std::nullopt;
    unit = std::string(a.unit) + "." + grouped(b.unit, false);
    return Quantity{*product, unit};
}

std::optional<Quantity> divide(const Quantity& a, const Quantity& b, std::string& unit) {
    if (plain_number(b) && (a.calendar || multiplies(a))) {
        const auto divisor = number_of(b);
        const auto quotient = divisor ? fhirpath::divide(a.value, *divisor) : std::nullopt;
        if (!quotient) return std::nullopt;
        return Quantity{*quotient, a.unit, a.calendar, a.from_fhir};
    }
    if (!multiplies(a) || !multiplies(b)) return std::nullopt;
    if (const auto pair = matched(a, b)) {
        const auto other = convert(b.value, pair->b, pair->a);
        const auto quotient = other ? fhirpath::divide(a.value, *other) : std::nullopt;
        if (!quotient) return std::nullopt;
        return Quantity{*quotient};
    }
    const auto quotient = fhirpath::divide(a.value, b.value);
    if (!quotient) return std::nullopt;
    unit = (a.unit == "1" ? std::string("1") : std::string(a.unit)) + "/" + grouped(b.unit, true);
    return Quantity{*quotient, unit};
}

}  // namespace fhirpath
