// Arithmetic (FHIRPath N1 section 6.6). What overflows, and what is divided by zero, is empty.
#include "fhir/fhirpath/evaluate.hpp"
#include "fhir/fhirpath/nodes.hpp"

namespace fhirpath {
namespace {

constexpr std::int64_t kIntegerMax = INT32_MAX, kIntegerMin = INT32_MIN;

bool whole(const Item& item) {
    return item.is(ItemKind::integer) || item.is(ItemKind::long_integer);
}

// An Integer has 32 bits; a number of a resource that is larger already is let pass.
bool fits(std::int64_t value, const Item& a, const Item& b) {
    const auto small = [](std::int64_t v) { return v >= kIntegerMin && v <= kIntegerMax; };
    return small(value) || a.is(ItemKind::long_integer) || b.is(ItemKind::long_integer) || !small(a.integer) || !small(b.integer);
}

void push_integer(const std::optional<Decimal>& value, const Item& a, const Item& b, Items& out) {
    const auto integer = value ? value->to_int64() : std::nullopt;
    if (!integer || !fits(*integer, a, b)) return;
    const bool is_long = a.is(ItemKind::long_integer) || b.is(ItemKind::long_integer);
    out.push(Item::of_integer(*integer, is_long ? ItemKind::long_integer : ItemKind::integer));
}

void push_decimal(const std::optional<Decimal>& value, Arena& arena, Items& out) {
    if (value) out.push(Item::of(arena.make(*value)));
}

bool quantity_like(const Item& item) {
    return item.is(ItemKind::quantity) || is_fhir_quantity(item);
}

std::optional<CalendarUnit> duration_of(const Quantity& quantity) {
    // HL7's tests write 1 'month' as well.
    if (const auto word = calendar_unit(quantity.unit)) return word;
    const auto unit = calendar_of_ucum(quantity.unit);
    // UCUM's year and month are means; only a FHIR quantity may use their codes for the calendar's.
    if (unit && *unit <= CalendarUnit::month && !quantity.from_fhir) return std::nullopt;
    return unit;
}

// Of the unit '1' alone there is a whole quotient and a rest.
bool plain(const Item& item) {
    return item.is(ItemKind::quantity) && !item.quantity->calendar && item.quantity->unit == "1";
}

// A number beside a quantity is one of the unit '1'.
const Quantity* as_quantity(const Item& item, Arena& arena, bool& refused) {
    if (const auto number = number_of(item)) return arena.make(Quantity{*number});
    return to_quantity(item, arena, refused);
}

const Quantity* kept(std::optional<Quantity> value, const std::string& unit, Arena& arena) {
    if (!value) return nullptr;
    if (!unit.empty()) value->unit = arena.copy(unit);
    return arena.make(*value);
}

std::optional<Decimal> whole_quotient(const Decimal& a, const Decimal& b) {
    const auto rest = remainder(a, b);
    const auto even = rest ? subtract(a, *rest) : std::nullopt;
    const auto quotient = even ? divide(*even, b) : std::nullopt;
    return quotient ? std::optional(quotient->rounded(0)) : std::nullopt;
}

}  // namespace

bool Evaluator::sum(const Term& term, const Item& left, const Item& right, bool minus, Items& out) {
    const auto a = number_of(left), b = number_of(right);
    if (a && b) {
        const auto result = minus ? subtract(*a, *b) : add(*a, *b);
        if (whole(left) && whole(right))
            push_integer(result, left, right, out);
        else
            push_decimal(result, arena_, out);
        return true;
    }
    if (left.is(ItemKind::string) && right.is(ItemKind::string) && !minus) {
        out.push(Item::of_string(arena_.concat(left.text(), right.text())));
        return true;
    }
    bool refused = false;
    if (right.is(ItemKind::temporal) && quantity_like(left) && !minus) return sum(term, right, left, false, out);
    if (left.is(ItemKind::temporal) && quantity_like(right)) {
        const auto* amount = to_quantity(right, arena_, refused);
        const auto unit = amount == nullptr ? std::nullopt : duration_of(*amount);
        if (!unit) return fail(term, "to a date or time only a calendar duration can be added");
        if (left.temporal->kind == Temporal::Kind::time && *unit <= CalendarUnit::day)
            return fail(term, "to a time only hours and less can be added");
        if (const auto moved = add(*left.temporal, minus ? -amount->value : amount->value, *unit)) out.push(Item::of(arena_.make(*moved)));
        return true;
    }
    if (!quantity_like(left) && !quantity_like(right)) return fail(term, "values of these types cannot be added or subtracted");
    if ((!a && !quantity_like(left)) || (!b && !quantity_like(right)))
        return fail(term, "values of these types cannot be added or subtracted");
    const auto *x = as_quantity(left, arena_, refused), *y = as_quantity(right, arena_, refused);
    if (refused) return fail(term, "a quantity with a comparator is no value to calculate with");
    const auto* result = x == nullptr || y == nullptr ? nullptr : kept(add(*x, *y, minus), {}, arena_);
    if (result != nullptr) out.push(Item::of(result));
    return true;
}

bool Evaluator::calculate(const Term& term, const Item& left, const Item& right, Items& out) {
    if (term.op == Op::add || term.op == Op::subtract) return sum(term, left, right, term.op == Op::subtract, out);
    const auto a = number_of(left), b = number_of(right);
    if (a && b) {
        const bool integers = whole(left) && whole(right);
        switch (term.op) {
            case Op::multiply:
                integers ? push_integer(fhirpath::multiply(*a, *b), left, right, out)
                         : push_decimal(fhirpath::multiply(*a, *b), arena_, out);
                break;
            case Op::divide:
                push_decimal(fhirpath::divide(*a, *b), arena_, out);
                break;
            case Op::whole_divide: {
                const auto quotient = whole_quotient(*a, *b);
                const Item limit = Item::of_integer(
                    0, left.is(ItemKind::long_integer) || right.is(ItemKind::long_integer) ? ItemKind::long_integer : ItemKind::integer);
                push_integer(quotient, limit, limit, out);
                break;
            }
            default:
                integers ? push_integer(remainder(*a, *b), left, right, out) : push_decimal(remainder(*a, *b), arena_, out);
        }
        return true;
    }
    const bool whole_result = term.op == Op::whole_divide || term.op == Op::modulo;
    const bool usable =
        whole_result ? (a || plain(left)) && (b || plain(right)) : (a || quantity_like(left)) && (b || quantity_like(right));
    if (!usable) return fail(term, "values of these types cannot be multiplied or divided");
    bool refused = false;
    const auto *x = as_quantity(left, arena_, refused), *y = as_quantity(right, arena_, refused);
    if (refused) return fail(term, "a quantity with a comparator is no value to calculate with");
    if (x == nullptr || y == nullptr) return true;
    if (whole_result) {
        const auto value = term.op == Op::modulo ? remainder(x->value, y->value) : whole_quotient(x->value, y->value);
        if (value) out.push(Item::of(arena_.make(Quantity{*value})));
        return true;
    }
    std::string unit;
    const auto result = term.op == Op::multiply ? fhirpath::multiply(*x, *y, unit) : fhirpath::divide(*x, *y, unit);
    if (const auto* lasting = kept(result, unit, arena_)) out.push(Item::of(lasting));
    return true;
}

}  // namespace fhirpath
