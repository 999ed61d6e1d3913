// Our own reader of RFC 8259, not nlohmann's: that one refuses 1E400, takes a NUL byte for the end of the text and ignores what
// follows it, and writes the decimal point of the process's locale into numbers. It is also half as fast. README.md has the figures;
// the fuzz target compares the two.
#include "storage/base/encoding.hpp"
#include "storage/base/json.hpp"
#include "storage/base/json_scanner.hpp"

#include <algorithm>
#include <optional>

namespace json {
namespace {

using base::Kind;

// Above this many members an object is searched for duplicate keys once, by sorting, when it ends: a hostile object of a million
// members costs n log n, and no choice of keys makes it worse, as it would a hash table.
constexpr std::size_t kLinearKeys = 24;
constexpr std::size_t kShownKeyBytes = 64;
constexpr std::size_t kShownPlaceBytes = 512;

class Reader {
  public:
    Reader(std::string_view text, const Limits& limits) : scan_(text), limits_(limits) {}

    base::Result<Value> document() {
        Value root;
        if (value(root, nullptr)) {
            scan_.next();
            if (scan_.at_end()) return root;
            broken("the text goes on after its value", nullptr);
        }
        return tl::unexpected(std::move(*error_));
    }

  private:
    // The way from the root to the container that is being read. Its last element or member is the one at hand.
    struct Level {
        const Level* up;
        const Value* container;
        std::size_t depth;
    };

    bool value(Value& out, const Level* up) {
        const char c = scan_.next();
        if (scan_.at_end()) return broken("the text ends where a value is expected", up);
        if (++values_ > limits_.values)
            return refuse(Kind::too_large, "more than " + std::to_string(limits_.values) + " JSON values", place(up));
        switch (c) {
            case '{':
                return object(out, up);
            case '[':
                return array(out, up);
            case '"': {
                std::string text;
                if (const char* wrong = scan_.string(text)) return broken(wrong, up);
                out = Value(std::move(text));
                return true;
            }
            case 't':
                return scan_.take_word("true") ? (out = Value(true), true) : broken("a value is expected", up);
            case 'f':
                return scan_.take_word("false") ? (out = Value(false), true) : broken("a value is expected", up);
            case 'n':
                return scan_.take_word("null") || broken("a value is expected", up);  // `out` is null from the start
            default:
                break;
        }
        if (c != '-' && (c < '0' || c > '9')) return broken("a value is expected", up);
        Number number;
        if (const char* wrong = scan_.number(number.text)) return broken(wrong, up);
        out = Value(std::move(number));
        return true;
    }

    bool array(Value& out, const Level* up) {
        out = Value(Array{});
        auto& items = *out.if_array();
        const Level here{up, &out, up == nullptr ? 1 : up->depth + 1};
        if (!enter(here)) return false;
        scan_.take('[');
        if (scan_.take(']')) return true;
        do {
            if (!value(items.emplace_back(), &here)) return false;
        } while (scan_.take(','));
        return scan_.take(']') || broken("',' or ']' is expected", &here);
    }

    bool object(Value& out, const Level* up) {
        out = Value(Object{});
        auto& members = out.if_object()->members();
        const Level here{up, &out, up == nullptr ? 1 : up->depth + 1};
        if (!enter(here)) return false;
        scan_.take('{');
        if (scan_.take('}')) return true;
        do {
            if (scan_.next() != '"') return broken("a member name in quotes is expected", &here);
            // A reference stays good while the member's value is read: nothing is added to `members` meanwhile.
            auto& [key, item] = members.emplace_back();
            if (const char* wrong = scan_.string(key)) return broken(wrong, &here);
            if (members.size() <= kLinearKeys && seen_before(members, key)) return duplicate(key, here);
            if (!scan_.take(':')) return broken("':' is expected", &here);
            if (!value(item, &here)) return false;
        } while (scan_.take(','));
        if (!scan_.take('}')) return broken("',' or '}' is expected", &here);
        return members.size() <= kLinearKeys || all_differ(members, here);
    }

    static bool seen_before(const std::vector<Member>& members, const std::string& key) {
        return std::any_of(members.begin(), members.end() - 1, [&key](const Member& m) { return m.first == key; });
    }
    bool all_differ(const std::vector<Member>& members, const Level& here) {
        std::vector<std::string_view> keys;
        keys.reserve(members.size());
        for (const auto& member : members) keys.push_back(member.first);
        std::sort(keys.begin(), keys.end());
        const auto twice = std::adjacent_find(keys.begin(), keys.end());
        return twice == keys.end() || duplicate(*twice, here);
    }

    bool enter(const Level& here) {
        if (here.depth <= limits_.depth) return true;
        return refuse(Kind::too_large, "JSON nested deeper than " + std::to_string(limits_.depth) + " levels", place(here.up));
    }
    bool duplicate(std::string_view key, const Level& here) {
        const auto shown = base::utf8_prefix(key, kShownKeyBytes);
        return refuse(Kind::invalid, "duplicate key '" + std::string(shown) + "'", place(&here, shown));
    }
    bool broken(const char* reason, const Level* level) {
        const auto [line, column] = scan_.position();
        const auto where = "line " + std::to_string(line) + ", column " + std::to_string(column);
        return refuse(Kind::invalid, "JSON is broken at " + where + ": " + reason, place(level));
    }
    bool refuse(Kind kind, std::string diagnostics, std::vector<std::string> place) {
        error_ = base::Error{kind, std::move(diagnostics), std::move(place), {}};
        return false;
    }

    // Where in the document we are, as a FHIRPath-like place: Patient.name[0].given[1]. `key` stands in for the last member's.
    static std::vector<std::string> place(const Level* level, std::string_view key = {}) {
        std::vector<const Value*> containers;
        for (; level != nullptr; level = level->up) containers.push_back(level->container);
        std::string out(containers.empty() ? std::string_view{}
                                           : base::utf8_prefix(containers.back()->text("resourceType"), kShownKeyBytes));
        for (auto at = containers.rbegin(); at != containers.rend() && out.size() < kShownPlaceBytes; ++at) {
            if (const auto* items = (*at)->if_array()) {
                if (!items->empty()) out += '[' + std::to_string(items->size() - 1) + ']';
            } else if (const auto* object = (*at)->if_object(); !object->empty()) {
                if (!out.empty()) out += '.';
                const bool innermost = at + 1 == containers.rend();
                out += innermost && !key.empty() ? key : base::utf8_prefix((object->end() - 1)->first, kShownKeyBytes);
            }
        }
        if (out.empty()) return {};
        return {std::move(out)};
    }

    Scanner scan_;
    const Limits& limits_;
    std::optional<base::Error> error_;
    std::size_t values_ = 0;
};

}  // namespace

base::Result<Value> parse(std::string_view text, const Limits& limits) {
    if (text.size() > limits.bytes) return base::fail(Kind::too_large, "JSON text larger than " + std::to_string(limits.bytes) + " bytes");
    if (text.starts_with("\xef\xbb\xbf"))
        return base::fail(Kind::invalid, "JSON text starts with a byte order mark (RFC 8259 section 8.1)");
    return Reader(text, limits).document();
}

}  // namespace json
