#include "fhir/search/parse_value.hpp"

#include "fhir/codec/references.hpp"
#include "fhir/codec/resource.hpp"

#include <algorithm>

namespace search {
namespace {

using base::Kind;
using Op = store::Criterion::Op;

struct Prefix {
    std::string_view text;
    Op op;
};
constexpr Prefix kPrefixes[] = {{"eq", Op::equals},           {"ne", Op::not_equals},    {"gt", Op::greater}, {"lt", Op::less},
                                {"ge", Op::greater_or_equal}, {"le", Op::less_or_equal}, {"sa", Op::greater}, {"eb", Op::less},
                                {"ap", Op::overlaps}};

// R4: ap is within 10 % of the gap between now and the date.
void widen(Value& value, base::TimeUs now) {
    const auto gap = now >= value.high ? now - value.high : now < value.low ? value.low - now : 0;
    value.low -= gap / 10;
    value.high += gap / 10;
}

}  // namespace

std::vector<std::string_view> split_unescaped(std::string_view text, char separator) {
    std::vector<std::string_view> out;
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == separator) {
            out.push_back(text.substr(start, i - start));
            start = i + 1;
        }
    }
    out.push_back(text.substr(start));
    return out;
}

base::Result<std::string> unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        if (++i == text.size() || std::string_view("\\,|$").find(text[i]) == std::string_view::npos) {
            return base::fail(Kind::invalid, "A backslash in a search value may stand only before one of \\ , | $");
        }
        out += text[i];
    }
    return out;
}

base::Result<Value> token_value(std::string_view text, bool direct_identifier) {
    const auto parts = split_unescaped(text, '|');
    if (parts.size() > 2) return base::fail(Kind::invalid, "A token has the form [system]|[code]; write \\| for a | inside one of them");
    Value out;
    out.direct_identifier = direct_identifier;
    auto last = unescape(parts.back());
    if (!last) return base::pass(last);
    out.value = std::move(*last);
    if (parts.size() == 1) {
        out.op = Op::any_system;
        return out;
    }
    auto system = unescape(parts.front());
    if (!system) return base::pass(system);
    out.system = std::move(*system);
    if (out.system.empty() && out.value.empty()) return base::fail(Kind::invalid, "A token needs a system or a code");
    out.op = out.system.empty() ? Op::no_system : out.value.empty() ? Op::any_code : Op::equals;
    return out;
}

base::Result<Value> id_value(std::string_view text) {
    if (!codec::valid_id(text)) return base::fail(Kind::invalid, "An id is 1 to 64 of the characters A-Z a-z 0-9 - .");
    Value out;
    out.value = text;
    return out;
}

base::Result<Value> reference_value(std::string_view text, std::string_view modifier, const definitions::SearchParameter& parameter,
                                    std::string_view base_url) {
    using Form = codec::Reference::Form;
    auto plain = unescape(text);
    if (!plain) return base::pass(plain);
    const auto& targets = parameter.targets;
    Value out;
    if (codec::valid_id(*plain)) {
        out.value = *plain;
        if (!modifier.empty())
            out.system = modifier;
        else if (targets.size() == 1)
            out.system = targets[0];
        else if (parameter.code == "patient")
            out.system = "Patient";  // some R4 definitions list Group too, but all point to Patients alone
        else
            out.op = Op::any_system;
        return out;
    }
    const auto reference = codec::parse_reference(*plain, base_url);
    switch (reference.form) {
        case Form::local:
            if (!reference.version.empty()) {
                return base::fail(Kind::invalid, "A reference to one version cannot be searched for: leave /_history/... out", {},
                                  "not-supported");
            }
            if (!modifier.empty() && reference.type != modifier)
                return base::fail(Kind::invalid, "The type in the value contradicts the modifier");
            out.system = reference.type;
            out.value = reference.id;
            return out;
        case Form::external:
        case Form::urn:
            if (!modifier.empty()) return base::fail(Kind::invalid, "With a type as modifier the value is an id of this server");
            out.value = *plain;
            return out;
        default:
            return base::fail(Kind::invalid, "A reference is searched for by an id, by Type/id or by an absolute URL");
    }
}

base::Result<Value> date_value(std::string_view text, base::TimeUs now) {
    Value out;
    for (const auto& prefix : kPrefixes) {
        if (!text.starts_with(prefix.text)) continue;
        out.op = prefix.op;
        text.remove_prefix(prefix.text.size());
        break;
    }
    const auto period = base::parse_datetime(text);
    if (!period) return base::fail(Kind::invalid, period.error().diagnostics + "; prefixes are eq ne gt lt ge le sa eb ap");
    out.low = period->low;
    out.high = period->high;
    if (out.op == Op::overlaps) widen(out, now);
    return out;
}

}  // namespace search
