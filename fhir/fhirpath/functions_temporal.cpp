// Dates and times: the current ones (N1 section 5.9.2), their components, and the boundaries and the precision of a value.
#include "fhir/fhirpath/functions.hpp"
#include "fhir/fhirpath/nodes.hpp"

namespace fhirpath {
namespace {

bool push(Call& call, const Temporal& value) {
    call.out.push(Item::of(call.evaluator.arena().make(value)));
    return true;
}

bool now(Call& call) {
    return push(call, call.evaluator.now());
}
bool today(Call& call) {
    return push(call, date_of(call.evaluator.now()));
}
bool time_of_day(Call& call) {
    return push(call, time_of(call.evaluator.now()));
}

// The one moment of the input; a string is read as one. Nothing for other values.
bool read(Call& call, std::optional<Temporal>& out) {
    std::optional<Item> value;
    if (!call.evaluator.single(call.term, call.input.span(), value)) return false;
    if (!value) return true;
    if (value->is(ItemKind::temporal)) out = *value->temporal;
    if (value->is(ItemKind::string)) out = parse_date_time(value->text());
    return true;
}

template <int Temporal::*kField, Temporal::Precision kPrecision>
bool component(Call& call) {
    std::optional<Temporal> moment;
    if (!read(call, moment)) return false;
    const bool has = moment && moment->precision >= kPrecision && (kPrecision >= Temporal::kHour || moment->kind != Temporal::Kind::time);
    if (has) call.out.push(Item::of_integer((*moment).*kField));
    return true;
}

bool millisecond(Call& call) {
    std::optional<Temporal> moment;
    if (!read(call, moment)) return false;
    if (moment && moment->fraction_digits > 0) call.out.push(Item::of_integer(moment->nanos / 1'000'000));
    return true;
}

bool offset(Call& call) {
    std::optional<Temporal> moment;
    if (!read(call, moment)) return false;
    if (!moment || !moment->has_offset) return true;
    if (const auto hours = divide(Decimal(moment->offset_minutes), Decimal(60))) {
        call.out.push(Item::of(call.evaluator.arena().make(hours->rescaled(std::max(hours->scale(), 1)).value_or(*hours))));
    }
    return true;
}

bool date_part(Call& call) {
    std::optional<Temporal> moment;
    if (!read(call, moment)) return false;
    return !moment || moment->kind == Temporal::Kind::time || push(call, date_of(*moment));
}

bool time_part(Call& call) {
    std::optional<Temporal> moment;
    if (!read(call, moment)) return false;
    return !moment || moment->precision < Temporal::kHour || moment->kind == Temporal::Kind::time || push(call, time_of(*moment));
}

constexpr std::int64_t kMostDigits = 31;  // of a boundary; the tests of HL7 want nothing from 32 upwards

// Half a unit of the last digit written below or above, in so many digits behind the point (8 when nothing is said).
std::optional<Decimal> number_boundary(const Decimal& value, bool low, std::optional<std::int64_t> digits) {
    const auto scale = digits.value_or(8);
    if (scale < 0 || scale > kMostDigits) return std::nullopt;
    const Decimal half(low ? -5 : 5, value.scale() + 1);
    const auto bound = add(value, half);
    if (!bound) return std::nullopt;
    if (scale >= bound->scale()) return bound->rescaled(static_cast<int>(scale));
    const auto shifted = Decimal(bound->unscaled(), bound->scale() - static_cast<int>(scale));
    const auto whole = low ? shifted.floor() : shifted.ceiling();
    return Decimal(whole.unscaled(), static_cast<int>(scale));
}

template <bool kLow>
bool bound(Call& call) {
    std::optional<Item> value;
    std::optional<std::int64_t> digits;
    auto& evaluator = call.evaluator;
    if (!evaluator.single(call.term, call.input.span(), value) || !evaluator.integer_argument(call, 0, digits)) return false;
    if (!value) return true;
    auto& arena = evaluator.arena();
    if (value->is(ItemKind::temporal)) {
        const auto moment = boundary(*value->temporal, kLow, digits);
        return !moment || push(call, *moment);
    }
    if (const auto number = number_of(*value)) {
        if (const auto out = number_boundary(*number, kLow, digits)) call.out.push(Item::of(arena.make(*out)));
        return true;
    }
    bool refused = false;
    const auto* quantity = to_quantity(*value, arena, refused);
    if (quantity == nullptr) return evaluator.fail(call.term, call.term.name + "() is for numbers, quantities, dates and times");
    Quantity out = *quantity;
    const auto number = number_boundary(quantity->value, kLow, digits);
    if (!number) return true;
    out.value = *number;
    call.out.push(Item::of(arena.make(out)));
    return true;
}

bool precision(Call& call) {
    std::optional<Item> value;
    if (!call.evaluator.single(call.term, call.input.span(), value)) return false;
    if (!value) return true;
    if (value->is(ItemKind::temporal)) {
        call.out.push(Item::of_integer(value->temporal->digits()));
    } else if (const auto number = number_of(*value)) {
        call.out.push(Item::of_integer(number->scale()));
    } else {
        return call.evaluator.fail(call.term, "precision() is for decimals, dates and times");
    }
    return true;
}

}  // namespace

const FunctionTable& temporal_functions() {
    static const FunctionTable kTable{
        {"now", 0, 0, now},
        {"today", 0, 0, today},
        {"timeOfDay", 0, 0, time_of_day},
        {"yearOf", 0, 0, component<&Temporal::year, Temporal::kYear>},
        {"monthOf", 0, 0, component<&Temporal::month, Temporal::kMonth>},
        {"dayOf", 0, 0, component<&Temporal::day, Temporal::kDay>},
        {"hourOf", 0, 0, component<&Temporal::hour, Temporal::kHour>},
        {"minuteOf", 0, 0, component<&Temporal::minute, Temporal::kMinute>},
        {"secondOf", 0, 0, component<&Temporal::second, Temporal::kSecond>},
        {"millisecondOf", 0, 0, millisecond},
        {"timezoneOffsetOf", 0, 0, offset},
        {"dateOf", 0, 0, date_part},
        {"timeOf", 0, 0, time_part},
        {"lowBoundary", 0, 1, bound<true>},
        {"highBoundary", 0, 1, bound<false>},
        {"precision", 0, 0, precision},
    };
    return kTable;
}

}  // namespace fhirpath
