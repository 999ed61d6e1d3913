// Which codes: the includes one by one, less the excludes.
#include <algorithm>
#include <chrono>
#include <unordered_set>

#include "fhir/terminology/expand.hpp"
#include "fhir/terminology/filter_test.hpp"

namespace terminology {
namespace {

using base::Kind;

base::Error too_costly(std::string sentence) {
    return base::Error{Kind::unprocessable, std::move(sentence), {}, "too-costly"};
}

class Collector {
  public:
    Collector(const Library& library, const SystemVersions& versions, Expansion& out) : membership_(library, versions), out_(out) {}

    base::Result<std::vector<Item>> of_set(const ValueSet& set) {
        if (auto fine = membership_.may_enter(set); !fine) return base::pass(fine);
        const Membership::Visit visit(membership_, set);
        std::vector<Item> items;
        std::unordered_set<std::string> seen;
        for (const auto& include : set.include) {
            auto more = of_include(include);
            if (!more) return more;
            for (auto& item : *more) {
                if (seen.insert(item.system + "|" + item.code).second) items.push_back(std::move(item));
            }
        }
        if (auto done = leave_out(set, items); !done) return base::pass(done);
        return items;
    }

  private:
    base::Status looked(std::size_t count) {
        looked_ += count;
        if (looked_ > kMostLooked) return tl::unexpected(too_costly("this expansion looks at more than " + std::to_string(kMostLooked) + " concepts"));
        if (std::chrono::steady_clock::now() < until_) return {};
        return tl::unexpected(too_costly("this expansion takes longer than " + std::to_string(kMostSeconds) + " s"));
    }

    base::Status leave_out(const ValueSet& set, std::vector<Item>& items) {
        base::Status failed;
        std::erase_if(items, [&](const Item& item) {
            if (!failed) return false;
            if (!set.inactive && item.concept_of != nullptr && item.concept_of->inactive) return true;
            for (const auto& exclude : set.exclude) {
                if (failed = looked(1); !failed) return false;
                const auto verdict = membership_.in_include(exclude, item.system, item.code);
                if (!verdict) failed = base::pass(verdict);
                else if (verdict->held == Held::unknown) failed = base::fail(Kind::not_supported, "what is excluded cannot be told: " + verdict->reason);
                if (!failed) return false;
                if (verdict->held == Held::yes) return true;
            }
            return false;
        });
        return failed;
    }

    base::Result<std::vector<Item>> of_include(const Include& include) {
        if (membership_.is_excluded(include)) return std::vector<Item>{};
        std::vector<std::string> imports = include.value_sets;
        base::Result<std::vector<Item>> items = std::vector<Item>{};
        if (!include.system.empty()) {
            items = include.concepts.empty() ? of_system(include) : of_list(include);
        } else {
            const auto first = imports.front();
            imports.erase(imports.begin());
            const auto set = membership_.imported(first);
            if (!set) return base::pass(set);
            out_.held.push_back(*set);
            items = of_set(**set);
        }
        if (!items || imports.empty()) return items;
        Include rest;
        rest.value_sets = std::move(imports);
        base::Status failed;
        std::erase_if(*items, [&](const Item& item) {
            if (failed) failed = looked(1);
            if (!failed) return false;
            const auto verdict = membership_.in_include(rest, item.system, item.code);
            if (!verdict) failed = base::pass(verdict);
            else if (verdict->held == Held::unknown) failed = base::fail(Kind::not_supported, "the codes cannot be told: " + verdict->reason);
            return failed.has_value() && verdict->held == Held::no;
        });
        if (!failed) return base::pass(failed);
        return items;
    }

    // A listed code needs no code system to be known; where it is, it lends display and properties.
    base::Result<std::vector<Item>> of_list(const Include& include) {
        if (auto fine = looked(include.concepts.size()); !fine) return base::pass(fine);
        const auto definition = membership_.system_of(include);
        if (!definition && definition.error().kind != Kind::not_found) return base::pass(definition);
        if (definition) keep(*definition);
        std::vector<Item> out;
        for (const auto& one : include.concepts) {
            const auto* known = definition ? (*definition)->find(one.code) : nullptr;
            Item item{include.system, definition ? (*definition)->version : include.version, one.code, one.display, definition ? definition->get() : nullptr, known, &one};
            if (item.display.empty() && known != nullptr) item.display = known->display;
            out.push_back(std::move(item));
        }
        return out;
    }

    base::Result<std::vector<Item>> of_system(const Include& include) {
        const auto definition = membership_.system_of(include);
        if (!definition) {
            if (definition.error().kind != Kind::not_found || !has_grammar(include.system)) return base::pass(definition);
            return tl::unexpected(too_costly("the codes of " + include.system + " follow a grammar or stand in a list that is not held here, so they cannot be enumerated; ask $validate-code about one of them"));
        }
        if (!(*definition)->complete()) {
            return base::fail(Kind::not_supported, "the code system " + include.system + " is not held here in full (content is " + (*definition)->content + "), so its codes cannot be listed");
        }
        keep(*definition);
        std::vector<FilterTest> tests;
        for (const auto& filter : include.filters) {
            auto test = FilterTest::make(**definition, filter);
            if (!test) return base::pass(test);
            tests.push_back(std::move(*test));
        }
        if (auto fine = looked((*definition)->concepts().size() * (1 + tests.size())); !fine) return base::pass(fine);
        std::vector<Item> out;
        for (const auto& one : (*definition)->concepts()) {
            bool all = true;
            if (auto fine = looked(0); !fine) return base::pass(fine);
            for (const auto& test : tests) {
                const auto passed = test.passes(one);
                if (!passed) return base::pass(passed);
                all = all && *passed;
            }
            if (all) out.push_back({include.system, (*definition)->version, one.code, one.display, definition->get(), &one, nullptr});
        }
        return out;
    }

    void keep(const std::shared_ptr<const CodeSystem>& system) {
        if (std::find(out_.systems.begin(), out_.systems.end(), system) == out_.systems.end()) out_.systems.push_back(system);
    }

    Membership membership_;
    Expansion& out_;
    std::size_t looked_ = 0;
    std::chrono::steady_clock::time_point until_ = std::chrono::steady_clock::now() + std::chrono::seconds(kMostSeconds);
};

}  // namespace

base::Result<Expansion> expand_codes(const Library& library, const ValueSet& set, const SystemVersions& versions) {
    Expansion out;
    Collector collector(library, versions, out);
    auto items = collector.of_set(set);
    if (!items) return base::pass(items);
    out.items = std::move(*items);
    return out;
}

}  // namespace terminology
