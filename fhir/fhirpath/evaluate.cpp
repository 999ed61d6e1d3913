#include "fhir/fhirpath/evaluate.hpp"

#include "fhir/fhirpath/functions.hpp"
#include "fhir/fhirpath/lexer.hpp"
#include "fhir/fhirpath/nodes.hpp"
#include "storage/base/clock.hpp"

#include <chrono>

namespace fhirpath {

namespace {

constexpr std::size_t kStepsBetweenLooks = 64;

std::int64_t steady_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Evaluator::Evaluator(const Node& focus, const Environment& environment, Arena& arena)
    : focus_(Item::of(focus)), environment_(environment), arena_(arena) {
    if (environment.limits.time_ms > 0) deadline_us_ = steady_us() + std::int64_t{environment.limits.time_ms} * 1000;
}

bool Evaluator::fail(base::Error error) {
    if (!failed_) error_ = std::move(error);
    failed_ = true;
    return false;
}

bool Evaluator::fail(const Term& at, std::string_view what, base::Kind kind) {
    return fail(base::Error{kind, with_place(what, at.line, at.column), {}, ""});
}

bool Evaluator::step(const Term& at, std::size_t steps) {
    if (failed_) return false;
    arena_.take_steps(steps);
    const auto limit = arena_.exceeded();
    if (limit.empty()) {
        if (deadline_us_ == 0 || (unseen_steps_ += steps) < kStepsBetweenLooks) return true;
        return in_time(at);
    }
    const auto& limits = environment_.limits;
    const auto value = limit == "steps" ? limits.steps : limit == "items" ? limits.items : limits.memory_bytes;
    return fail(at, "the evaluation exceeds the limit " + std::string(limit) + " of " + std::to_string(value), base::Kind::too_large);
}

bool Evaluator::in_time(const Term& at) {
    unseen_steps_ = 0;
    if (deadline_us_ == 0 || steady_us() < deadline_us_) return true;
    return fail(at, "the evaluation takes longer than the limit time_ms of " + std::to_string(environment_.limits.time_ms),
                base::Kind::too_large);
}

const Temporal& Evaluator::now() {
    if (!now_) now_ = from_unix_us(environment_.now_us != 0 ? environment_.now_us : base::SystemClock().now_us());
    return *now_;
}

Node Evaluator::root_resource() const {
    if (environment_.root_resource != nullptr) return resource_node(*environment_.root_resource);
    return environment_.resource != nullptr ? resource_node(*environment_.resource) : focus_.node();
}

bool Evaluator::eval(const Term& term, Scope& scope, Items& out) {
    if (!step(term)) return false;
    switch (term.op) {
        case Op::literal:
            out.push(term.literal);
            return true;
        case Op::empty:
            return true;
        case Op::this_item:
            out.append(scope.input);
            return true;
        case Op::index:
            if (scope.index < 0) return fail(term, "$index has a value only inside of an iteration");
            out.push(Item::of_integer(scope.index));
            return true;
        case Op::total:
            if (!scope.total) return fail(term, "$total has a value only inside of aggregate()");
            out.append(*scope.total);
            return true;
        case Op::variable:
            return variable(term, scope, out);
        case Op::member:
        case Op::function:
        case Op::indexer:
            return path(term, scope, out);
        case Op::is:
        case Op::as:
            return type_operator(term, scope, out);
        case Op::plus:
        case Op::minus:
            return sign(term, scope, out);
        case Op::logical_and:
        case Op::logical_or:
        case Op::logical_xor:
        case Op::implies:
            push(logical(term, scope), out);
            return !failed_;
        default:
            return binary(term, scope, out);
    }
}

void Evaluator::push(Truth value, Items& out) {
    if (value != Truth::unknown) out.push(Item::of(value == Truth::yes));
}

bool Evaluator::path(const Term& term, Scope& scope, Items& out) {
    if (term.op == Op::function) return call(term, scope, out);
    if (term.op == Op::indexer) return indexer(term, scope, out);
    if (term.base() == nullptr) return member(term, scope, scope.input, out);
    Items input(arena_);
    return eval(*term.base(), scope, input) && member(term, scope, input.span(), out);
}

namespace {

// A path may begin with the type of what it is applied to: Patient.name, Resource.id (N1 section 3.2).
bool named_like_type(const Item& item, std::string_view name) {
    if (!item.is(ItemKind::node)) return false;
    if (item.type != nullptr) return derives_from(fhir_name(*item.type), name);
    return item.place.value != nullptr && item.place.value->text("resourceType") == name;
}

// `(x as Period).unit`: the type is known though there is nothing to look at.
bool could_have(const Term& base, std::string_view name) {
    const bool casts =
        base.op == Op::as || (base.op == Op::function && base.function->argument == Function::Argument::type && base.name != "is");
    const auto* group = casts ? definitions::group(base.type.name) : nullptr;
    return group == nullptr || definitions::element(*group, name) != nullptr;
}

// children() and descendants() have no order that an expression may rely on (N1 section 5.8).
bool unordered(const Term* term) {
    return term != nullptr && term->op == Op::function && (term->name == "children" || term->name == "descendants");
}

bool append_type_member(const TypeName& type, std::string_view name, Items& out) {
    if (name == "namespace") out.push(Item::of_string(type.name_space));
    if (name == "name") out.push(Item::of_string(type.name));
    return name == "namespace" || name == "name";
}

bool append_quantity_member(const Quantity& quantity, std::string_view name, Items& out) {
    if (name == "value") out.push(Item::of(&quantity.value));
    if (name == "unit") out.push(Item::of_string(quantity.unit));
    return name == "value" || name == "unit";
}

}  // namespace

bool Evaluator::member(const Term& term, const Scope& scope, std::span<const Item> input, Items& out) {
    if (!step(term, input.size())) return false;
    const bool may_be_type = term.base() == nullptr && !term.name.empty() && term.name.front() >= 'A' && term.name.front() <= 'Z';
    bool known = input.empty();
    for (const auto& item : input) {
        if (may_be_type && named_like_type(item, term.name)) {
            out.push(item);
            known = true;
        } else if (item.is(ItemKind::node)) {
            known = append_named(item.node(), term.name, out) || known;
        } else if (item.is(ItemKind::type_name)) {
            known = append_type_member(*item.type_name, term.name, out) || known;
        } else if (item.is(ItemKind::quantity)) {
            known = append_quantity_member(*item.quantity, term.name, out) || known;
        }
    }
    if (!environment_.strict || term.mixed || scope.mixed) return true;
    if (known && input.empty() && term.base() != nullptr) known = could_have(*term.base(), term.name);
    return known || fail(term, "no type here has an element \"" + term.name + "\"");
}

bool Evaluator::call(const Term& term, Scope& scope, Items& out) {
    if (environment_.strict && term.function->ordered && unordered(term.base()))
        return fail(term, term.name + "() is for collections that have an order");
    if (term.base() != nullptr) {
        Items input(arena_);
        if (!eval(*term.base(), scope, input)) return false;
        Call made{*this, term, scope, input, out};
        return term.function->run(made) && !failed_;
    }
    Items input(arena_);
    input.append(scope.input);
    Call made{*this, term, scope, input, out};
    return term.function->run(made) && !failed_;
}

bool Evaluator::indexer(const Term& term, Scope& scope, Items& out) {
    Items input(arena_), index(arena_);
    Scope inner = scope;
    if (!eval(*term.base(), scope, input) || !eval(*term.children[1], inner, index)) return false;
    std::optional<Item> place;
    if (!single(term, index.span(), place)) return false;
    if (!place) return true;
    if (!place->is(ItemKind::integer)) return fail(term, "an index is an integer");
    if (place->integer >= 0 && static_cast<std::size_t>(place->integer) < input.size())
        out.push(input[static_cast<std::size_t>(place->integer)]);
    return true;
}

bool Evaluator::type_operator(const Term& term, Scope& scope, Items& out) {
    Items input(arena_);
    Scope inner = scope;
    if (!eval(*term.children[0], inner, input)) return false;
    if (input.size() > 1) return fail(term, "\"is\" and \"as\" are for one item, here are several");
    if (input.empty()) return true;
    if (term.op == Op::is)
        out.push(Item::of(item_is(input[0], term.type)));
    else if (item_as(input[0], term.type))
        out.push(input[0]);
    return true;
}

bool Evaluator::sign(const Term& term, Scope& scope, Items& out) {
    Items input(arena_);
    Scope inner = scope;
    std::optional<Item> value;
    if (!eval(*term.children[0], inner, input) || !single(term, input.span(), value)) return false;
    if (!value) return true;
    const bool minus = term.op == Op::minus;
    if (value->is(ItemKind::integer) || value->is(ItemKind::long_integer)) {
        if (value->integer == INT64_MIN) return true;
        out.push(Item::of_integer(minus ? -value->integer : value->integer, value->kind));
    } else if (value->is(ItemKind::decimal)) {
        out.push(Item::of(arena_.make(minus ? -*value->decimal : *value->decimal)));
    } else if (value->is(ItemKind::quantity)) {
        Quantity quantity = *value->quantity;
        if (minus) quantity.value = -quantity.value;
        out.push(Item::of(arena_.make(quantity)));
    } else {
        return fail(term, "a sign is for numbers and quantities");
    }
    return true;
}

bool Evaluator::binary(const Term& term, Scope& scope, Items& out) {
    Items left(arena_), right(arena_);
    Scope left_scope = scope, right_scope = scope;
    if (!eval(*term.children[0], left_scope, left) || !eval(*term.children[1], right_scope, right)) return false;
    switch (term.op) {
        case Op::equal:
            push(equal(left.span(), right.span(), arena_), out);
            return true;
        case Op::not_equal:
            push(negated(equal(left.span(), right.span(), arena_)), out);
            return true;
        case Op::equivalent:
            out.push(Item::of(equivalent(left.span(), right.span(), arena_)));
            return true;
        case Op::not_equivalent:
            out.push(Item::of(!equivalent(left.span(), right.span(), arena_)));
            return true;
        case Op::unite:
            return unite(left, right, out);
        case Op::concat:
            return concat(term, left, right, out);
        case Op::in:
        case Op::contains:
            return membership(term, left, right, out);
        default:
            break;
    }
    std::optional<Item> a, b;
    if (!single(term, left.span(), a) || !single(term, right.span(), b)) return false;
    if (!a || !b) return true;
    const bool compares = term.op == Op::less || term.op == Op::less_equal || term.op == Op::greater || term.op == Op::greater_equal;
    return compares ? ordering(term, *a, *b, out) : calculate(term, *a, *b, out);
}

bool Evaluator::ordering(const Term& term, const Item& left, const Item& right, Items& out) {
    const auto order = order_of(left, right, arena_);
    if (order == Order::incomparable) return fail(term, "values of these types have no order");
    if (order == Order::unknown) return true;
    const bool yes = term.op == Op::less         ? order == Order::less
                     : term.op == Op::less_equal ? order != Order::greater
                     : term.op == Op::greater    ? order == Order::greater
                                                 : order != Order::less;
    out.push(Item::of(yes));
    return true;
}

bool Evaluator::concat(const Term& term, const Items& left, const Items& right, Items& out) {
    std::optional<Item> a, b;
    if (!single(term, left.span(), a) || !single(term, right.span(), b)) return false;
    if ((a && !a->is(ItemKind::string)) || (b && !b->is(ItemKind::string))) return fail(term, "& joins strings");
    out.push(Item::of_string(arena_.concat(a ? a->text() : "", b ? b->text() : "")));
    return true;
}

bool Evaluator::unite(const Items& left, const Items& right, Items& out) {
    Seen seen(arena_);
    for (const auto* side : {&left, &right}) {
        for (const auto& item : *side) {
            if (seen.add(item)) out.push(item);
        }
    }
    return true;
}

bool Evaluator::membership(const Term& term, const Items& left, const Items& right, Items& out) {
    const Items& element = term.op == Op::in ? left : right;
    const Items& collection = term.op == Op::in ? right : left;
    if (element.empty()) return true;
    if (element.size() > 1) return fail(term, "membership is asked of one item, here are several");
    for (const auto& item : collection) {
        if (equal(element[0], item, arena_) != Truth::yes) continue;
        out.push(Item::of(true));
        return true;
    }
    out.push(Item::of(false));
    return true;
}

Truth Evaluator::logical(const Term& term, Scope& scope) {
    Scope left_scope = scope, right_scope = scope;
    const auto left = truth(*term.children[0], left_scope);
    if (failed_) return Truth::unknown;
    // The right operand is left alone where it cannot change the result.
    if (term.op == Op::logical_and && left == Truth::no) return Truth::no;
    if (term.op == Op::logical_or && left == Truth::yes) return Truth::yes;
    if (term.op == Op::implies && left == Truth::no) return Truth::yes;
    const auto right = truth(*term.children[1], right_scope);
    if (failed_) return Truth::unknown;
    switch (term.op) {
        case Op::logical_and:
            return right == Truth::no ? Truth::no : left == Truth::unknown ? left : right;
        case Op::logical_or:
            return right == Truth::yes ? Truth::yes : left == Truth::unknown ? left : right;
        case Op::implies:
            return right == Truth::yes ? Truth::yes : left == Truth::unknown ? left : right;
        default:
            break;
    }
    return left == Truth::unknown || right == Truth::unknown ? Truth::unknown : truth_of(left != right);
}

Truth Evaluator::truth(const Term& at, const Items& items) {
    if (items.empty() || failed_) return Truth::unknown;
    if (items.size() > 1) {
        fail(at, "one boolean is wanted, here are several items");
        return Truth::unknown;
    }
    const auto& item = items[0];
    if (item.is(ItemKind::boolean)) return truth_of(item.boolean);
    if (!item.is(ItemKind::node)) return Truth::yes;
    const auto* flag = item.place.value == nullptr ? nullptr : item.place.value->if_bool();
    if (flag != nullptr) return truth_of(*flag);
    return without_value(item) ? Truth::unknown : Truth::yes;
}

Truth Evaluator::truth(const Term& term, Scope& scope) {
    switch (term.op) {
        case Op::logical_and:
        case Op::logical_or:
        case Op::logical_xor:
        case Op::implies:
            return step(term) ? logical(term, scope) : Truth::unknown;
        case Op::function:
            if (term.function->quick != Function::Quick::none && term.argument_count() == 0) break;
            [[fallthrough]];
        default: {
            Items items(arena_);
            return eval(term, scope, items) ? truth(term, items) : Truth::unknown;
        }
    }
    // exists(), empty() and not(): no boolean item is made only to be read again.
    if (!step(term)) return Truth::unknown;
    if (term.function->quick == Function::Quick::negate && term.base() != nullptr) return negated(truth(*term.base(), scope));
    Items input(arena_);
    if (term.base() == nullptr)
        input.append(scope.input);
    else if (!eval(*term.base(), scope, input))
        return Truth::unknown;
    if (term.function->quick == Function::Quick::negate) return negated(truth(term, input));
    return truth_of(input.empty() == (term.function->quick == Function::Quick::empty));
}

bool Evaluator::single(const Term& at, std::span<const Item> items, std::optional<Item>& out) {
    if (items.size() > 1) return fail(at, "one item is wanted, here are several");
    if (items.empty() || without_value(items[0])) return true;
    out = to_system(items[0], arena_);
    return true;
}

bool Evaluator::argument(Call& call, std::size_t index, Items& out) {
    Scope inner = call.scope;
    return eval(call.term.argument(index), inner, out);
}

bool Evaluator::single_argument(Call& call, std::size_t index, std::optional<Item>& out) {
    if (index >= call.term.argument_count()) return true;
    Items items(arena_);
    return argument(call, index, items) && single(call.term.argument(index), items.span(), out);
}

bool Evaluator::text_argument(Call& call, std::size_t index, std::optional<std::string_view>& out) {
    std::optional<Item> value;
    if (!single_argument(call, index, value)) return false;
    if (!value) return true;
    if (!value->is(ItemKind::string)) return fail(call.term.argument(index), "a string is wanted here");
    out = value->text();
    return true;
}

bool Evaluator::integer_argument(Call& call, std::size_t index, std::optional<std::int64_t>& out) {
    std::optional<Item> value;
    if (!single_argument(call, index, value)) return false;
    if (!value) return true;
    if (!value->is(ItemKind::integer)) return fail(call.term.argument(index), "an integer is wanted here");
    out = value->integer;
    return true;
}

bool Evaluator::text_input(Call& call, std::optional<std::string_view>& out) {
    std::optional<Item> value;
    if (!single(call.term, call.input.span(), value)) return false;
    if (!value) return true;
    if (!value->is(ItemKind::string)) return fail(call.term, call.term.name + "() is for strings");
    out = value->text();
    return true;
}

}  // namespace fhirpath
