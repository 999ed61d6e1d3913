#include "fhir/terminology/filter_test.hpp"

#include <algorithm>
#include <optional>

#include "fhir/terminology/reading.hpp"

namespace terminology {
namespace {

using base::Kind;

constexpr std::int32_t kRegexMs = 50;

std::unordered_set<std::string> split(std::string_view text) {
    std::unordered_set<std::string> out;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        auto word = text.substr(0, end);
        while (word.starts_with(' ')) word.remove_prefix(1);
        while (word.ends_with(' ')) word.remove_suffix(1);
        out.emplace(word);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

}  // namespace

base::Result<FilterTest> FilterTest::make(const CodeSystem& system, const Filter& filter) {
    FilterTest out;
    out.system_ = &system;
    out.property_ = filter.property;
    out.value_ = filter.value;
    out.of_code_ = filter.property == "concept" || filter.property == "code";
    static constexpr std::pair<std::string_view, Op> kOps[] = {{"=", Op::equal},  {"is-a", Op::is_a},       {"descendent-of", Op::descendent_of},
                                                               {"in", Op::in},    {"not-in", Op::not_in},   {"is-not-a", Op::is_not_a},
                                                               {"regex", Op::regex}, {"exists", Op::exists}, {"generalizes", Op::generalizes}};
    const auto* named = std::find_if(std::begin(kOps), std::end(kOps), [&](const auto& row) { return row.first == filter.op; });
    const auto sentence = "the filter " + shown(filter.property) + " " + shown(filter.op) + " " + shown(filter.value) + " on " + system.url + ": ";
    if (named == std::end(kOps)) return base::fail(Kind::not_supported, sentence + "R4 has no such operator");
    out.op_ = named->second;
    const bool along = out.op_ == Op::is_a || out.op_ == Op::descendent_of || out.op_ == Op::is_not_a || out.op_ == Op::generalizes;
    if (along && !out.of_code_) return base::fail(Kind::not_supported, sentence + "this operator goes along the hierarchy of concepts, so it is on the property 'concept'");
    if (!system.declares(filter.property)) return base::fail(Kind::not_supported, sentence + "the code system declares no property or filter of this name");
    if (along) {
        out.root_ = system.find(filter.value);
        if (out.root_ == nullptr) return base::fail(Kind::unprocessable, sentence + "the system has no such code", {}, "code-invalid");
    }
    if (out.op_ == Op::in || out.op_ == Op::not_in) out.words_ = split(filter.value);
    if (out.op_ == Op::exists && filter.value != "true" && filter.value != "false") return base::fail(Kind::unprocessable, sentence + "its value is true or false", {}, "value");
    if (out.op_ == Op::regex) {
        auto pattern = fhirpath::Regex::compile(filter.value);
        if (!pattern) return base::fail(Kind::unprocessable, sentence + pattern.error().diagnostics, {}, "value");
        out.pattern_ = std::move(*pattern);
    }
    return out;
}

std::vector<std::string> FilterTest::values_of(const Concept& one) const {
    if (of_code_) return {one.code};
    std::vector<std::string> out;
    if (property_ == "display" && !one.display.empty()) out.push_back(one.display);
    if (property_ == "definition" && !one.definition.empty()) out.push_back(one.definition);
    const auto& concepts = system_->concepts();
    if (property_ == "parent") {
        for (const auto place : one.parents) out.push_back(concepts[place].code);
    } else if (property_ == "child") {
        for (const auto place : one.children) out.push_back(concepts[place].code);
    }
    for (const auto& property : one.properties) {
        if (property.code == property_) out.push_back(property.text());
    }
    // These two are said of a concept only when they are so (R4 codesystem-concept-properties.html).
    if (out.empty() && property_ == "inactive") out.emplace_back(one.inactive ? "true" : "false");
    if (out.empty() && property_ == "notSelectable") out.emplace_back(one.abstract ? "true" : "false");
    return out;
}

base::Result<bool> FilterTest::passes(const Concept& one) const {
    switch (op_) {
        case Op::is_a: return system_->is_below(one, *root_);
        case Op::descendent_of: return &one != root_ && system_->is_below(one, *root_);
        case Op::is_not_a: return !system_->is_below(one, *root_);
        case Op::generalizes: return system_->is_below(*root_, one);
        default: break;
    }
    const auto values = values_of(one);
    if (op_ == Op::exists) return (value_ == "true") == !values.empty();
    const auto any = [&](const auto& test) { return std::any_of(values.begin(), values.end(), test); };
    if (op_ == Op::equal) return any([&](const std::string& v) { return v == value_; });
    if (op_ == Op::in) return any([&](const std::string& v) { return words_.contains(v); });
    if (op_ == Op::not_in) return !any([&](const std::string& v) { return words_.contains(v); });
    for (const auto& value : values) {
        const auto matched = pattern_->matches(value, true, kRegexMs);
        if (!matched || *matched) return matched;
    }
    return false;
}

}  // namespace terminology
