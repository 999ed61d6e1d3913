// The evaluator: walks the tree. Functions (functions_*.cpp) call back into it for their arguments.
#pragma once

#include "fhir/fhirpath/equality.hpp"
#include "fhir/fhirpath/items.hpp"
#include "fhir/fhirpath/syntax.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fhirpath {

// What defineVariable() added, innermost first.
struct Binding {
    std::string_view name;
    std::span<const Item> value;
    const Binding* outer;
};

// Where a term is evaluated: $this, $index, $total and the variables defined so far. A path hands its scope on from left to right, so
// that a variable defined in it is seen behind; operands and arguments work on copies.
struct Scope {
    std::span<const Item> input;  // $this
    std::int64_t index = -1;      // outside of an iteration there is none
    std::optional<std::span<const Item>> total;
    const Binding* bindings = nullptr;
    bool mixed = false;  // $this is one of items of many types
};

class Evaluator;

// One call of a function: what it is applied to, and where its result goes.
struct Call {
    Evaluator& evaluator;
    const Term& term;
    Scope& scope;
    const Items& input;
    Items& out;
};

class Evaluator {
  public:
    Evaluator(const Node& focus, const Environment& environment, Arena& arena);

    // Appends the result. False when it failed: error() says why. So do all functions here that give a bool.
    bool eval(const Term& term, Scope& scope, Items& out);
    // As one boolean (singleton evaluation); unknown when empty. Look at failed() afterwards.
    Truth truth(const Term& term, Scope& scope);
    Truth truth(const Term& at, const Items& items);

    // The argument of a call, in a copy of its scope.
    bool argument(Call& call, std::size_t index, Items& out);
    // As one item; nothing when it is empty or left out.
    bool single_argument(Call& call, std::size_t index, std::optional<Item>& out);
    // As one String or Integer; nothing when it is empty or left out.
    bool text_argument(Call& call, std::size_t index, std::optional<std::string_view>& out);
    bool integer_argument(Call& call, std::size_t index, std::optional<std::int64_t>& out);
    // At most one item, as a System value; nothing when there is none or it has no value.
    bool single(const Term& at, std::span<const Item> items, std::optional<Item>& out);
    // The input of the call as one String; nothing when it is empty. Another type is an error.
    bool text_input(Call& call, std::optional<std::string_view>& out);

    bool fail(const Term& at, std::string_view what, base::Kind kind = base::Kind::invalid);
    bool fail(base::Error error);
    bool failed() const { return failed_; }
    base::Error& error() { return error_; }
    bool step(const Term& at, std::size_t steps = 1);
    // Fails when Limits::time_ms are over. step() looks now and then; what is slow in itself asks.
    bool in_time(const Term& at);

    Arena& arena() { return arena_; }
    const Environment& environment() const { return environment_; }
    const Item& focus() const { return focus_; }
    Node root_resource() const;
    const Temporal& now();
    bool variable(const Term& term, const Scope& scope, Items& out);
    bool is_defined(std::string_view variable, const Scope& scope) const;

    // calculate.cpp: both operands are there.
    bool calculate(const Term& term, const Item& left, const Item& right, Items& out);
    bool sum(const Term& term, const Item& left, const Item& right, bool minus, Items& out);

  private:
    bool path(const Term& term, Scope& scope, Items& out);
    bool member(const Term& term, const Scope& scope, std::span<const Item> input, Items& out);
    bool call(const Term& term, Scope& scope, Items& out);
    bool indexer(const Term& term, Scope& scope, Items& out);
    bool type_operator(const Term& term, Scope& scope, Items& out);
    bool sign(const Term& term, Scope& scope, Items& out);
    bool binary(const Term& term, Scope& scope, Items& out);
    bool concat(const Term& term, const Items& left, const Items& right, Items& out);
    bool unite(const Items& left, const Items& right, Items& out);
    bool membership(const Term& term, const Items& left, const Items& right, Items& out);
    bool ordering(const Term& term, const Item& left, const Item& right, Items& out);
    Truth logical(const Term& term, Scope& scope);
    bool known_variable(std::string_view name, Items& out);
    void push(Truth value, Items& out);

    Item focus_;
    const Environment& environment_;
    Arena& arena_;
    std::optional<Temporal> now_;
    std::int64_t deadline_us_ = 0;  // of the steady clock; 0: none
    std::size_t unseen_steps_ = 0;  // since the clock was looked at
    base::Error error_;
    bool failed_ = false;
};

}  // namespace fhirpath
