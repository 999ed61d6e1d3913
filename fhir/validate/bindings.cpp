#include "fhir/validate/bindings.hpp"

#include "fhir/terminology/grammar.hpp"
#include "fhir/validate/coded.hpp"
#include "fhir/validate/profiles.hpp"
#include "fhir/validate/syntax_codes.hpp"

namespace validate {
namespace {

using definitions::Strength;
using definitions::ValueSet;

std::string name_of(const ValueSet& set) {
    return "the value set " + std::string(set.title) + " (" + std::string(set.url) + ")";
}

std::string examples_of(const ValueSet& set) {
    std::string out;
    std::string_view last;
    for (const auto& row : set.codes) {
        if (row.code == last) continue;
        last = row.code;
        if (out.size() > 160) return out + " | ...";
        out += (out.empty() ? "" : " | ") + std::string(row.code);
    }
    return out;
}

std::string not_in(const ValueSet& set, std::string_view code) {
    auto out = "'" + std::string(base::utf8_prefix(code, 64)) + "' is not in " + name_of(set);
    if (set.complete) out += "; it takes " + examples_of(set);
    return out;
}

class Binding {
  public:
    Binding(const definitions::ElementRules& rules, const terminology::Library& terms, Report& report)
        : set_(*rules.value_set), terms_(terms), severity_(rules.strength == Strength::required ? Severity::error : Severity::warning), report_(report) {}

    void code(const std::string& code) {
        if (!holds(set_, code)) report_.add(severity_, "code-invalid", not_in(set_, code));
    }

    // A Coding, or a Quantity with the system and code of its unit.
    void coding(const json::Value& coding) {
        const std::string code(coding.text("code"));
        if (code.empty()) return;  // text alone, or absent with a reason
        const auto system = coding.text("system");
        if (system.empty()) {
            if (holds(set_, code)) report_.add(severity_, "code-invalid", "A code without its system means nothing: give the system too", "system");
            else report_.replace(severity_, "code-invalid", not_in(set_, code), "code");
        } else if (!holds(set_, code, system)) {
            report_.replace(severity_, "code-invalid", "With the system " + std::string(base::utf8_prefix(system, 128)) + ", " + not_in(set_, code), "code");
        }
    }

    // One coding of the set is enough; others may translate it.
    void concept_of(const json::Value& value) {
        const auto* codings = value.find("coding") == nullptr ? nullptr : value.find("coding")->if_array();
        if (codings == nullptr || codings->empty()) {
            const bool required = severity_ == Severity::error && value.find("extension") == nullptr;
            if (required) report_.error("code-invalid", "A code from " + name_of(set_) + " is required here, text alone is not enough", "coding");
            return;
        }
        bool any_code = false;
        for (const auto& coding : *codings) {
            const auto code = coding.text("code");
            any_code = any_code || !code.empty();
            if (!code.empty() && holds(set_, code, coding.text("system"))) return;
        }
        if (!any_code) return;
        const std::string first(codings->front().text("code"));
        if (codings->size() > 1) report_.add(severity_, "code-invalid", "None of the codings is in " + name_of(set_) + "; it takes " + examples_of(set_));
        else if (codings->front().text("system").empty() && holds(set_, first))
            report_.add(severity_, "code-invalid", "A code without its system means nothing: give the system too", "coding[0].system");
        else report_.replace(severity_, "code-invalid", "With the system " + std::string(base::utf8_prefix(codings->front().text("system"), 128)) + ", " + not_in(set_, first), "coding[0].code");
    }

  private:
    // Does the set hold the code? Where R4 lists it not in full, its grammar decides, or the terminology that is known here; what nobody
    // here can tell passes.
    bool holds(const ValueSet& set, const std::string& code) const {
        if (set.complete) return set.has(code);
        if (has_syntax(set.url)) return follows_syntax(set.url, code);
        return in_value_set(terms_, code, set.url).held != terminology::Held::no;
    }
    bool holds(const ValueSet& set, std::string_view code, std::string_view system) const {
        if (set.complete) return set.has(code, system);
        if (has_syntax(set.url)) return follows_syntax(set.url, code);
        json::Object coding;
        coding.set("system", system);
        coding.set("code", code);
        return in_value_set(terms_, coding, set.url).held != terminology::Held::no;
    }

    const ValueSet& set_;
    const terminology::Library& terms_;
    Severity severity_;
    Report& report_;
};

}  // namespace

void check_binding(const Spot& spot, const definitions::ElementRules& rules, const Options& options, Report& report) {
    if (rules.strength == Strength::none || (rules.strength == Strength::extensible && !options.warnings)) return;
    Binding binding(rules, known_profiles(options).terms(), report);
    if (const auto* text = spot.value->if_string()) binding.code(*text);
    else if (spot.type->code == "CodeableConcept") binding.concept_of(*spot.value);
    else if (spot.value->is_object()) binding.coding(*spot.value);
}

void check_language(const Spot& spot, Report& report) {
    const auto* text = spot.value->if_string();
    if (text == nullptr || spot.type->code != "code" || spot.element->name != "language") return;
    if (terminology::follows_grammar(terminology::kLanguages, *text) != terminology::Held::no) return;
    report.error("code-invalid", "'" + std::string(base::utf8_prefix(*text, 64)) + "' is no language as BCP 47 writes it: en, de-CH, zh-Hant-TW");
}

void check_absent_code(const Spot& spot, const definitions::ElementRules& rules, Report& report) {
    if (spot.type->code != "code" || rules.value_set == nullptr || rules.strength != Strength::required) return;
    report.error("code-invalid", "A code from " + name_of(*rules.value_set) + " is required here; a reason why it is absent does not stand for it");
}

}  // namespace validate
