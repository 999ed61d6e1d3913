// N1 section 5.6: strings, counted in characters.
#include "fhir/fhirpath/functions.hpp"
#include "fhir/fhirpath/nodes.hpp"
#include "fhir/fhirpath/text.hpp"

namespace fhirpath {
namespace {

using Text = std::optional<std::string_view>;
using Number = std::optional<std::int64_t>;

constexpr std::string_view kSpace = " \t\r\n\f\v";

// Longer strings are refused before they are made.
bool affordable(Call& call, std::size_t bytes) {
    const auto limit = call.evaluator.environment().limits.memory_bytes;
    if (bytes <= limit) return true;
    return call.evaluator.fail(call.term, "the string exceeds the limit memory_bytes of " + std::to_string(limit), base::Kind::too_large);
}

bool push_text(Call& call, std::string_view text) {
    call.out.push(Item::of_string(call.evaluator.arena().copy(text)));
    return true;
}
bool push_view(Call& call, std::string_view text) {
    call.out.push(Item::of_string(text));
    return true;
}

// The text the function is for, and its first argument; `both` when they are there.
bool read(Call& call, Text& input, Text& argument, bool& both) {
    if (!call.evaluator.text_input(call, input) || !call.evaluator.text_argument(call, 0, argument)) return false;
    both = input && argument;
    return true;
}

bool index_of_any(Call& call, bool from_end) {
    Text text, part;
    bool both = false;
    if (!read(call, text, part, both)) return false;
    if (!both) return true;
    const auto at = from_end ? text->rfind(*part) : text->find(*part);
    call.out.push(Item::of_integer(at == std::string_view::npos ? -1 : static_cast<std::int64_t>(characters(text->substr(0, at)))));
    return true;
}
bool index_of(Call& call) {
    return index_of_any(call, false);
}
bool last_index_of(Call& call) {
    return index_of_any(call, true);
}

bool substring(Call& call) {
    Text text;
    Number start, length;
    if (!call.evaluator.text_input(call, text) || !call.evaluator.integer_argument(call, 0, start) ||
        !call.evaluator.integer_argument(call, 1, length)) {
        return false;
    }
    if (!text || !start || *start < 0) return true;
    const auto first = byte_of(*text, static_cast<std::size_t>(*start));
    if (first >= text->size()) return true;
    auto rest = text->substr(first);
    if (length) rest = rest.substr(0, byte_of(rest, static_cast<std::size_t>(std::max<std::int64_t>(*length, 0))));
    return push_view(call, rest);
}

template <class Test>
bool tested(Call& call, Test&& test) {
    Text text, part;
    bool both = false;
    if (!read(call, text, part, both)) return false;
    if (both) call.out.push(Item::of(test(*text, *part)));
    return true;
}
bool starts_with(Call& call) {
    return tested(call, [](std::string_view text, std::string_view part) { return text.starts_with(part); });
}
bool ends_with(Call& call) {
    return tested(call, [](std::string_view text, std::string_view part) { return text.ends_with(part); });
}
bool contains(Call& call) {
    return tested(call, [](std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; });
}

bool change_case(Call& call, std::string (*change)(std::string_view)) {
    Text text;
    if (!call.evaluator.text_input(call, text)) return false;
    return !text || push_text(call, change(*text));
}
bool to_upper(Call& call) {
    return change_case(call, upper);
}
bool to_lower(Call& call) {
    return change_case(call, lower);
}

bool replace(Call& call) {
    Text text, pattern, substitution;
    bool both = false;
    if (!read(call, text, pattern, both) || !call.evaluator.text_argument(call, 1, substitution)) return false;
    if (!both || !substitution) return true;
    std::string out;
    for (std::size_t at = 0;;) {
        // An empty pattern stands before, between and behind all characters.
        const auto found = pattern->empty() ? at : std::min(text->find(*pattern, at), text->size());
        const bool end = found == text->size() && !pattern->empty();
        out += text->substr(at, found - at);
        if (end) break;
        out += *substitution;
        at = found + pattern->size();
        if (!affordable(call, out.size() + text->size())) return false;
        if (!pattern->empty()) continue;
        if (at == text->size()) break;
        const auto character = std::max<std::size_t>(byte_of(text->substr(at), 1), 1);
        out += text->substr(at, character);
        at += character;
    }
    return push_text(call, out);
}

// The pattern that compile() made ready, or the one that the argument gives now. Nothing when the argument is empty.
bool pattern_of(Call& call, std::size_t flags_at, std::shared_ptr<const Regex>& out) {
    if (call.term.pattern) {
        out = call.term.pattern;
        return true;
    }
    Text pattern, flags;
    if (!call.evaluator.text_argument(call, 0, pattern) || !call.evaluator.text_argument(call, flags_at, flags)) return false;
    if (!pattern) return true;
    auto compiled = Regex::compile(*pattern, flags.value_or(""));
    if (!compiled) return call.evaluator.fail(call.term, compiled.error().diagnostics, compiled.error().kind);
    out = std::move(*compiled);
    return true;
}

bool matched(Call& call, bool whole) {
    Text text;
    std::shared_ptr<const Regex> pattern;
    if (!call.evaluator.text_input(call, text) || !pattern_of(call, 1, pattern)) return false;
    if (!text || !pattern) return true;
    const auto result = pattern->matches(*text, whole, call.evaluator.environment().limits.regex_ms);
    if (!result) return call.evaluator.fail(call.term, result.error().diagnostics, result.error().kind);
    call.out.push(Item::of(*result));
    return call.evaluator.in_time(call.term);
}
bool matches(Call& call) {
    return matched(call, false);
}
bool matches_full(Call& call) {
    return matched(call, true);
}

bool replace_matches(Call& call) {
    Text text, substitution;
    std::shared_ptr<const Regex> pattern;
    if (!call.evaluator.text_input(call, text) || !call.evaluator.text_argument(call, 1, substitution) || !pattern_of(call, 2, pattern))
        return false;
    if (!text || !substitution || !pattern) return true;
    if (pattern->empty()) return push_view(call, *text);  // nothing to look for: nothing is replaced
    const auto& limits = call.evaluator.environment().limits;
    const auto result = pattern->replace(*text, *substitution, limits.regex_ms, limits.memory_bytes);
    if (!result) return call.evaluator.fail(call.term, result.error().diagnostics, result.error().kind);
    return push_text(call, *result) && call.evaluator.in_time(call.term);
}

bool length(Call& call) {
    Text text;
    if (!call.evaluator.text_input(call, text)) return false;
    if (text) call.out.push(Item::of_integer(static_cast<std::int64_t>(characters(*text))));
    return true;
}

bool to_chars(Call& call) {
    Text text;
    if (!call.evaluator.text_input(call, text)) return false;
    if (!text) return true;
    for (std::size_t at = 0; at < text->size();) {
        const auto size = std::max<std::size_t>(byte_of(text->substr(at), 1), 1);
        push_view(call, text->substr(at, size));
        at += size;
    }
    return true;
}

bool split(Call& call) {
    Text text, separator;
    bool both = false;
    if (!read(call, text, separator, both)) return false;
    if (!both) return true;
    if (separator->empty()) return to_chars(call);
    for (std::size_t at = 0; at <= text->size();) {
        const auto found = std::min(text->find(*separator, at), text->size());
        push_view(call, text->substr(at, found - at));
        at = found + separator->size();
        if (found == text->size()) break;
    }
    return true;
}

bool join(Call& call) {
    Text separator;
    if (!call.evaluator.text_argument(call, 0, separator)) return false;
    if (call.term.argument_count() == 0) separator = "";
    if (!separator) return true;
    std::string out;
    bool any = false;
    for (const auto& item : call.input) {
        if (without_value(item)) continue;
        const auto value = to_system(item, call.evaluator.arena());
        if (!value.is(ItemKind::string)) return call.evaluator.fail(call.term, "join() is for strings");
        if (!affordable(call, out.size() + separator->size() + value.text().size())) return false;
        if (any) out += *separator;
        out += value.text();
        any = true;
    }
    return !any || push_text(call, out);
}

bool trim(Call& call) {
    Text text;
    if (!call.evaluator.text_input(call, text)) return false;
    if (!text) return true;
    const auto first = text->find_first_not_of(kSpace);
    if (first == std::string_view::npos) return push_view(call, "");
    return push_view(call, text->substr(first, text->find_last_not_of(kSpace) - first + 1));
}

template <std::optional<std::string> (*kChange)(std::string_view, std::string_view)>
bool formatted(Call& call) {
    Text text, format;
    bool both = false;
    if (!read(call, text, format, both)) return false;
    if (!both) return true;
    const auto changed = kChange(*text, *format);
    if (!changed) return call.evaluator.fail(call.term, call.term.name + "() does not know this format, or the text is none of it");
    return affordable(call, changed->size()) && push_text(call, *changed);
}

}  // namespace

const FunctionTable& string_functions() {
    static const FunctionTable kTable{
        {"indexOf", 1, 1, index_of},
        {"lastIndexOf", 1, 1, last_index_of},
        {"substring", 1, 2, substring},
        {"startsWith", 1, 1, starts_with},
        {"endsWith", 1, 1, ends_with},
        {"contains", 1, 1, contains},
        {"upper", 0, 0, to_upper},
        {"lower", 0, 0, to_lower},
        {"replace", 2, 2, replace},
        {"matches", 1, 2, matches, Function::Argument::pattern},
        {"matchesFull", 1, 2, matches_full, Function::Argument::pattern},
        {"replaceMatches", 2, 3, replace_matches, Function::Argument::pattern},
        {"length", 0, 0, length},
        {"toChars", 0, 0, to_chars},
        {"split", 1, 1, split},
        {"join", 0, 1, join},
        {"trim", 0, 0, trim},
        {"encode", 1, 1, formatted<encode>},
        {"decode", 1, 1, formatted<decode>},
        {"escape", 1, 1, formatted<escape>},
        {"unescape", 1, 1, formatted<unescape>},
    };
    return kTable;
}

}  // namespace fhirpath
