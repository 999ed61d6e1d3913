// nlohmann's lexer and grammar, our tree. Its own DOM is not used: it turns 1.10 into 1.1 and swallows duplicate keys.
#include <algorithm>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "storage/base/json.hpp"

namespace json {
namespace {

using base::Kind;

// Above this many members an object gets a hash set for its keys, so that a hostile object costs linear time.
constexpr std::size_t kLinearKeys = 24;

class TreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
  public:
    TreeBuilder(std::string_view text, const Limits& limits) : text_(text), limits_(limits) {}

    bool null() override { return put(Value()); }
    bool boolean(bool v) override { return put(Value(v)); }
    // Negative integers come here; the only one that arrives as 0 was written -0.
    bool number_integer(number_integer_t v) override { return put(Value(Number{v == 0 ? "-0" : std::to_string(v)})); }
    bool number_unsigned(number_unsigned_t v) override { return put(Value(Number{std::to_string(v)})); }
    bool number_float(number_float_t, const string_t& written) override { return put(Value(Number{written})); }
    bool string(string_t& v) override { return put(Value(std::move(v))); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(Value(Object{})); }
    bool start_array(std::size_t) override { return open(Value(Array{})); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        auto& frame = frames_.back();
        const auto& object = *frame.value.if_object();
        if (object.size() == kLinearKeys) {
            for (const auto& [present, unused] : object) frame.keys.insert(present);
        }
        const bool duplicate = object.size() < kLinearKeys ? object.find(name) != nullptr : !frame.keys.insert(name).second;
        frame.key = std::move(name);
        if (duplicate) return refuse(Kind::invalid, "duplicate key '" + frame.key.substr(0, 64) + "'");
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& e) override {
        const auto end = std::min(position == 0 ? 0 : position - 1, text_.size());
        const auto before = text_.substr(0, end);
        const auto line = std::count(before.begin(), before.end(), '\n') + 1;
        const auto last = before.rfind('\n');
        const auto column = last == std::string_view::npos ? end + 1 : end - last;
        refuse(Kind::invalid, "JSON is broken at line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + reason(e.what()));
        return false;
    }

    base::Result<Value> take(bool done) {
        if (error_) return tl::unexpected(std::move(*error_));
        if (!done || !root_) return base::fail(Kind::invalid, "JSON text is incomplete");
        return std::move(*root_);
    }

  private:
    struct Frame {
        Value value;
        std::string key;
        std::unordered_set<std::string> keys;
    };

    // nlohmann's messages quote what was read last, which may be personal data: keep the grammar part alone.
    static std::string reason(std::string_view what) {
        const auto colon = what.find(" - ");
        const auto quoted = what.find("; last read");
        const auto expected = what.rfind("; expected ");
        std::string out(colon == std::string_view::npos ? what.substr(what.find(']') + 1) : what.substr(colon + 3, quoted - colon - 3));
        if (quoted != std::string_view::npos && expected != std::string_view::npos && expected > quoted) out += what.substr(expected);
        return out.substr(0, 160);
    }

    bool put(Value value) {
        if (++values_ > limits_.values) return refuse(Kind::too_large, "more than " + std::to_string(limits_.values) + " JSON values");
        if (frames_.empty()) {
            root_ = std::move(value);
            return true;
        }
        auto& frame = frames_.back();
        if (auto* array = frame.value.if_array()) {
            array->push_back(std::move(value));
        } else {
            frame.value.if_object()->members().emplace_back(std::move(frame.key), std::move(value));
            frame.key.clear();
        }
        return true;
    }
    bool open(Value container) {
        if (frames_.size() >= limits_.depth) return refuse(Kind::too_large, "JSON nested deeper than " + std::to_string(limits_.depth) + " levels");
        frames_.push_back(Frame{std::move(container), {}, {}});
        return true;
    }
    bool close() {
        auto value = std::move(frames_.back().value);
        frames_.pop_back();
        return put(std::move(value));
    }
    bool refuse(Kind kind, std::string diagnostics) {
        if (!error_) error_ = base::Error{kind, std::move(diagnostics), place(), {}};
        return false;
    }
    // Where in the document we are, as a FHIRPath-like place: Patient.name[0].given[1].
    std::vector<std::string> place() const {
        std::string out;
        if (!frames_.empty()) out = frames_.front().value.text("resourceType");
        for (const auto& frame : frames_) {
            if (const auto* array = frame.value.if_array()) {
                out += '[' + std::to_string(array->size()) + ']';
            } else if (!frame.key.empty()) {
                if (!out.empty()) out += '.';
                out += frame.key.substr(0, 64);
            }
            if (out.size() > 512) break;
        }
        if (out.empty()) return {};
        return {std::move(out)};
    }

    std::string_view text_;
    Limits limits_;
    std::vector<Frame> frames_;
    std::optional<Value> root_;
    std::optional<base::Error> error_;
    std::size_t values_ = 0;
};

}  // namespace

base::Result<Value> parse(std::string_view text, const Limits& limits) {
    if (text.size() > limits.bytes) return base::fail(Kind::too_large, "JSON text larger than " + std::to_string(limits.bytes) + " bytes");
    if (text.starts_with("\xef\xbb\xbf")) return base::fail(Kind::invalid, "JSON text starts with a byte order mark (RFC 8259 section 8.1)");
    TreeBuilder builder(text, limits);
    const bool done = nlohmann::json::sax_parse(text.begin(), text.end(), &builder);
    return builder.take(done);
}

}  // namespace json
