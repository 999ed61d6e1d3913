#include "fhir/validate/coded.hpp"

#include "fhir/definitions/rules.hpp"

namespace validate {
namespace {

using terminology::Held;
using terminology::Membership;
using terminology::ValueSet;
using terminology::Verdict;

Verdict unknown(const base::Error& error) {
    return {Held::unknown, error.diagnostics};
}

Verdict of_coding(const terminology::Library& library, const ValueSet& set, std::string_view system, std::string_view code) {
    auto verdict = Membership(library).in_set(set, system, code);
    return verdict ? std::move(*verdict) : unknown(verdict.error());
}

// Of a code the element's binding alone says what system it is of.
Verdict of_code(const terminology::Library& library, const ValueSet& set, std::string_view code) {
    const auto systems = Membership(library).systems(set);
    if (!systems) return unknown(systems.error());
    // Sets that it takes in and that are not known here add no system, and may hold the code all the same.
    Verdict out = of_coding(library, set, {}, code);
    if (out.held != Held::unknown) out = {};
    for (const auto& system : *systems) {
        auto one = of_coding(library, set, system, code);
        if (one.held == Held::yes) return one;
        if (one.held == Held::unknown) out = std::move(one);
    }
    return out;
}

// R4's own sets that it lists in full stand in tables, which is quicker. A layer above may hold another version of them.
const definitions::ValueSet* in_tables(const terminology::Library& library, std::string_view url) {
    const auto* set = definitions::value_set(url);
    if (set == nullptr || !set->complete) return nullptr;
    const auto entry = library.find(terminology::Type::value_set, url);
    const auto own = terminology::Library::r4()->find(terminology::Type::value_set, url);
    return entry && own && *entry == *own ? set : nullptr;
}

template <class Code, class Coding>
Verdict any_of(const json::Value& value, const Code& code, const Coding& coding) {
    if (const auto* text = value.if_string()) return code(*text);
    const auto* codings = value.find("coding") == nullptr ? nullptr : value.find("coding")->if_array();
    if (codings == nullptr) return value.text("code").empty() ? Verdict{} : coding(value);
    Verdict out;
    for (const auto& one : *codings) {
        if (one.text("code").empty()) continue;
        auto verdict = coding(one);
        if (verdict.held == Held::yes) return verdict;
        if (verdict.held == Held::unknown) out = std::move(verdict);
    }
    return out;
}

}  // namespace

Verdict in_value_set(const terminology::Library& library, const json::Value& value, std::string_view canonical) {
    const terminology::Reference reference(canonical);
    const auto sure = [](bool yes) { return Verdict{yes ? Held::yes : Held::no, {}}; };
    if (const auto* table = reference.version.empty() ? in_tables(library, reference.url) : nullptr) {
        return any_of(value, [&](std::string_view code) { return sure(table->has(code)); },
                      [&](const json::Value& c) { return sure(table->has(c.text("code"), c.text("system"))); });
    }
    const auto set = library.value_set(reference.url, reference.version);
    if (!set) return unknown(set.error());
    return any_of(value, [&](std::string_view code) { return of_code(library, **set, code); },
                  [&](const json::Value& c) { return of_coding(library, **set, c.text("system"), c.text("code")); });
}

base::Result<bool> member_of(const terminology::Library& library, const fhirpath::Node& node, std::string_view canonical) {
    if (node.value == nullptr) return false;  // a primitive with extensions alone has no code
    const auto verdict = in_value_set(library, *node.value, canonical);
    if (verdict.held == Held::unknown) return base::fail(base::Kind::not_supported, "memberOf(): " + verdict.reason);
    return verdict.held == Held::yes;
}

}  // namespace validate
