#include "fhir/patch/values.hpp"

#include <algorithm>
#include <charconv>

namespace patch {
namespace {

// A number as sign, digits without zeros at either end, and the power of ten behind them: one form for each value.
struct Exact {
    bool negative = false;
    std::string digits;  // empty: zero
    std::int64_t exponent = 0;
    bool sound = true;  // false: an exponent that no machine counts to
};

Exact exact(std::string_view text) {
    Exact out;
    if (text.starts_with('-')) {
        out.negative = true;
        text.remove_prefix(1);
    }
    const auto mark = std::min(text.find_first_of("eE"), text.size());
    if (mark < text.size()) {
        auto power = text.substr(mark + 1);
        if (power.starts_with('+')) power.remove_prefix(1);
        // 15 digits leave room for the digits of any document behind the point.
        const auto end = power.data() + power.size();
        out.sound = power.size() <= 15 && std::from_chars(power.data(), end, out.exponent).ptr == end;
    }
    const auto point = std::min(text.find('.'), mark);
    out.digits.append(text.substr(0, point));
    if (point < mark) {
        out.digits.append(text.substr(point + 1, mark - point - 1));
        out.exponent -= static_cast<std::int64_t>(mark - point - 1);
    }
    const auto last = out.digits.find_last_not_of('0');
    if (last == std::string::npos) return Exact{};
    out.exponent += static_cast<std::int64_t>(out.digits.size() - 1 - last);
    out.digits.resize(last + 1);
    out.digits.erase(0, out.digits.find_first_not_of('0'));
    return out;
}

bool same_number(const std::string& a, const std::string& b) {
    if (a == b) return true;
    const auto left = exact(a), right = exact(b);
    if (!left.sound || !right.sound) return false;
    return left.negative == right.negative && left.exponent == right.exponent && left.digits == right.digits;
}

// By key, so that an object of a hundred thousand members is not searched for each of them.
std::vector<const json::Member*> sorted(const json::Object& object) {
    std::vector<const json::Member*> out;
    out.reserve(object.size());
    for (const auto& member : object) out.push_back(&member);
    std::sort(out.begin(), out.end(), [](const json::Member* a, const json::Member* b) { return a->first < b->first; });
    return out;
}

bool same_object(const json::Object& a, const json::Object& b) {
    if (a.size() != b.size()) return false;
    const auto left = sorted(a), right = sorted(b);
    return std::equal(left.begin(), left.end(), right.begin(), [](const json::Member* x, const json::Member* y) {
        return x->first == y->first && same_value(x->second, y->second);
    });
}

}  // namespace

bool same_value(const json::Value& a, const json::Value& b) {
    if (a.is_number() && b.is_number()) return same_number(a.if_number()->text, b.if_number()->text);
    if (a.is_object() && b.is_object()) return same_object(*a.if_object(), *b.if_object());
    if (!a.is_array() || !b.is_array()) return a == b;
    const auto &left = *a.if_array(), &right = *b.if_array();
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), same_value);
}

Measure measure(const json::Value& value) {
    Measure out{1, 1, 0};
    const auto below = [&](const json::Value& child, std::size_t more_bytes) {
        const auto inner = measure(child);
        out.bytes += inner.bytes + more_bytes;
        out.values += inner.values;
        out.depth = std::max(out.depth, inner.depth);
    };
    if (const auto* text = value.if_string()) out.bytes += text->size() + 1;
    if (const auto* number = value.if_number()) out.bytes += number->text.size();
    if (const auto* list = value.if_array()) {
        for (const auto& item : *list) below(item, 1);
        ++out.depth;
    }
    if (const auto* object = value.if_object()) {
        for (const auto& [name, child] : *object) below(child, name.size() + 4);
        ++out.depth;
    }
    return out;
}

}  // namespace patch
