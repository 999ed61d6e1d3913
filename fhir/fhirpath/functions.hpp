// The table of functions. A function gets its input evaluated; it evaluates its own arguments, as often as it needs.
#pragma once

#include "fhir/fhirpath/evaluate.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace fhirpath {

struct Function {
    enum class Argument : std::uint8_t { expression, type, pattern };  // what the first one is
    enum class Quick : std::uint8_t { none, exists, empty, negate };   // Evaluator::truth takes these by itself

    std::string_view name;
    std::uint8_t least, most;  // arguments
    bool (*run)(Call&);        // appends to call.out; false after Evaluator::fail
    Argument argument = Argument::expression;
    Quick quick = Quick::none;
    bool ordered = false;  // its result depends on the order of its input
    bool mixes = false;    // its result has items of many types
};

const Function* find_function(std::string_view name);  // nullptr when there is none

// The tables of the groups, as N1 section 5 groups them.
using FunctionTable = std::vector<Function>;
const FunctionTable& existence_functions();
const FunctionTable& collection_functions();
const FunctionTable& conversion_functions();
const FunctionTable& string_functions();
const FunctionTable& math_functions();
const FunctionTable& tree_functions();
const FunctionTable& temporal_functions();
const FunctionTable& utility_functions();

// Calls `each(item's scope)` for every item of the input: $this, $index. Stops when it gives false, and gives that.
template <class Each>
bool for_each_item(Call& call, Each&& each) {
    for (std::size_t i = 0; i < call.input.size(); ++i) {
        if (!call.evaluator.step(call.term)) return false;
        Scope inner = call.scope;
        inner.input = {&call.input[i], 1};
        inner.index = static_cast<std::int64_t>(i);
        inner.mixed = inner.mixed || (call.term.base() != nullptr && call.term.base()->mixed);
        if (!each(call.input[i], inner)) return false;
    }
    return true;
}

}  // namespace fhirpath
