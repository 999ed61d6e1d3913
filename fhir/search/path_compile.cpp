// Recursive descent over the expression; types are followed while it is read, so that evaluation only walks members.
#include "fhir/definitions/definitions.hpp"
#include "fhir/definitions/elements.hpp"
#include "fhir/search/path_expression.hpp"

#include <algorithm>
#include <cctype>

namespace search {
namespace {

using Path = PathExpression::Path;
using Step = PathExpression::Step;

class Compiler {
  public:
    Compiler(std::string_view text, std::string_view type) : rest_(text), type_(type) {}

    base::Result<std::vector<Path>> run() {
        auto paths = union_of();
        if (paths && !at_end()) return unsupported();
        return paths;
    }

  private:
    // A path while it is built: the groups that its end can be in. `foreign`: it belongs to another resource type.
    struct Open {
        Path path;
        bool foreign = false;
    };
    using Opens = std::vector<Open>;

    tl::unexpected<base::Error> unsupported() const {
        return base::fail(base::Kind::not_supported, "search expression not understood at '" + std::string(rest_.substr(0, 40)) + "'");
    }

    void skip_space() {
        while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front())) != 0) rest_.remove_prefix(1);
    }
    bool at_end() {
        skip_space();
        return rest_.empty();
    }
    bool take(std::string_view token) {
        skip_space();
        if (!rest_.starts_with(token)) return false;
        rest_.remove_prefix(token.size());
        return true;
    }
    static bool is_name_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
    bool take_word(std::string_view word) {
        skip_space();
        if (!rest_.starts_with(word) || (rest_.size() > word.size() && is_name_char(rest_[word.size()]))) return false;
        rest_.remove_prefix(word.size());
        return true;
    }
    std::string_view name() {
        skip_space();
        std::size_t n = 0;
        while (n < rest_.size() && is_name_char(rest_[n])) ++n;
        const auto out = rest_.substr(0, n);
        rest_.remove_prefix(n);
        return out;
    }

    base::Result<std::vector<Path>> union_of() {
        std::vector<Path> out;
        do {
            auto opens = conjunction();
            if (!opens) return base::pass(opens);
            for (auto& open : *opens) {
                if (!open.foreign) out.push_back(std::move(open.path));
            }
        } while (take("|"));
        if (out.empty()) return base::fail(base::Kind::not_found, "the search expression has no part for " + std::string(type_));
        return out;
    }

    base::Result<Opens> conjunction() {
        auto first = comparison();
        while (first && take_word("and")) {
            auto next = comparison();
            if (!next) return next;
            if (first->size() != 1 || next->size() != 1 || (*first)[0].path.test == Path::Test::none ||
                (*next)[0].path.test == Path::Test::none) {
                return unsupported();
            }
            (*first)[0].path.also.push_back(std::move((*next)[0].path));
        }
        return first;
    }

    base::Result<Opens> comparison() {
        auto opens = primary();
        if (!opens) return opens;
        if (take("!=")) {
            if (!take_word("false") || opens->size() != 1) return unsupported();
            (*opens)[0].path.test = Path::Test::not_false;
        } else if (take_word("as")) {
            if (const auto cast = as_type(*opens, name()); !cast) return base::pass(cast);
        }
        return opens;
    }

    base::Result<Opens> primary() {
        Opens opens;
        if (take("(")) {
            if (nesting_ == kDeepest) return unsupported();
            nesting_ += 1;
            do {
                auto inner = conjunction();
                if (!inner) return inner;
                std::move(inner->begin(), inner->end(), std::back_inserter(opens));
            } while (take("|"));
            nesting_ -= 1;
            if (!take(")")) return unsupported();
        } else {
            const auto first = name();
            if (first.empty()) return unsupported();
            Open open;
            if (std::isupper(static_cast<unsigned char>(first.front())) != 0) {
                open.foreign = first != type_ && first != "Resource" && first != "DomainResource";
            } else if (const auto stepped = member(open, first); !stepped) {
                return base::pass(stepped);
            }
            opens.push_back(std::move(open));
        }
        while (true) {
            skip_space();
            if (take(".")) {
                if (const auto stepped = step(opens); !stepped) return base::pass(stepped);
            } else if (take("[")) {
                const auto digits = name();
                if (digits.empty() || digits.size() > 6 ||
                    !std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isdigit(c) != 0; }) || !take("]")) {
                    return unsupported();
                }
                Step index;
                index.kind = Step::Kind::index;
                index.index = std::stoul(std::string(digits));
                append(opens, index);
            } else {
                return opens;
            }
        }
    }

    base::Status step(Opens& opens) {
        const auto word = name();
        if (word.empty()) return unsupported();
        if (!take("(")) {
            for (auto& open : opens) {
                if (const auto stepped = member(open, word); !stepped) return stepped;
            }
            return {};
        }
        if (word == "exists") {
            for (auto& open : opens) open.path.test = Path::Test::exists;
        } else if (word == "as" || word == "ofType") {
            if (const auto cast = as_type(opens, name()); !cast) return cast;
        } else if (word == "where") {
            if (const auto filtered = where(opens); !filtered) return filtered;
        } else {
            return unsupported();
        }
        if (!take(")")) return unsupported();
        return {};
    }

    base::Status where(Opens& opens) {
        Step filter;
        const auto word = name();
        if (word == "resolve" && take("(") && take(")") && take_word("is")) {
            filter.kind = Step::Kind::resolves_to;
            filter.text = std::string(name());
            if (!definitions::is_resource_type(filter.text)) return unsupported();
        } else if (!word.empty() && take("=") && take("'")) {
            const auto end = rest_.find('\'');
            if (end == std::string_view::npos) return unsupported();
            filter.kind = Step::Kind::equals;
            filter.name = std::string(word);
            filter.text = std::string(rest_.substr(0, end));
            rest_.remove_prefix(end + 1);
        } else {
            return unsupported();
        }
        append(opens, filter);
        return {};
    }

    static void append(Opens& opens, const Step& step) {
        for (auto& open : opens) open.path.steps.push_back(step);
    }

    // The groups at the end of an open path: those of the last member step, or the resource itself.
    std::vector<const definitions::Group*> groups_of(const Open& open) const {
        const auto last =
            std::find_if(open.path.steps.rbegin(), open.path.steps.rend(), [](const Step& s) { return s.kind == Step::Kind::member; });
        if (last == open.path.steps.rend()) return {definitions::group(type_)};
        std::vector<const definitions::Group*> out;
        for (const auto& place : last->places) {
            if (const auto* group = definitions::group(place.type)) out.push_back(group);
        }
        return out;
    }

    base::Status member(Open& open, std::string_view word) {
        if (open.foreign) return {};
        Step next;
        for (const auto* group : groups_of(open)) {
            const auto* element = group == nullptr ? nullptr : definitions::element(*group, word);
            if (element == nullptr) continue;
            for (const auto& type : element->types) {
                std::string json_name(element->name);
                if (element->choice) {
                    json_name += static_cast<char>(std::toupper(static_cast<unsigned char>(type.code.front())));
                    json_name += type.code.substr(1);
                }
                PathExpression::Place place{std::move(json_name), type.code};
                if (std::find(next.places.begin(), next.places.end(), place) == next.places.end()) next.places.push_back(std::move(place));
                // A plain element has one JSON member whatever the number of its types.
                if (!element->choice) break;
            }
        }
        if (next.places.empty())
            return base::fail(base::Kind::not_supported, std::string(type_) + " has no element '" + std::string(word) + "' there");
        open.path.steps.push_back(std::move(next));
        return {};
    }

    // Narrows the choice that the path ends in; a cast to a type that the choice does not have can never give a value.
    base::Status as_type(Opens& opens, std::string_view type) {
        for (auto& open : opens) {
            if (open.foreign) continue;
            if (open.path.steps.empty() || open.path.steps.back().kind != Step::Kind::member) return unsupported();
            auto& places = open.path.steps.back().places;
            std::erase_if(places, [&](const PathExpression::Place& place) { return place.type != type; });
            if (places.empty())
                return base::fail(base::Kind::not_supported, "the element cannot be of the type '" + std::string(type) + "'");
        }
        return {};
    }

    static constexpr int kDeepest = 32;  // parentheses in parentheses; R4's expressions have two
    std::string_view rest_, type_;
    int nesting_ = 0;
};

}  // namespace

base::Result<PathExpression> PathExpression::compile(std::string_view expression, std::string_view type) {
    const auto* group = definitions::group(type);
    if (group == nullptr) return base::fail(base::Kind::not_supported, "R4 has no type '" + std::string(type) + "'");
    // The type's own name outlives the expression: places keep views of the tables only.
    auto paths = Compiler(expression, group->name).run();
    if (!paths) return base::pass(paths);
    PathExpression out;
    out.type_ = group->name;
    out.paths_ = std::move(*paths);
    return out;
}

}  // namespace search
