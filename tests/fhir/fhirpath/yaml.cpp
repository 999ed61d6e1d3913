#include "tests/fhir/fhirpath/yaml.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace support {
namespace {

using std::string;
using std::string_view;

std::size_t indent_of(string_view line) {
    return std::min(line.find_first_not_of(' '), line.size());
}
bool blank(string_view line) {
    const auto first = line.find_first_not_of(" \t\r");
    return first == string_view::npos || line[first] == '#';
}
string_view trimmed(string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}
// Of a plain scalar.
string_view without_comment(string_view text) {
    const auto hash = text.find(" #");
    return trimmed(text.starts_with('#') ? string_view() : text.substr(0, hash));
}

json::Value plain_value(string_view text) {
    if (text.empty() || text == "null" || text == "~") return {};
    if (text == "true" || text == "false") return text == "true";
    if (text.find_first_not_of("+-.0123456789eE") == string_view::npos && text.find_first_of("0123456789") != string_view::npos) {
        if (auto number = json::parse(text.substr(text.front() == '+' ? 1 : 0)); number && number->is_number()) return *number;
    }
    return text;
}

// The end of a quoted scalar that begins at 0, behind its quote; npos when it goes on.
std::size_t quoted_end(string_view text) {
    const char quote = text.front();
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (quote == '"' && text[i] == '\\') {
            i += 1;
        } else if (text[i] == quote) {
            if (quote == '"' || i + 1 >= text.size() || text[i + 1] != '\'') return i + 1;
            i += 1;
        }
    }
    return string_view::npos;
}

string unquoted(string_view text) {
    const auto inner = text.substr(1, text.size() - 2);
    if (text.front() == '"') {
        // YAML's escapes are JSON's and some more; the cases use JSON's. A line end that folding made a blank is none.
        const auto parsed = json::parse(text);
        if (!parsed) throw std::runtime_error("an escape that JSON does not have: " + string(text));
        return *parsed->if_string();
    }
    string out;
    for (std::size_t i = 0; i < inner.size(); ++i) {
        out += inner[i];
        if (inner[i] == '\'') i += 1;
    }
    return out;
}

// How deep brackets are open at the end; quotes are passed over.
int open_brackets(string_view text) {
    int depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool starts = i == 0 || string_view(" ,[{:").find(text[i - 1]) != string_view::npos;
        if ((c == '\'' || c == '"') && starts) {
            const auto end = quoted_end(text.substr(i));
            if (end == string_view::npos) return depth + 1;
            i += end - 1;
        }
        if (c == '[' || c == '{') depth += 1;
        if (c == ']' || c == '}') depth -= 1;
        if (depth == 0) return 0;
    }
    return depth;
}

class Flow {
  public:
    explicit Flow(string_view text) : text_(text) {}
    json::Value value() {
        skip();
        if (peek() == '[') return sequence();
        if (peek() == '{') return mapping();
        return scalar();
    }

  private:
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    void skip() {
        while (peek() == ' ' || peek() == '\n') at_ += 1;
    }
    bool take(char c) {
        skip();
        if (peek() != c) return false;
        at_ += 1;
        return true;
    }
    json::Value sequence() {
        json::Array out;
        for (take('['); !take(']');) {
            out.push_back(value());
            if (!take(',') && peek() != ']') throw std::runtime_error("a flow sequence: " + string(text_));
        }
        return out;
    }
    json::Value mapping() {
        json::Object out;
        for (take('{'); !take('}');) {
            const auto key = scalar();
            if (!take(':')) throw std::runtime_error("a flow mapping: " + string(text_));
            out.set(key.is_string() ? *key.if_string() : json::write(key), value());
            if (!take(',') && peek() != '}') throw std::runtime_error("a flow mapping: " + string(text_));
        }
        return out;
    }
    json::Value scalar() {
        skip();
        if (peek() == '\'' || peek() == '"') {
            const auto end = quoted_end(text_.substr(at_));
            if (end == string_view::npos) throw std::runtime_error("a quote that does not end");
            const auto token = text_.substr(at_, end);
            at_ += end;
            return unquoted(token);
        }
        const auto first = at_;
        while (at_ < text_.size() && string_view(",]}").find(text_[at_]) == string_view::npos &&
               !(text_[at_] == ':' && (at_ + 1 == text_.size() || text_[at_ + 1] == ' ')))
            at_ += 1;
        return plain_value(trimmed(text_.substr(first, at_ - first)));
    }

    string_view text_;
    std::size_t at_ = 0;
};

class Block {
  public:
    explicit Block(string_view text) {
        for (std::size_t at = 0; at <= text.size();) {
            const auto end = std::min(text.find('\n', at), text.size());
            string_view line = text.substr(at, end - at);
            if (line.ends_with('\r')) line.remove_suffix(1);
            lines_.emplace_back(line);
            at = end + 1;
        }
    }
    json::Value parse() {
        skip_blank();
        auto out = block();
        skip_blank();
        if (at_ < lines_.size()) throw std::runtime_error("line " + std::to_string(at_ + 1) + ": " + lines_[at_]);
        return out;
    }

  private:
    void skip_blank() {
        while (at_ < lines_.size() && blank(lines_[at_])) at_ += 1;
    }

    // Where the colon of a mapping line stands; npos when it is none.
    static std::size_t colon_of(string_view line) {
        if (line.empty() || line.front() == '[' || line.front() == '{') return string_view::npos;
        std::size_t from = 0;
        if (line.front() == '\'' || line.front() == '"') {
            from = quoted_end(line);
            if (from == string_view::npos || from >= line.size() || line[from] != ':') return string_view::npos;
            return from;
        }
        for (; from < line.size(); ++from) {
            if (line[from] == '#' && from > 0 && line[from - 1] == ' ') return string_view::npos;
            if (line[from] == ':' && (from + 1 == line.size() || line[from + 1] == ' ')) return from;
        }
        return string_view::npos;
    }

    json::Value block() {
        const auto indent = indent_of(lines_[at_]);
        const auto line = string_view(lines_[at_]).substr(indent);
        if (line == "-" || line.starts_with("- ")) return sequence(indent);
        if (colon_of(line) != string_view::npos) return mapping(indent);
        const string rest(line);
        at_ += 1;
        return value(rest, indent == 0 ? 0 : indent - 1);
    }

    json::Value sequence(std::size_t indent) {
        json::Array out;
        for (skip_blank(); at_ < lines_.size() && indent_of(lines_[at_]) == indent; skip_blank()) {
            const auto line = string_view(lines_[at_]).substr(indent);
            if (line != "-" && !line.starts_with("- ")) break;
            const auto rest = trimmed(line.substr(1));
            if (rest.empty() || rest.starts_with('#')) {
                at_ += 1;
                out.push_back(below(indent, false));
            } else if (colon_of(rest) != string_view::npos || rest.starts_with("- ")) {
                lines_[at_] = string(static_cast<std::size_t>(rest.data() - lines_[at_].data()), ' ') +
                              string(rest);  // as if it stood on a line of its own
                out.push_back(block());
            } else {
                const string scalar(rest);
                at_ += 1;
                out.push_back(value(scalar, indent));
            }
        }
        return out;
    }

    json::Value mapping(std::size_t indent) {
        json::Object out;
        for (skip_blank(); at_ < lines_.size() && indent_of(lines_[at_]) == indent; skip_blank()) {
            const string line = lines_[at_].substr(indent);
            const auto colon = colon_of(line);
            if (colon == string_view::npos) break;
            const auto name = trimmed(string_view(line).substr(0, colon));
            const string key = name.front() == '\'' || name.front() == '"' ? unquoted(name) : string(name);
            const auto rest = trimmed(string_view(line).substr(colon + 1));
            at_ += 1;
            out.set(key, rest.empty() || rest.starts_with('#') ? below(indent, true) : value(rest, indent));
        }
        return out;
    }

    // The block under a line of this indent, else null. The items of a sequence in a mapping may stand at its own indent.
    json::Value below(std::size_t indent, bool in_mapping) {
        skip_blank();
        if (at_ >= lines_.size()) return {};
        const auto own = indent_of(lines_[at_]);
        const bool dash = string_view(lines_[at_]).substr(own).starts_with("- ");
        return own > indent || (in_mapping && own == indent && dash) ? block() : json::Value();
    }

    json::Value value(string_view first, std::size_t indent) {
        if (first.front() == '|' || first.front() == '>') return block_scalar(first, indent);
        string text(first);
        if (first.front() == '\'' || first.front() == '"') {
            while (quoted_end(text) == string_view::npos) fold_next(text);
            return unquoted(string_view(text).substr(0, quoted_end(text)));
        }
        if (first.front() == '[' || first.front() == '{') {
            while (open_brackets(text) > 0) fold_next(text);
            return Flow(text).value();
        }
        text = without_comment(first);
        while (at_ < lines_.size() && !blank(lines_[at_]) && indent_of(lines_[at_]) > indent) {
            text += ' ';
            text += without_comment(lines_[at_++]);
        }
        return plain_value(text);
    }

    void fold_next(string& text) {
        if (at_ >= lines_.size()) throw std::runtime_error("the file ends inside of: " + text);
        const auto next = trimmed(lines_[at_++]);
        if (next.empty())
            text += "\n";
        else
            text += (text.ends_with('\n') ? "" : " ") + string(next);
    }

    json::Value block_scalar(string_view head, std::size_t indent) {
        const bool folded = head.front() == '>';
        string out;
        std::size_t own = 0;
        for (; at_ < lines_.size(); ++at_) {
            const auto& line = lines_[at_];
            const bool empty = trimmed(line).empty();
            if (!empty && indent_of(line) <= indent) break;
            if (own == 0 && !empty) own = indent_of(line);
            if (!out.empty() || !empty) out += (empty ? string() : line.substr(own)) + (folded && !empty ? " " : "\n");
        }
        while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
        return head.substr(0, 2) == "|-" || head.substr(0, 2) == ">-" ? out : out + "\n";
    }

    std::vector<string> lines_;
    std::size_t at_ = 0;
};

}  // namespace

base::Result<json::Value> parse_yaml(string_view text) {
    try {
        return Block(text).parse();
    } catch (const std::runtime_error& e) {
        return base::fail(base::Kind::invalid, e.what());
    }
}

}  // namespace support
