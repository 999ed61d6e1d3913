// N1 section 5.5: conversion. toX() and convertsToX() ask the same function.
#include "fhir/fhirpath/functions.hpp"
#include "fhir/fhirpath/nodes.hpp"
#include "fhir/fhirpath/text.hpp"

namespace fhirpath {
namespace {

using Converted = std::optional<Item>;

bool grammar_integer(std::string_view text) {
    const auto digits = text.substr(!text.empty() && (text.front() == '+' || text.front() == '-') ? 1 : 0);
    return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
}

Converted to_whole(const Item& item, ItemKind kind) {
    std::optional<std::int64_t> value;
    if (item.is(ItemKind::integer) || item.is(ItemKind::long_integer)) value = item.integer;
    if (item.is(ItemKind::boolean)) value = item.boolean ? 1 : 0;
    if (item.is(ItemKind::string) && grammar_integer(item.text())) {
        if (const auto number = Decimal::parse(item.text())) value = number->to_int64();
    }
    if (!value || (kind == ItemKind::integer && (*value > INT32_MAX || *value < INT32_MIN))) return {};
    return Item::of_integer(*value, kind);
}
Converted integer(const Item& item, Arena&) {
    return to_whole(item, ItemKind::integer);
}
Converted long_integer(const Item& item, Arena&) {
    return to_whole(item, ItemKind::long_integer);
}

Converted decimal(const Item& item, Arena& arena) {
    if (item.is(ItemKind::boolean)) return Item::of(arena.make(Decimal(item.boolean ? 10 : 0, 1)));
    if (const auto number = number_of(item)) return Item::of(arena.make(*number));
    if (!item.is(ItemKind::string) || item.text().find_first_of("eE") != std::string_view::npos) return {};
    const auto parsed = Decimal::parse(item.text());
    return parsed && item.text().back() != '.' ? Converted(Item::of(arena.make(*parsed))) : Converted();
}

Converted boolean(const Item& item, Arena&) {
    if (item.is(ItemKind::boolean)) return item;
    if (const auto number = number_of(item)) {
        if (*number == Decimal(1)) return Item::of(true);
        if (number->zero()) return Item::of(false);
        return {};
    }
    if (!item.is(ItemKind::string)) return {};
    const auto word = folded(item.text());
    for (const auto* yes : {"true", "t", "yes", "y", "1", "1.0"}) {
        if (word == yes) return Item::of(true);
    }
    for (const auto* no : {"false", "f", "no", "n", "0", "0.0"}) {
        if (word == no) return Item::of(false);
    }
    return {};
}

Converted string(const Item& item, Arena& arena) {
    switch (item.kind) {
        case ItemKind::string:
            return item;
        case ItemKind::boolean:
            return Item::of_string(item.boolean ? "true" : "false");
        case ItemKind::integer:
        case ItemKind::long_integer:
            return Item::of_string(arena.copy(std::to_string(item.integer)));
        case ItemKind::decimal:
            return Item::of_string(arena.copy(item.decimal->to_string()));
        case ItemKind::temporal:
            return Item::of_string(arena.copy(item.temporal->to_string()));
        case ItemKind::quantity:
            return Item::of_string(arena.copy(item.quantity->to_string()));
        case ItemKind::node: {  // a FHIR Quantity stands for System's (R4 fhirpath.html#quantity)
            bool refused = false;
            const auto* quantity = to_quantity(item, arena, refused);
            return quantity == nullptr ? Converted() : Converted(Item::of_string(arena.copy(quantity->to_string())));
        }
        default:
            return {};
    }
}

Converted made(const std::optional<Temporal>& value, Arena& arena) {
    return value ? Converted(Item::of(arena.make(*value))) : Converted();
}

Converted date(const Item& item, Arena& arena) {
    if (item.is(ItemKind::string)) {
        if (const auto parsed = parse_date(item.text())) return made(parsed, arena);
        const auto moment = parse_date_time(item.text());
        return moment ? made(date_of(*moment), arena) : Converted();
    }
    if (!item.is(ItemKind::temporal) || item.temporal->kind == Temporal::Kind::time) return {};
    return made(date_of(*item.temporal), arena);
}

Converted date_time(const Item& item, Arena& arena) {
    if (item.is(ItemKind::string)) return made(parse_date_time(item.text()), arena);
    if (!item.is(ItemKind::temporal) || item.temporal->kind == Temporal::Kind::time) return {};
    Temporal out = *item.temporal;
    out.kind = Temporal::Kind::date_time;
    return made(out, arena);
}

Converted time(const Item& item, Arena& arena) {
    if (item.is(ItemKind::string)) return made(parse_time(item.text()), arena);
    return item.is(ItemKind::temporal) && item.temporal->kind == Temporal::Kind::time ? Converted(item) : Converted();
}

Converted quantity(const Item& item, Arena& arena) {
    if (item.is(ItemKind::quantity)) return item;
    if (item.is(ItemKind::boolean)) return Item::of(arena.make(Quantity{Decimal(item.boolean ? 10 : 0, 1)}));
    if (const auto number = number_of(item)) return Item::of(arena.make(Quantity{*number}));
    if (item.is(ItemKind::string)) {
        const auto parsed = parse_quantity(item.text());
        return parsed ? Converted(Item::of(arena.make(*parsed))) : Converted();
    }
    bool refused = false;
    const auto* value = to_quantity(item, arena, refused);
    return value == nullptr ? Converted() : Converted(Item::of(value));
}

template <Converted (*kConvert)(const Item&, Arena&)>
bool to(Call& call) {
    std::optional<Item> value;
    if (!call.evaluator.single(call.term, call.input.span(), value)) return false;
    if (!value) return true;
    if (const auto converted = kConvert(*value, call.evaluator.arena())) call.out.push(*converted);
    return true;
}

template <Converted (*kConvert)(const Item&, Arena&)>
bool converts(Call& call) {
    std::optional<Item> value;
    if (!call.evaluator.single(call.term, call.input.span(), value)) return false;
    if (value) call.out.push(Item::of(kConvert(*value, call.evaluator.arena()).has_value()));
    return true;
}

bool read_quantity(Call& call, const Quantity*& out) {
    std::optional<Item> value;
    if (!call.evaluator.single(call.term, call.input.span(), value)) return false;
    if (!value) return true;
    bool refused = false;
    if (is_fhir_quantity(*value)) to_quantity(*value, call.evaluator.arena(), refused);
    if (refused) return call.evaluator.fail(call.term, "a quantity with a comparator is no value to convert");
    if (const auto converted = quantity(*value, call.evaluator.arena())) out = converted->quantity;
    return true;
}

// With a unit: in that unit, when it is comparable.
bool to_quantity_in(Call& call) {
    const Quantity* value = nullptr;
    std::optional<std::string_view> unit;
    if (!read_quantity(call, value) || !call.evaluator.text_argument(call, 0, unit)) return false;
    if (value == nullptr) return true;
    if (!unit) {
        call.out.push(Item::of(value));
        return true;
    }
    if (const auto converted = convert(*value, *unit)) call.out.push(Item::of(call.evaluator.arena().make(*converted)));
    return true;
}

bool converts_to_quantity(Call& call) {
    const Quantity* value = nullptr;
    std::optional<std::string_view> unit;
    if (!read_quantity(call, value) || !call.evaluator.text_argument(call, 0, unit)) return false;
    if (!call.input.empty()) call.out.push(Item::of(value != nullptr && (!unit || convert(*value, *unit))));
    return true;
}

bool iif(Call& call) {
    auto& evaluator = call.evaluator;
    if (call.input.size() > 1) return evaluator.fail(call.term, "iif() is for one item or none");
    Scope inner = call.scope;
    inner.input = call.input.span();
    if (!call.input.empty() && call.term.base() != nullptr) inner.index = 0;
    if (call.term.base() == nullptr) inner.index = call.scope.index;
    Items criterion(evaluator.arena());
    if (!evaluator.eval(call.term.argument(0), inner, criterion)) return false;
    std::optional<Item> value;
    if (!evaluator.single(call.term, criterion.span(), value)) return false;
    if (value && !value->is(ItemKind::boolean)) return evaluator.fail(call.term.argument(0), "iif() wants a boolean criterion");
    const bool yes = value && value->boolean;
    if (!yes && call.term.argument_count() < 3) return true;
    Scope branch = call.scope;
    branch.input = inner.input;
    branch.index = inner.index;
    return evaluator.eval(call.term.argument(yes ? 1 : 2), branch, call.out);
}

}  // namespace

const FunctionTable& conversion_functions() {
    static const FunctionTable kTable{
        {"iif", 2, 3, iif},
        {"toInteger", 0, 0, to<integer>},
        {"toLong", 0, 0, to<long_integer>},
        {"toDecimal", 0, 0, to<decimal>},
        {"toBoolean", 0, 0, to<boolean>},
        {"toString", 0, 0, to<string>},
        {"toDate", 0, 0, to<date>},
        {"toDateTime", 0, 0, to<date_time>},
        {"toTime", 0, 0, to<time>},
        {"toQuantity", 0, 1, to_quantity_in},
        {"convertsToInteger", 0, 0, converts<integer>},
        {"convertsToLong", 0, 0, converts<long_integer>},
        {"convertsToDecimal", 0, 0, converts<decimal>},
        {"convertsToBoolean", 0, 0, converts<boolean>},
        {"convertsToString", 0, 0, converts<string>},
        {"convertsToDate", 0, 0, converts<date>},
        {"convertsToDateTime", 0, 0, converts<date_time>},
        {"convertsToTime", 0, 0, converts<time>},
        {"convertsToQuantity", 0, 1, converts_to_quantity},
    };
    return kTable;
}

}  // namespace fhirpath
