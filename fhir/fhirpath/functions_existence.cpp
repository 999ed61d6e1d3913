// N1 section 5.1: existence.
#include "fhir/fhirpath/functions.hpp"

namespace fhirpath {
namespace {

bool push(Call& call, bool value) {
    call.out.push(Item::of(value));
    return true;
}

bool empty(Call& call) {
    return push(call, call.input.empty());
}

bool exists(Call& call) {
    if (call.term.argument_count() == 0) return push(call, !call.input.empty());
    bool found = false;
    for_each_item(call, [&](const Item&, Scope& scope) {
        found = call.evaluator.truth(call.term.argument(0), scope) == Truth::yes;
        return !found && !call.evaluator.failed();
    });
    return push(call, found);
}

bool all(Call& call) {
    const bool every =
        for_each_item(call, [&](const Item&, Scope& scope) { return call.evaluator.truth(call.term.argument(0), scope) == Truth::yes; });
    return push(call, every);
}

bool negate(Call& call) {
    const auto value = call.evaluator.truth(call.term, call.input);
    return value == Truth::unknown || push(call, value == Truth::no);
}

// Every item must be a boolean.
bool booleans(Call& call, std::vector<bool>& out) {
    for (const auto& item : call.input) {
        std::optional<Item> value;
        if (!call.evaluator.single(call.term, {&item, 1}, value)) return false;
        if (!value || !value->is(ItemKind::boolean)) return call.evaluator.fail(call.term, call.term.name + "() is for booleans");
        out.push_back(value->boolean);
    }
    return true;
}

template <bool kAll, bool kValue>
bool quantified(Call& call) {
    std::vector<bool> values;
    if (!booleans(call, values)) return false;
    for (const bool value : values) {
        if (kAll ? value != kValue : value == kValue) return push(call, !kAll);
    }
    return push(call, kAll);
}

bool all_in(std::span<const Item> items, std::span<const Item> others, Arena& arena) {
    Seen seen(arena);
    for (const auto& item : others) seen.add(item);
    for (const auto& item : items) {
        if (!seen.has(item)) return false;
    }
    return true;
}

bool subset_of(Call& call) {
    Items other(call.evaluator.arena());
    return call.evaluator.argument(call, 0, other) && push(call, all_in(call.input.span(), other.span(), call.evaluator.arena()));
}

bool superset_of(Call& call) {
    Items other(call.evaluator.arena());
    return call.evaluator.argument(call, 0, other) && push(call, all_in(other.span(), call.input.span(), call.evaluator.arena()));
}

bool count(Call& call) {
    call.out.push(Item::of_integer(static_cast<std::int64_t>(call.input.size())));
    return true;
}

bool distinct(Call& call) {
    Seen seen(call.evaluator.arena());
    for (const auto& item : call.input) {
        if (seen.add(item)) call.out.push(item);
    }
    return call.evaluator.step(call.term);
}

bool is_distinct(Call& call) {
    Seen seen(call.evaluator.arena());
    for (const auto& item : call.input) {
        if (!seen.add(item)) return push(call, false) && call.evaluator.step(call.term);
    }
    return push(call, true);
}

}  // namespace

const FunctionTable& existence_functions() {
    using Quick = Function::Quick;
    constexpr auto kPlain = Function::Argument::expression;
    static const FunctionTable kTable{
        {"empty", 0, 0, empty, kPlain, Quick::empty},
        {"exists", 0, 1, exists, kPlain, Quick::exists},
        {"not", 0, 0, negate, kPlain, Quick::negate},
        {"all", 1, 1, all},
        {"allTrue", 0, 0, quantified<true, true>},
        {"anyTrue", 0, 0, quantified<false, true>},
        {"allFalse", 0, 0, quantified<true, false>},
        {"anyFalse", 0, 0, quantified<false, false>},
        {"subsetOf", 1, 1, subset_of},
        {"supersetOf", 1, 1, superset_of},
        {"count", 0, 0, count},
        {"distinct", 0, 0, distinct},
        {"isDistinct", 0, 0, is_distinct},
    };
    return kTable;
}

}  // namespace fhirpath
