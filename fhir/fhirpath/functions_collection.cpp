// N1 sections 5.2 to 5.4 and 7: filtering and projection, subsetting, combining, aggregates.
#include "fhir/fhirpath/functions.hpp"
#include "fhir/fhirpath/nodes.hpp"
#include "fhir/fhirpath/types.hpp"

#include <algorithm>

namespace fhirpath {
namespace {

bool where(Call& call) {
    return for_each_item(call, [&](const Item& item, Scope& scope) {
        if (call.evaluator.truth(call.term.argument(0), scope) == Truth::yes) call.out.push(item);
        return !call.evaluator.failed();
    });
}

bool select(Call& call) {
    return for_each_item(call, [&](const Item&, Scope& scope) { return call.evaluator.eval(call.term.argument(0), scope, call.out); });
}

// Breadth first; repeat() follows an item once, repeatAll() each time, until the limit of steps says no.
bool repeated(Call& call, bool once) {
    auto& arena = call.evaluator.arena();
    Seen seen(arena);
    Items level(arena), next(arena);
    level.append(call.input.span());
    while (!level.empty()) {
        next.clear();
        for (std::size_t i = 0; i < level.size(); ++i) {
            if (!call.evaluator.step(call.term)) return false;
            Scope inner = call.scope;
            inner.input = {&level[i], 1};
            inner.index = static_cast<std::int64_t>(i);
            Items found(arena);
            if (!call.evaluator.eval(call.term.argument(0), inner, found)) return false;
            for (const auto& item : found) {
                if (once && !seen.add(item)) continue;
                next.push(item);
                call.out.push(item);
            }
        }
        level.clear();
        level.append(next.span());
    }
    return true;
}
bool repeat(Call& call) {
    return repeated(call, true);
}
bool repeat_all(Call& call) {
    return repeated(call, false);
}

bool of_type(Call& call) {
    for (const auto& item : call.input) {
        if (item_as(item, call.term.type)) call.out.push(item);
    }
    return true;
}

bool single(Call& call) {
    if (call.input.size() > 1) return call.evaluator.fail(call.term, "single() found several items");
    call.out.append(call.input.span());
    return true;
}

bool slice(Call& call, std::size_t first, std::size_t count) {
    const auto all = call.input.span();
    first = std::min(first, all.size());
    call.out.append(all.subspan(first, std::min(count, all.size() - first)));
    return true;
}
bool first(Call& call) {
    return slice(call, 0, 1);
}
bool last(Call& call) {
    return call.input.empty() || slice(call, call.input.size() - 1, 1);
}
bool tail(Call& call) {
    return slice(call, 1, call.input.size());
}
bool skip(Call& call) {
    std::optional<std::int64_t> count;
    if (!call.evaluator.integer_argument(call, 0, count)) return false;
    return slice(call, static_cast<std::size_t>(std::max<std::int64_t>(count.value_or(0), 0)), call.input.size());
}
bool take(Call& call) {
    std::optional<std::int64_t> count;
    if (!call.evaluator.integer_argument(call, 0, count)) return false;
    return slice(call, 0, static_cast<std::size_t>(std::max<std::int64_t>(count.value_or(0), 0)));
}

bool intersect(Call& call) {
    auto& arena = call.evaluator.arena();
    Items other(arena);
    if (!call.evaluator.argument(call, 0, other)) return false;
    Seen wanted(arena), seen(arena);
    for (const auto& item : other) wanted.add(item);
    for (const auto& item : call.input) {
        if (wanted.has(item) && seen.add(item)) call.out.push(item);
    }
    return true;
}

bool exclude(Call& call) {
    auto& arena = call.evaluator.arena();
    Items other(arena);
    if (!call.evaluator.argument(call, 0, other)) return false;
    Seen unwanted(arena);
    for (const auto& item : other) unwanted.add(item);
    for (const auto& item : call.input) {
        if (!unwanted.has(item)) call.out.push(item);
    }
    return true;
}

bool unite(Call& call) {
    auto& arena = call.evaluator.arena();
    Items other(arena);
    if (!call.evaluator.argument(call, 0, other)) return false;
    Seen seen(arena);
    for (const auto* side : {&call.input, static_cast<const Items*>(&other)}) {
        for (const auto& item : *side) {
            if (seen.add(item)) call.out.push(item);
        }
    }
    return true;
}

bool combine(Call& call) {
    call.out.append(call.input.span());
    return call.evaluator.argument(call, 0, call.out);
}

bool coalesce(Call& call) {
    for (std::size_t i = 0; i < call.term.argument_count() && call.out.empty(); ++i) {
        if (!call.evaluator.argument(call, i, call.out)) return false;
    }
    return true;
}

bool aggregate(Call& call) {
    auto& arena = call.evaluator.arena();
    Items total(arena);
    if (call.term.argument_count() > 1 && !call.evaluator.argument(call, 1, total)) return false;
    const bool done = for_each_item(call, [&](const Item&, Scope& scope) {
        Items next(arena);
        scope.total = total.span();
        if (!call.evaluator.eval(call.term.argument(0), scope, next)) return false;
        total.clear();
        total.append(next.span());
        return true;
    });
    call.out.append(total.span());
    return done;
}

bool total_of(Call& call, std::optional<Item>& out) {
    for (const auto& item : call.input) {
        std::optional<Item> value;
        if (!call.evaluator.single(call.term, {&item, 1}, value)) return false;
        if (!value) return out.reset(), true;  // one without a value: no total
        if (!out) {
            out = value;
            continue;
        }
        Items next(call.evaluator.arena());
        if (!call.evaluator.sum(call.term, *out, *value, false, next)) return false;
        if (next.empty()) return out.reset(), true;
        out = next[0];
    }
    return true;
}

bool sum(Call& call) {
    std::optional<Item> total;
    if (!total_of(call, total)) return false;
    if (total) call.out.push(*total);
    return true;
}

bool average(Call& call) {
    std::optional<Item> total;
    if (!total_of(call, total)) return false;
    if (!total) return true;
    Term divide;
    divide.op = Op::divide;
    return call.evaluator.calculate(divide, *total, Item::of_integer(static_cast<std::int64_t>(call.input.size())), call.out);
}

template <bool kLeast>
bool extreme(Call& call) {
    std::optional<Item> best;
    for (const auto& item : call.input) {
        std::optional<Item> value;
        if (!call.evaluator.single(call.term, {&item, 1}, value)) return false;
        if (!value) return true;
        if (best) {
            const auto order = order_of(*value, *best, call.evaluator.arena());
            if (order == Order::incomparable) return call.evaluator.fail(call.term, "values of these types have no order");
            if (order == Order::unknown) return true;
            if (order != (kLeast ? Order::less : Order::greater)) continue;
        }
        best = value;
    }
    if (best) call.out.push(*best);
    return true;
}

// A key of sort(): `-key` sorts downwards, also strings and dates, which have no sign of their own.
struct Key {
    const Term* term;
    bool down;
};

int compare_keys(const std::optional<Item>& a, const std::optional<Item>& b, Arena& arena, bool& comparable) {
    if (!a || !b) return (b ? 1 : 0) - (a ? 1 : 0);  // those without the key last
    const auto order = order_of(*a, *b, arena);
    if (order == Order::incomparable) comparable = false;
    return order == Order::less ? -1 : order == Order::greater ? 1 : 0;
}

bool sort(Call& call) {
    auto& evaluator = call.evaluator;
    std::vector<Key> keys;
    for (std::size_t i = 0; i < call.term.argument_count(); ++i) {
        const auto& argument = call.term.argument(i);
        const bool down = argument.op == Op::minus;
        keys.push_back({down ? argument.children[0].get() : &argument, down});
    }
    struct Row {
        Item item;
        std::vector<std::optional<Item>> keys;
    };
    std::vector<Row> rows;
    const bool read = for_each_item(call, [&](const Item& item, Scope& scope) {
        Row row{item, {}};
        for (const auto& key : keys) {
            Items value(evaluator.arena());
            std::optional<Item> one;
            Scope inner = scope;
            if (!evaluator.eval(*key.term, inner, value) || !evaluator.single(*key.term, value.span(), one)) return false;
            row.keys.push_back(one);
        }
        if (keys.empty()) {
            std::optional<Item> one;
            if (!evaluator.single(call.term, {&item, 1}, one)) return false;
            row.keys.push_back(one);
        }
        rows.push_back(std::move(row));
        return true;
    });
    if (!read) return false;
    bool comparable = true;
    std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
        for (std::size_t i = 0; i < a.keys.size(); ++i) {
            const int order = compare_keys(a.keys[i], b.keys[i], evaluator.arena(), comparable);
            if (order != 0) return !keys.empty() && keys[i].down ? order > 0 : order < 0;
        }
        return false;
    });
    if (!comparable) return evaluator.fail(call.term, "values of these types have no order");
    for (const auto& row : rows) call.out.push(row.item);
    return true;
}

}  // namespace

const FunctionTable& collection_functions() {
    using Quick = Function::Quick;
    constexpr auto kPlain = Function::Argument::expression;
    static const FunctionTable kTable{
        {"where", 1, 1, where},
        {"select", 1, 1, select},
        {"repeat", 1, 1, repeat, kPlain, Quick::none, false, true},
        {"repeatAll", 1, 1, repeat_all, kPlain, Quick::none, false, true},
        {"ofType", 1, 1, of_type, Function::Argument::type},
        {"single", 0, 0, single},
        {"first", 0, 0, first, kPlain, Quick::none, true},
        {"last", 0, 0, last, kPlain, Quick::none, true},
        {"tail", 0, 0, tail, kPlain, Quick::none, true},
        {"skip", 1, 1, skip, kPlain, Quick::none, true},
        {"take", 1, 1, take, kPlain, Quick::none, true},
        {"intersect", 1, 1, intersect},
        {"exclude", 1, 1, exclude},
        {"union", 1, 1, unite},
        {"combine", 1, 1, combine},
        {"coalesce", 1, 16, coalesce},
        {"aggregate", 1, 2, aggregate},
        {"sum", 0, 0, sum},
        {"avg", 0, 0, average},
        {"min", 0, 0, extreme<true>},
        {"max", 0, 0, extreme<false>},
        {"sort", 0, 8, sort},
    };
    return kTable;
}

}  // namespace fhirpath
