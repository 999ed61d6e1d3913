// Whether the conditions of a questionnaire's item hold for the answers that were given (R4 Questionnaire.item.enableWhen).
#pragma once

#include "storage/base/json.hpp"

#include <cstdint>
#include <vector>

namespace validate {

enum class Enabled : std::uint8_t { yes, no, unknown };  // unknown: conditions that nobody here evaluates; nothing is refused then

// `around`: the response and its items around the place, outermost first. The answers that count are those of the nearest of them that
// has the question below it, so that each repetition of a group is read by itself.
Enabled enabled(const json::Value& asked, const std::vector<const json::Value*>& around);

// value[x] of an answer, an option or a condition ("answerBoolean"): its type as in the JSON name ("Boolean") and its value.
struct Typed {
    std::string_view type;
    const json::Value* value = nullptr;
    explicit operator bool() const { return value != nullptr; }
};
Typed typed(const json::Value& of, std::string_view prefix);
// The same code of the same system; of other types the same value.
bool same_answer(const Typed& a, const Typed& b);

}  // namespace validate
