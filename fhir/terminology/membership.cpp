#include "fhir/terminology/membership.hpp"

#include <algorithm>

#include "fhir/terminology/filter_test.hpp"

namespace terminology {
namespace {

using base::Kind;

constexpr std::size_t kDeepest = 32;

const Reference* named(const std::vector<Reference>& among, const std::string& url) {
    const auto found = std::find_if(among.begin(), among.end(), [&](const Reference& r) { return r.url == url; });
    return found == among.end() ? nullptr : &*found;
}

Verdict sure(bool yes) {
    return {yes ? Held::yes : Held::no, {}};
}

}  // namespace

base::Status Membership::may_enter(const ValueSet& set) const {
    if (std::find(path_.begin(), path_.end(), &set) != path_.end()) {
        std::string way;
        for (const auto* one : path_) way += one->url + " -> ";
        return base::fail(Kind::unprocessable, "value sets include each other in a circle: " + way + set.url, {}, "processing");
    }
    if (path_.size() >= kDeepest) return base::fail(Kind::too_large, "value sets include each other more than " + std::to_string(kDeepest) + " deep", {}, "too-costly");
    return {};
}

base::Result<std::shared_ptr<const CodeSystem>> Membership::system_of(const Include& include) const {
    auto version = include.version;
    if (const auto* forced = named(versions_.force, include.system)) {
        version = forced->version;
    } else if (version.empty()) {
        if (const auto* standard = named(versions_.standard, include.system)) version = standard->version;
    }
    auto found = library_.code_system(include.system, version);
    if (!found) return found;
    const auto* checked = named(versions_.check, include.system);
    if (checked != nullptr && (*found)->version != checked->version) {
        return base::fail(Kind::unprocessable, "check-system-version asks for " + shown(checked->text()) + ", the value set takes the version " + (*found)->version, {}, "value");
    }
    return found;
}

base::Result<std::shared_ptr<const ValueSet>> Membership::imported(const std::string& canonical) const {
    if (canonical.starts_with('#')) {
        // Contained in the set that names it, or in one of those around that.
        for (auto at = path_.rbegin(); at != path_.rend(); ++at) {
            if (const auto found = (*at)->contained.find(std::string_view(canonical).substr(1)); found != (*at)->contained.end()) return found->second;
        }
        return base::fail(Kind::not_found, "no value set is contained as " + shown(canonical), {}, "not-found");
    }
    const Reference reference(canonical);
    return library_.value_set(reference.url, reference.version);
}

bool Membership::is_excluded(const Include& include) const {
    const auto* excluded = named(versions_.exclude, include.system);
    return excluded != nullptr && (excluded->version.empty() || include.version.empty() || excluded->version == include.version);
}

base::Result<Verdict> Membership::in_system(const Include& include, std::string_view code) {
    if (!include.concepts.empty()) {
        if (include.places.contains(std::string(code))) return sure(true);
        const auto definition = system_of(include);
        if (!definition || (*definition)->case_sensitive) return sure(false);
        return sure(std::any_of(include.concepts.begin(), include.concepts.end(), [&](const Listed& one) { return same_words(one.code, code); }));
    }
    const auto definition = system_of(include);
    if (!definition) {
        if (definition.error().kind != Kind::not_found) return base::pass(definition);
        if (!has_grammar(include.system)) return Verdict{Held::unknown, definition.error().diagnostics};
        const auto held = follows_grammar(include.system, code);
        if (held == Held::no || (held == Held::yes && include.filters.empty())) return Verdict{held, {}};
        return Verdict{Held::unknown, "of " + include.system + " only the form of common codes is known here"};
    }
    const auto* found = (*definition)->find(code);
    const bool complete = (*definition)->complete();
    const auto partly = [&] { return Verdict{Held::unknown, "the code system " + include.system + " is not held here in full (content is " + (*definition)->content + ")"}; };
    if (found == nullptr) return complete ? sure(false) : partly();
    if (!complete && !include.filters.empty()) return partly();
    for (const auto& filter : include.filters) {
        const auto test = FilterTest::make(**definition, filter);
        if (!test) return base::pass(test);
        const auto passed = test->passes(*found);
        if (!passed) return base::pass(passed);
        if (!*passed) return sure(false);
    }
    return sure(true);
}

base::Result<Verdict> Membership::in_imports(const Include& include, std::string_view system, std::string_view code) {
    Verdict all = sure(true);
    for (const auto& canonical : include.value_sets) {
        const auto set = imported(canonical);
        Verdict one;
        if (!set && set.error().kind != Kind::not_found) return base::pass(set);
        if (set) {
            auto verdict = in_set(**set, system, code);
            if (!verdict) return verdict;
            one = std::move(*verdict);
        } else {
            one = Verdict{Held::unknown, set.error().diagnostics};
        }
        if (one.held == Held::no) return one;
        if (one.held == Held::unknown) all = std::move(one);
    }
    return all;
}

base::Result<Verdict> Membership::in_include(const Include& include, std::string_view system, std::string_view code) {
    Verdict own = sure(true);
    if (!include.system.empty()) {
        if (include.system != system || is_excluded(include)) return sure(false);
        auto verdict = in_system(include, code);
        if (!verdict || verdict->held == Held::no) return verdict;
        own = std::move(*verdict);
    }
    auto others = in_imports(include, system, code);
    if (!others || others->held == Held::no) return others;
    return own.held == Held::unknown ? own : std::move(*others);
}

base::Result<Verdict> Membership::in_set(const ValueSet& set, std::string_view system, std::string_view code) {
    if (auto fine = may_enter(set); !fine) return base::pass(fine);
    const Visit visit(*this, set);
    Verdict out = sure(false);
    for (const auto& include : set.include) {
        auto verdict = in_include(include, system, code);
        if (!verdict) return verdict;
        if (verdict->held == Held::no) continue;
        out = std::move(*verdict);
        if (out.held == Held::yes) break;
    }
    if (out.held == Held::no) return out;
    for (const auto& exclude : set.exclude) {
        auto verdict = in_include(exclude, system, code);
        if (!verdict) return verdict;
        if (verdict->held == Held::yes) return sure(false);
        if (verdict->held == Held::unknown) out = std::move(*verdict);
    }
    if (set.inactive) return out;
    const auto definition = library_.code_system(system);
    const auto* found = definition ? (*definition)->find(code) : nullptr;
    return found != nullptr && found->inactive ? sure(false) : out;
}

base::Result<std::vector<std::string>> Membership::systems(const ValueSet& set) {
    if (auto fine = may_enter(set); !fine) return base::pass(fine);
    const Visit visit(*this, set);
    std::vector<std::string> out;
    const auto add = [&](const std::string& system) {
        if (std::find(out.begin(), out.end(), system) == out.end()) out.push_back(system);
    };
    for (const auto& include : set.include) {
        if (!include.system.empty()) {
            add(include.system);
            continue;
        }
        for (const auto& canonical : include.value_sets) {
            const auto inner = imported(canonical);
            if (!inner) continue;
            const auto theirs = systems(**inner);
            if (!theirs) return theirs;
            for (const auto& system : *theirs) add(system);
        }
    }
    return out;
}

}  // namespace terminology
