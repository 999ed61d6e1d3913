// $validate-code of value sets and of code systems: https://hl7.org/fhir/R4/valueset-operation-validate-code.html,
// https://hl7.org/fhir/R4/codesystem-operation-validate-code.html
#include <algorithm>

#include "fhir/terminology/asked.hpp"
#include "fhir/terminology/membership.hpp"

namespace terminology {
namespace {

using base::Kind;

struct Finding {
    bool valid = false;
    std::string message, display;
    std::string unknown;  // why nobody here can tell; then the rest says nothing
};

std::string quoted(const Asked& asked) {
    return "'" + shown(asked.code) + "'";
}

// What a code is called: by the value set that lists it, else by its system.
struct Names {
    const Concept* concept_of = nullptr;
    std::string listed;

    std::string display(const std::string& language) const {
        if (concept_of != nullptr && (listed.empty() || !language.empty())) return std::string(concept_of->display_in(language));
        return listed;
    }
    bool known() const { return !listed.empty() || (concept_of != nullptr && !concept_of->display.empty()); }
    bool takes(std::string_view text) const { return same_words(listed, text) || (concept_of != nullptr && concept_of->is_called(text)); }
};

// The last steps are the same for both: is the concept for use, and is the display one of its own?
Finding judge(const Asked& asked, const Names& names, const Arguments& arguments) {
    Finding out;
    out.valid = true;
    out.display = names.display(arguments.text("displayLanguage"));
    if (names.concept_of != nullptr && names.concept_of->abstract && !arguments.flag("abstract").value_or(true)) {
        out.valid = false;
        out.message = "the code " + quoted(asked) + " is abstract: it groups others and is not for use itself";
    } else if (!asked.display.empty() && !names.known()) {
        out.message = "the display was not checked: none is known here for this code";
    } else if (!asked.display.empty() && !names.takes(asked.display)) {
        out.valid = false;
        out.message = "the display '" + shown(asked.display) + "' is not one of " + quoted(asked) + ", which is '" + out.display + "'";
    }
    return out;
}

base::Result<Finding> in_system(const CodeSystem& system, const Asked& asked, const Arguments& arguments) {
    Finding out;
    if (!asked.system.empty() && asked.system != system.url) {
        out.message = "the coding is of the system " + shown(asked.system) + ", not of " + system.url;
        return out;
    }
    const auto* found = system.find(asked.code);
    if (found != nullptr) return judge(asked, Names{found, {}}, arguments);
    if (!system.complete()) out.unknown = "the code system " + system.url + " is not held here in full (content is " + system.content + "), and the code " + quoted(asked) + " is not among what is";
    out.message = "the code " + quoted(asked) + " is not in the code system " + system.url;
    return out;
}

const Listed* find_listed(Membership& membership, const ValueSet& set, const Asked& asked, int depth) {
    for (const auto& include : set.include) {
        if (include.system == asked.system) {
            const auto found = include.places.find(asked.code);
            if (found != include.places.end()) return &include.concepts[found->second];
        }
        for (const auto& canonical : include.value_sets) {
            const auto inner = depth > 0 ? membership.imported(canonical) : base::Result<std::shared_ptr<const ValueSet>>(nullptr);
            const auto* found = inner && *inner ? find_listed(membership, **inner, asked, depth - 1) : nullptr;
            if (found != nullptr) return found;  // the library keeps the set it lies in
        }
    }
    return nullptr;
}

base::Result<Finding> in_set(const Library& library, const ValueSet& set, const Asked& asked, const Arguments& arguments) {
    if (asked.system.empty()) return base::fail(Kind::invalid, "a code needs its system here: give system with code, or a coding with its system", {}, "required");
    SystemVersions versions;
    std::shared_ptr<const CodeSystem> system;
    if (!asked.version.empty()) {
        auto found = library.code_system(asked.system, asked.version);
        if (!found) return base::pass(found);
        versions.standard.emplace_back(asked.system, asked.version);
        system = std::move(*found);
    } else if (auto found = library.code_system(asked.system); found) {
        system = std::move(*found);
    }
    Membership membership(library, std::move(versions));
    const auto verdict = membership.in_set(set, asked.system, asked.code);
    if (!verdict) return base::pass(verdict);
    if (verdict->held == Held::unknown) return Finding{false, {}, {}, verdict->reason};
    if (verdict->held == Held::no) {
        const bool unheard = system != nullptr && system->complete() && system->find(asked.code) == nullptr;
        const auto of = unheard ? ", nor in the code system " + asked.system : " (system " + shown(asked.system) + ")";
        return Finding{false, "the code " + quoted(asked) + " is not in the value set " + (set.url.empty() ? "given" : set.url) + of, {}, {}};
    }
    Names names{system == nullptr ? nullptr : system->find(asked.code), {}};
    if (const auto* listed = find_listed(membership, set, asked, 8)) names.listed = listed->display;
    return judge(asked, names, arguments);
}

// One valid code is enough. Where one is not and another cannot be told, the answer as a whole cannot.
template <class Ask>
base::Result<Finding> any_of(const std::vector<Asked>& codes, const Ask& ask) {
    Finding first;
    std::string unknown;
    for (const auto& code : codes) {
        auto one = ask(code);
        if (!one) return one;
        if (one->valid) return one;
        if (!one->unknown.empty()) unknown = one->unknown;
        else if (first.message.empty()) first = std::move(*one);
        else first.message += "; " + one->message;
    }
    if (!unknown.empty()) return base::fail(Kind::not_supported, "this cannot be answered here: " + unknown);
    return first;
}

Answer told(const Finding& finding, std::vector<std::string> used) {
    Told out;
    out.add("result", "valueBoolean", finding.valid);
    if (!finding.message.empty()) out.add("message", "valueString", finding.message);
    if (!finding.display.empty()) out.add("display", "valueString", finding.display);
    return {std::move(out).resource(), std::move(used)};
}

// A system that is only a grammar: nothing but the form of the code is told.
base::Result<Answer> by_grammar(const std::vector<Asked>& codes, const std::string& url) {
    const auto finding = any_of(codes, [&](const Asked& asked) -> base::Result<Finding> {
        switch (follows_grammar(url, asked.code)) {
            case Held::yes: return Finding{true, "the code follows the grammar of " + url + "; no display is known here", {}, {}};
            case Held::no: return Finding{false, "the code " + quoted(asked) + " breaks the grammar of " + url, {}, {}};
            case Held::unknown: break;
        }
        return Finding{false, {}, {}, "of " + url + " only common codes are known here, and " + quoted(asked) + " is none of them"};
    });
    if (!finding) return base::pass(finding);
    return told(*finding, {});
}

}  // namespace

base::Result<Answer> validate_in_set(const Question& question) {
    const auto codes = codes_asked(question.arguments, "systemVersion");
    if (!codes) return base::pass(codes);
    const auto set = set_meant(question);
    if (!set) return base::pass(set);
    const auto finding = any_of(*codes, [&](const Asked& asked) { return in_set(question.library, *set->value, asked, question.arguments); });
    if (!finding) return base::pass(finding);
    return told(*finding, set->used);
}

base::Result<Answer> validate_in_system(const Question& question) {
    const auto& arguments = question.arguments;
    auto codes = codes_asked(arguments, "version");
    if (!codes) return base::pass(codes);
    const auto url = arguments.text("url");
    if (!url.empty() && !question.library.knows(Type::code_system, Reference(url).url) && has_grammar(Reference(url).url)) return by_grammar(*codes, Reference(url).url);
    auto system = system_meant(question);
    if (!system) return base::pass(system);
    if (system->value == nullptr) {
        const auto& named = codes->front();
        if (named.system.empty()) return base::fail(Kind::invalid, "which code system? Give its url, the codeSystem itself, an id in the path, or a coding with its system", {}, "required");
        if (!question.library.knows(Type::code_system, named.system) && has_grammar(named.system)) return by_grammar(*codes, named.system);
        auto found = question.library.code_system(named.system, named.version);
        if (!found) return base::pass(found);
        system->value = std::move(*found);
    }
    const auto finding = any_of(*codes, [&](const Asked& asked) { return in_system(*system->value, asked, arguments); });
    if (!finding) return base::pass(finding);
    return told(*finding, system->used);
}

}  // namespace terminology
