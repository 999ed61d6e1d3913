// How the codes are told: filtered, paged, nested, with designations (R4 valueset.html#expansion).
#include "fhir/terminology/expand.hpp"

#include <algorithm>
#include <unordered_map>

namespace terminology {
namespace {

using base::Kind;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool contains(std::string_view text, std::string_view word) {
    return std::search(text.begin(), text.end(), word.begin(), word.end(), [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}
std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> out;
    while (true) {
        const auto start = text.find_first_not_of(" \t");
        if (start == std::string_view::npos) return out;
        text.remove_prefix(start);
        const auto end = std::min(text.find_first_of(" \t"), text.size());
        out.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
}

// The designations that stand in the set itself go before those of the system.
std::vector<const Designation*> designations_of(const Item& item) {
    std::vector<const Designation*> out;
    if (item.listed != nullptr) {
        for (const auto& one : item.listed->designations) out.push_back(&one);
    }
    if (item.concept_of != nullptr) {
        for (const auto& one : item.concept_of->designations) out.push_back(&one);
    }
    return out;
}

bool matches(const Item& item, const std::vector<std::string_view>& words) {
    const auto others = designations_of(item);
    return std::all_of(words.begin(), words.end(), [&](std::string_view word) {
        return contains(item.code, word) || contains(item.display, word) || std::any_of(others.begin(), others.end(), [&](const Designation* d) { return contains(d->value, word); });
    });
}

std::string display_of(const Item& item, const std::string& language) {
    if (language.empty()) return item.display;
    Concept all;
    all.display = item.display;
    for (const auto* one : designations_of(item)) all.designations.push_back(*one);
    return std::string(all.display_in(language));
}

// A token for a language ("de", "urn:ietf:bcp:47|de") or a use ("http://snomed.info/sct|900000000000013009").
bool is_named(const Designation& one, std::string_view token) {
    const auto bar = token.find('|');
    if (bar == std::string_view::npos) return one.language == token;
    if (token.substr(0, bar) == kLanguages) return one.language == token.substr(bar + 1);
    return one.use.text("system") == token.substr(0, bar) && one.use.text("code") == token.substr(bar + 1);
}

json::Value told(const Item& item, const ExpandOptions& options) {
    json::Object out;
    out.set("system", item.system);
    if (item.concept_of != nullptr && item.concept_of->abstract) out.set("abstract", true);
    if (item.concept_of != nullptr && item.concept_of->inactive) out.set("inactive", true);
    if (!item.version.empty()) out.set("version", item.version);
    out.set("code", item.code);
    if (const auto display = display_of(item, options.language); !display.empty()) out.set("display", display);
    if (!options.include_designations) return out;
    json::Array designations;
    for (const auto* one : designations_of(item)) {
        if (!options.designations.empty() && !std::any_of(options.designations.begin(), options.designations.end(), [&](const std::string& token) { return is_named(*one, token); })) continue;
        json::Object designation;
        if (!one->language.empty()) designation.set("language", one->language);
        if (!one->use.is_null()) designation.set("use", one->use);
        designation.set("value", one->value);
        designations.emplace_back(std::move(designation));
    }
    if (!designations.empty()) out.set("designation", std::move(designations));
    return out;
}

// Codes below the first of their parents that is in the expansion too.
class Nesting {
  public:
    Nesting(const std::vector<Item>& items, const ExpandOptions& options) : items_(items), options_(options), below_(items.size()) {
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (items[i].concept_of != nullptr) places_.emplace(items[i].concept_of, i);
        }
        std::vector<int> depths(items.size(), 0);
        for (std::size_t i = 0; i < items.size(); ++i) {
            const auto parent = parent_of(i);
            const bool deeper = parent && depths[*parent] + 1 < kDeepest;
            if (deeper) depths[i] = depths[*parent] + 1;
            (deeper ? below_[*parent] : roots_).push_back(i);
        }
    }
    json::Array tree() const { return level(roots_); }

  private:
    // What hangs lower is told at the top again: a reader's stack has its end, and the codes are all there.
    static constexpr int kDeepest = 64;

    // Only one that stands earlier in the list counts, so that circles in the data end here.
    std::optional<std::size_t> parent_of(std::size_t i) const {
        const auto& item = items_[i];
        if (item.concept_of == nullptr || item.definition == nullptr) return std::nullopt;
        for (const auto place : item.concept_of->parents) {
            const auto found = places_.find(&item.definition->concepts()[place]);
            if (found != places_.end() && found->second < i) return found->second;
        }
        return std::nullopt;
    }
    json::Array level(const std::vector<std::size_t>& places) const {
        json::Array out;
        for (const auto place : places) {
            auto one = told(items_[place], options_);
            if (!below_[place].empty()) one.if_object()->set("contains", level(below_[place]));
            out.push_back(std::move(one));
        }
        return out;
    }

    const std::vector<Item>& items_;
    const ExpandOptions& options_;
    std::unordered_map<const Concept*, std::size_t> places_;
    std::vector<std::vector<std::size_t>> below_;
    std::vector<std::size_t> roots_;
};

void narrow(std::vector<Item>& items, const ExpandOptions& options) {
    const auto words = words_of(options.filter);
    std::erase_if(items, [&](const Item& item) {
        const auto* one = item.concept_of;
        if (one != nullptr && ((options.active_only && one->inactive) || (options.for_ui && one->abstract))) return true;
        return !words.empty() && !matches(item, words);
    });
}

json::Array parameters_of(const Expansion& expansion, const ExpandOptions& options) {
    auto out = options.parameters;
    for (const auto& system : expansion.systems) {
        json::Object one;
        one.set("name", "version");
        one.set("valueUri", system->version.empty() ? system->url : system->url + "|" + system->version);
        out.emplace_back(std::move(one));
    }
    return out;
}

json::Array page_of(const std::vector<Item>& items, const ExpandOptions& options) {
    const bool whole = options.offset == 0 && !options.count;
    if (whole && options.nested && options.filter.empty()) return Nesting(items, options).tree();
    json::Array out;
    const auto first = std::min(options.offset, items.size());
    const auto last = options.count ? first + std::min(*options.count, items.size() - first) : items.size();
    for (auto i = first; i < last; ++i) out.push_back(told(items[i], options));
    return out;
}

}  // namespace

base::Result<json::Value> expand(const Library& library, const ValueSet& set, const ExpandOptions& options) {
    auto expansion = expand_codes(library, set, options.versions);
    if (!expansion) return base::pass(expansion);
    auto& items = expansion->items;
    narrow(items, options);
    const auto left = items.size() - std::min(options.offset, items.size());
    if (std::min(options.count.value_or(SIZE_MAX), left) > kMostCodes) {
        return base::fail(Kind::unprocessable, "the expansion has " + std::to_string(items.size()) + " codes; at most " + std::to_string(kMostCodes) + " are answered at once: page with offset and count, or narrow it with filter",
                          {}, "too-costly");
    }
    json::Object inner;
    inner.set("identifier", options.identifier);
    inner.set("timestamp", options.timestamp);
    inner.set("total", json::Value::number(static_cast<std::int64_t>(items.size())));
    if (options.offset > 0 || options.count) inner.set("offset", json::Value::number(static_cast<std::int64_t>(options.offset)));
    if (auto parameters = parameters_of(*expansion, options); !parameters.empty()) inner.set("parameter", std::move(parameters));
    if (auto page = page_of(items, options); !page.empty()) inner.set("contains", std::move(page));
    json::Value out = set.head;
    auto* members = out.if_object();
    if (!out.find("status")) members->set("status", "active");
    if (options.include_definition && !set.compose.is_null()) members->set("compose", set.compose);
    members->set("expansion", std::move(inner));
    return out;
}

}  // namespace terminology
