#include "fhir/search/date_range.hpp"

#include <algorithm>

namespace search {
namespace {

std::optional<base::Period> of_text(std::string_view text) {
    const auto parsed = base::parse_datetime(text);
    return parsed ? std::optional(*parsed) : std::nullopt;
}

std::optional<base::Period> of_period(const json::Value& value) {
    const auto start = value.text("start"), end = value.text("end");
    base::Period out;
    const auto low = of_text(start), high = of_text(end);
    if (!low && !high) return std::nullopt;
    // A broken end must not turn into an open one.
    if ((!start.empty() && !low) || (!end.empty() && !high)) return std::nullopt;
    if (low) out.low = low->low;
    if (high) out.high = high->high;
    return out.low < out.high ? std::optional(out) : std::nullopt;
}

std::optional<base::Period> of_timing(const json::Value& value) {
    std::optional<base::Period> out;
    const auto add = [&](const std::optional<base::Period>& more) {
        if (more) out = out ? cover(*out, *more) : *more;
    };
    if (const auto* events = value.find("event"); events != nullptr && events->is_array()) {
        for (const auto& event : *events->if_array()) {
            if (const auto* text = event.if_string()) add(of_text(*text));
        }
    }
    if (const auto* repeat = value.find("repeat")) {
        if (const auto* bounds = repeat->find("boundsPeriod")) add(of_period(*bounds));
    }
    return out;
}

}  // namespace

base::Period cover(const base::Period& a, const base::Period& b) {
    return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

std::optional<base::Period> date_range(const Node& node) {
    if (node.type == "Period") return of_period(*node.value);
    if (node.type == "Timing") return of_timing(*node.value);
    if (node.type != "date" && node.type != "dateTime" && node.type != "instant") return std::nullopt;
    const auto* text = node.value->if_string();
    return text == nullptr ? std::nullopt : of_text(*text);
}

}  // namespace search
