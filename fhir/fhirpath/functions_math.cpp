// N1 section 5.7: math. A result that does not exist (the root of -1) or does not fit is empty.
#include "fhir/fhirpath/functions.hpp"
#include "fhir/fhirpath/nodes.hpp"

#include <cmath>

namespace fhirpath {
namespace {

// The one number or quantity of the input; a unit is kept beside the number.
struct Operand {
    std::optional<Decimal> number;
    const Quantity* quantity = nullptr;
    ItemKind kind = ItemKind::integer;
};

bool read(Call& call, bool quantities, Operand& out) {
    std::optional<Item> value;
    if (!call.evaluator.single(call.term, call.input.span(), value)) return false;
    if (!value) return true;
    out.kind = value->kind;
    out.number = number_of(*value);
    if (out.number) return true;
    bool refused = false;
    out.quantity = quantities ? to_quantity(*value, call.evaluator.arena(), refused) : nullptr;
    if (out.quantity == nullptr) return call.evaluator.fail(call.term, call.term.name + "() is for numbers");
    out.number = out.quantity->value;
    return true;
}

bool push(Call& call, const Operand& like, const Decimal& value) {
    auto& arena = call.evaluator.arena();
    if (like.quantity != nullptr) {
        Quantity out = *like.quantity;
        out.value = value;
        call.out.push(Item::of(arena.make(out)));
    } else {
        call.out.push(Item::of(arena.make(value)));
    }
    return true;
}

bool push_whole(Call& call, const Operand& like, const Decimal& value) {
    if (like.quantity != nullptr) return push(call, like, value);
    if (const auto integer = value.to_int64()) {
        call.out.push(Item::of_integer(*integer, like.kind == ItemKind::long_integer ? ItemKind::long_integer : ItemKind::integer));
    }
    return true;
}

bool absolute(Call& call) {
    Operand operand;
    if (!read(call, true, operand)) return false;
    if (!operand.number) return true;
    const auto value = operand.number->negative() ? -*operand.number : *operand.number;
    return operand.kind == ItemKind::decimal ? push(call, operand, value) : push_whole(call, operand, value);
}

template <Decimal (Decimal::*kCut)() const>
bool cut(Call& call) {
    Operand operand;
    if (!read(call, true, operand)) return false;
    return !operand.number || push_whole(call, operand, ((*operand.number).*kCut)());
}

template <long double (*kFunction)(long double)>
bool real(Call& call) {
    Operand operand;
    if (!read(call, false, operand)) return false;
    if (!operand.number) return true;
    const auto value = Decimal::from_double(kFunction(operand.number->to_double()));
    return !value || push(call, operand, *value);
}
long double exponential(long double x) {
    return std::exp(x);
}
long double natural_logarithm(long double x) {
    return std::log(x);
}
long double square_root(long double x) {
    return std::sqrt(x);
}

bool number_argument(Call& call, std::optional<Decimal>& out) {
    Items items(call.evaluator.arena());
    std::optional<Item> value;
    if (!call.evaluator.argument(call, 0, items) || !call.evaluator.single(call.term.argument(0), items.span(), value)) return false;
    if (!value) return true;
    out = number_of(*value);
    return out || call.evaluator.fail(call.term.argument(0), "a number is wanted here");
}

bool logarithm(Call& call) {
    Operand operand;
    std::optional<Decimal> base;
    if (!read(call, false, operand) || !number_argument(call, base)) return false;
    if (!operand.number || !base) return true;
    const auto value = Decimal::from_double(std::log(operand.number->to_double()) / std::log(base->to_double()));
    return !value || push(call, operand, *value);
}

bool raised(Call& call) {
    Operand operand;
    std::optional<Decimal> exponent;
    if (!read(call, false, operand) || !number_argument(call, exponent)) return false;
    if (!operand.number || !exponent) return true;
    const auto value = power(*operand.number, *exponent);
    if (!value) return true;
    const bool whole = operand.kind != ItemKind::decimal && exponent->whole() && !exponent->negative();
    return whole ? push_whole(call, operand, *value) : push(call, operand, *value);
}

bool rounded(Call& call) {
    Operand operand;
    std::optional<std::int64_t> digits;
    if (!read(call, true, operand) || !call.evaluator.integer_argument(call, 0, digits)) return false;
    if (digits && *digits < 0) return call.evaluator.fail(call.term.argument(0), "round() takes no negative precision");
    if (!operand.number) return true;
    const auto scale = static_cast<int>(std::min<std::int64_t>(digits.value_or(0), Decimal::kMaxDigits - 1));
    return push(call, operand, operand.number->rounded(scale));
}

}  // namespace

const FunctionTable& math_functions() {
    static const FunctionTable kTable{
        {"abs", 0, 0, absolute},
        {"ceiling", 0, 0, cut<&Decimal::ceiling>},
        {"floor", 0, 0, cut<&Decimal::floor>},
        {"truncate", 0, 0, cut<&Decimal::truncated>},
        {"exp", 0, 0, real<exponential>},
        {"ln", 0, 0, real<natural_logarithm>},
        {"sqrt", 0, 0, real<square_root>},
        {"log", 1, 1, logarithm},
        {"power", 1, 1, raised},
        {"round", 0, 1, rounded},
    };
    return kTable;
}

}  // namespace fhirpath
