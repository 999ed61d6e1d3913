#include "fhir/validate/suggest.hpp"

#include "storage/base/encoding.hpp"

#include <algorithm>
#include <vector>

namespace validate {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Edits between two names, case aside (Levenshtein); names are short.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const auto next = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1)});
            diagonal = row[j];
            row[j] = next;
        }
    }
    return row.back();
}

std::string json_name(const definitions::Element& element, const definitions::ElementType& type) {
    std::string out(element.name);
    if (!element.choice) return out;
    out += type.code;
    auto& first = out[element.name.size()];
    if (first >= 'a' && first <= 'z') first = static_cast<char>(first - 'a' + 'A');
    return out;
}

std::string choices(const definitions::Element& element) {
    std::string out;
    for (const auto& type : element.types) {
        if (out.size() > 200) return out + " ...";
        out += (out.empty() ? "" : ", ") + json_name(element, type);
    }
    return out;
}

}  // namespace

std::string unknown_member(std::string_view name, const definitions::Group& group) {
    const auto shown = "'" + std::string(base::utf8_prefix(name, 64)) + "'";
    std::string out = std::string(group.name) + " has no element " + shown + " in R4";
    if (name == "fhir_comments") return out + ": comments are no part of FHIR's JSON since R3";
    for (const auto& element : group.elements) {
        if (element.choice && name.starts_with(element.name)) return out + ": " + std::string(element.name) + "[x] is written as one of " + choices(element);
    }
    if (name.size() > 40) return out;
    std::size_t best = std::min<std::size_t>(3, name.size() / 3 + 1);  // further away it would be guessing
    std::string nearest;
    for (const auto& element : group.elements) {
        for (const auto& type : element.types) {
            const auto candidate = json_name(element, type);
            if (const auto edits = distance(name, candidate); edits < best) {
                best = edits;
                nearest = candidate;
            }
            if (!element.choice) break;
        }
    }
    return nearest.empty() ? out : out + "; did you mean '" + nearest + "'?";
}

}  // namespace validate
