#include "storage/base/json.hpp"

#include <cstring>

namespace json {
namespace {

// Does one of the eight bytes need an escape? Bit tricks: https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord
bool escapes(const char* eight) {
    constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
    std::uint64_t word = 0;
    std::memcpy(&word, eight, sizeof word);
    const auto zero_in = [](std::uint64_t w) { return (w - kOnes) & ~w; };
    return (((word - kOnes * 0x20) & ~word) | zero_in(word ^ kOnes * '"') | zero_in(word ^ kOnes * '\\')) & kHigh;
}

}  // namespace

void write_string(std::string_view text, std::string& out) {
    out += '"';
    std::size_t from = 0;  // start of the run that needs no escape
    for (std::size_t i = 0; i < text.size(); ++i) {
        while (i + 8 < text.size() && !escapes(text.data() + i)) i += 8;
        const auto c = static_cast<unsigned char>(text[i]);
        if (c >= 0x20 && c != '"' && c != '\\') continue;
        out.append(text, from, i - from);
        from = i + 1;
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\b': out += "\\b"; break;
            case '\f': out += "\\f"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                out += "\\u00";
                out += "0123456789abcdef"[c >> 4];
                out += "0123456789abcdef"[c & 15];
        }
    }
    out.append(text, from, text.size() - from);
    out += '"';
}

namespace {

// indent < 0: canonical, on one line.
struct Printer {
    std::string& out;
    bool pretty;
    int depth = 0;

    void line() {
        if (!pretty) return;
        out += '\n';
        out.append(static_cast<std::size_t>(depth) * 2, ' ');
    }
    void print(const Value& value) {
        if (const auto* text = value.if_string()) return write_string(*text, out);
        if (const auto* number = value.if_number()) {
            out += number->text;
        } else if (const auto* flag = value.if_bool()) {
            out += *flag ? "true" : "false";
        } else if (const auto* array = value.if_array()) {
            print_array(*array);
        } else if (const auto* object = value.if_object()) {
            print_object(*object);
        } else {
            out += "null";
        }
    }
    void print_array(const Array& array) {
        out += '[';
        ++depth;
        bool first = true;
        for (const auto& item : array) {
            if (!first) out += ',';
            first = false;
            line();
            print(item);
        }
        --depth;
        if (!first) line();
        out += ']';
    }
    void print_object(const Object& object) {
        out += '{';
        ++depth;
        bool first = true;
        for (const auto& [key, item] : object) {
            if (!first) out += ',';
            first = false;
            line();
            write_string(key, out);
            out += pretty ? ": " : ":";
            print(item);
        }
        --depth;
        if (!first) line();
        out += '}';
    }
};

}  // namespace

void write(const Value& value, std::string& out) {
    Printer{out, false}.print(value);
}
std::string write(const Value& value) {
    std::string out;
    write(value, out);
    return out;
}
std::string write_pretty(const Value& value) {
    std::string out;
    Printer{out, true}.print(value);
    out += '\n';
    return out;
}

}  // namespace json
