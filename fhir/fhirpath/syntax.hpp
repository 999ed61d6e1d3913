// The compiled tree. Nothing in it changes after compile(), so that any number of threads may walk it.
#pragma once

#include "fhir/fhirpath/items.hpp"
#include "fhir/fhirpath/regex.hpp"
#include "fhir/fhirpath/types.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace fhirpath {

struct Function;  // functions.hpp

enum class Op : std::uint8_t {
    literal,
    empty,
    this_item,
    index,
    total,
    variable,
    member,
    function,
    indexer,  // children[0] is what they are applied to; null: $this
    is,
    as,
    plus,
    minus,
    multiply,
    divide,
    whole_divide,
    modulo,
    add,
    subtract,
    concat,
    unite,
    less,
    less_equal,
    greater,
    greater_equal,
    equal,
    equivalent,
    not_equal,
    not_equivalent,
    in,
    contains,
    logical_and,
    logical_or,
    logical_xor,
    implies,
};

struct Term {
    Op op = Op::empty;
    std::uint32_t line = 1, column = 1;
    std::uint32_t depth = 1;
    bool mixed = false;  // children(), descendants() and the like stand in it: items of many types, some without the element asked for
    std::vector<std::unique_ptr<Term>> children;
    std::string name;    // of a member, variable, function
    TypeSpecifier type;  // of is, as and the functions is(), as(), ofType()
    const Function* function = nullptr;
    Item literal;  // refers to what follows
    Decimal decimal;
    Temporal temporal;
    Quantity quantity;
    std::string text;                      // of a string literal; the unit of a quantity
    std::shared_ptr<const Regex> pattern;  // of matches() and its like, when the pattern is a literal

    const Term* base() const { return children[0].get(); }
    std::size_t argument_count() const { return children.size() - 1; }
    const Term& argument(std::size_t index) const { return *children[index + 1]; }
};

struct Syntax {
    std::string text;
    std::unique_ptr<Term> root;
};

}  // namespace fhirpath
