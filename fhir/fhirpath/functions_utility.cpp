// N1 section 5.9.1 and the drafts that R4's tests use: trace, defineVariable, comparable.
#include "fhir/fhirpath/functions.hpp"
#include "fhir/fhirpath/nodes.hpp"

namespace fhirpath {
namespace {

bool trace(Call& call) {
    auto& evaluator = call.evaluator;
    std::optional<std::string_view> name;
    if (!evaluator.text_argument(call, 0, name)) return false;
    if (evaluator.environment().trace) {
        Items shown(evaluator.arena());
        if (call.term.argument_count() > 1) {
            const bool done =
                for_each_item(call, [&](const Item&, Scope& scope) { return evaluator.eval(call.term.argument(1), scope, shown); });
            if (!done) return false;
        } else {
            shown.append(call.input.span());
        }
        auto told = evaluator.environment().trace(name.value_or(""), View(shown.begin(), shown.size()));
        if (!told) return evaluator.fail(std::move(told.error()));
    }
    call.out.append(call.input.span());
    return true;
}

// Lasting: the scope goes on after the call's own collections are gone.
std::span<const Item> kept(std::span<const Item> items, Arena& arena) {
    auto* out = static_cast<Item*>(arena.allocate(items.size_bytes() + 1));
    std::copy(items.begin(), items.end(), out);
    return {out, items.size()};
}

bool define_variable(Call& call) {
    auto& evaluator = call.evaluator;
    std::optional<std::string_view> name;
    if (!evaluator.text_argument(call, 0, name)) return false;
    if (!name || name->empty()) return evaluator.fail(call.term, "defineVariable() wants a name");
    if (evaluator.is_defined(*name, call.scope))
        return evaluator.fail(call.term, "the variable %" + std::string(*name) + " is defined already");
    Items value(evaluator.arena());
    if (call.term.argument_count() > 1) {
        Scope inner = call.scope;
        inner.input = call.input.span();
        if (!evaluator.eval(call.term.argument(1), inner, value)) return false;
    } else {
        value.append(call.input.span());
    }
    auto& arena = evaluator.arena();
    call.scope.bindings = arena.make(Binding{arena.copy(*name), kept(value.span(), arena), call.scope.bindings});
    call.out.append(call.input.span());
    return true;
}

const Quantity* read_quantity(const Item& item, Arena& arena) {
    if (const auto number = number_of(item)) return arena.make(Quantity{*number});
    bool refused = false;
    return to_quantity(item, arena, refused);
}

bool comparable_quantities(Call& call) {
    auto& evaluator = call.evaluator;
    Items other(evaluator.arena());
    std::optional<Item> left, right;
    if (!evaluator.argument(call, 0, other)) return false;
    if (!evaluator.single(call.term, call.input.span(), left) || !evaluator.single(call.term, other.span(), right)) return false;
    if (call.input.empty() || other.empty()) return true;
    const auto* a = left ? read_quantity(*left, evaluator.arena()) : nullptr;
    const auto* b = right ? read_quantity(*right, evaluator.arena()) : nullptr;
    const bool none = (left && a == nullptr) || (right && b == nullptr);
    if (none) return evaluator.fail(call.term, "comparable() is for quantities");
    call.out.push(Item::of(a != nullptr && b != nullptr && comparable(*a, *b)));
    return true;
}

}  // namespace

const FunctionTable& utility_functions() {
    static const FunctionTable kTable{
        {"trace", 1, 2, trace},
        {"defineVariable", 1, 2, define_variable},
        {"comparable", 1, 1, comparable_quantities},
    };
    return kTable;
}

}  // namespace fhirpath
