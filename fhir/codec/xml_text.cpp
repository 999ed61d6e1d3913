#include "fhir/codec/xml_text.hpp"

#include "fhir/definitions/xhtml_entities.hpp"

#include <algorithm>
#include <array>

namespace codec {
namespace {

enum class Form { literal, number, text };

Form form_of(std::string_view type) {
    if (type == "boolean") return Form::literal;
    if (type == "decimal" || type == "integer" || type == "positiveInt" || type == "unsignedInt") return Form::number;
    return Form::text;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// RFC 8259 section 6; R4's decimal and integer allow nothing more, but for a plus sign in front of an integer.
bool is_json_number(std::string_view text, bool whole) {
    std::size_t i = 0;
    const auto digits = [&] {
        const auto from = i;
        while (i < text.size() && is_digit(text[i])) ++i;
        return i - from;
    };
    if (i < text.size() && text[i] == '-') ++i;
    const auto first = i;
    const auto count = digits();
    if (count == 0 || (count > 1 && text[first] == '0')) return false;
    if (whole) return i == text.size();
    if (i < text.size() && text[i] == '.') {
        ++i;
        if (digits() == 0) return false;
    }
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
        if (digits() == 0) return false;
    }
    return i == text.size();
}

template <class Reference>
void append_escaped(std::string_view text, std::string& out, const Reference& reference) {
    std::size_t from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::string_view instead = reference(text[i]);
        if (instead.empty()) continue;
        out.append(text.substr(from, i - from)).append(instead);
        from = i + 1;
    }
    out.append(text.substr(from));
}

}  // namespace

void append_utf8(std::u16string_view utf16, std::string& out) {
    for (std::size_t i = 0; i < utf16.size(); ++i) {
        char32_t c = utf16[i];
        if (c >= 0xd800 && c < 0xdc00 && i + 1 < utf16.size()) c = 0x10000 + ((c - 0xd800) << 10) + (utf16[++i] - 0xdc00u);
        if (c < 0x80) {
            out += static_cast<char>(c);
            continue;
        }
        const int tail = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        constexpr std::array<int, 4> kLead{0, 0xc0, 0xe0, 0xf0};
        out += static_cast<char>(kLead[tail] | static_cast<int>(c >> (6 * tail)));
        for (int shift = 6 * (tail - 1); shift >= 0; shift -= 6) out += static_cast<char>(0x80 | ((c >> shift) & 0x3f));
    }
}

namespace {

// XML 1.0 section 2.4, and a carriage return, which a reader would turn into a line feed (section 2.11).
std::string_view escape_in_text(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '\r':
            return "&#13;";
        default:
            return {};
    }
}

// Also what section 3.3.3 would turn into spaces.
std::string_view escape_in_attribute(char c) {
    switch (c) {
        case '"':
            return "&quot;";
        case '\t':
            return "&#9;";
        case '\n':
            return "&#10;";
        default:
            return escape_in_text(c);
    }
}

}  // namespace

void append_attribute(std::string_view text, std::string& out) {
    append_escaped(text, out, escape_in_attribute);
}

void append_text(std::string_view text, std::string& out) {
    append_escaped(text, out, escape_in_text);
}

namespace {

constexpr std::string_view kOfXml[] = {"amp", "lt", "gt", "quot", "apos"};

// Of the '&' at `at`: the length of "&name;" and its character when only XHTML knows the name; 0 when it stays as it is.
std::size_t html_entity(std::string_view text, std::size_t at, char16_t& character) {
    const auto end = text.find(';', at);
    if (end == std::string_view::npos) return 0;
    const auto name = text.substr(at + 1, end - at - 1);
    if (std::find(std::begin(kOfXml), std::end(kOfXml), name) != std::end(kOfXml)) return 0;
    character = definitions::xhtml_entity(name);
    return character == 0 ? 0 : end + 1 - at;
}

}  // namespace

std::string without_html_entities(std::string_view xhtml) {
    std::string out;
    std::size_t from = 0;
    for (auto at = xhtml.find_first_of("<&"); at != std::string_view::npos; at = xhtml.find_first_of("<&", at)) {
        // In a comment (and in CDATA) an ampersand names nothing.
        const auto rest = xhtml.substr(at);
        const std::string_view literal = rest.starts_with("<!--") ? "-->" : rest.starts_with("<![CDATA[") ? "]]>" : "";
        char16_t character = 0;
        if (!literal.empty()) {
            at = xhtml.find(literal, at + 4);
            if (at == std::string_view::npos) break;
        } else if (const auto length = rest.front() == '&' ? html_entity(xhtml, at, character) : 0; length != 0) {
            out.append(xhtml.substr(from, at - from));
            append_utf8({&character, 1}, out);
            from = at += length;
        } else {
            ++at;
        }
    }
    return out.append(xhtml.substr(from));
}

std::string forbidden_character(std::string_view utf8) {
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto c = static_cast<unsigned char>(utf8[i]);
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') {
            constexpr std::string_view kHex = "0123456789ABCDEF";
            return std::string("U+00") + kHex[c >> 4] + kHex[c & 15];
        }
        // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
        if (c == 0xef && utf8.substr(i, 2) == "\xef\xbf" && i + 2 < utf8.size() && static_cast<unsigned char>(utf8[i + 2]) >= 0xbe) {
            return static_cast<unsigned char>(utf8[i + 2]) == 0xbe ? "U+FFFE" : "U+FFFF";
        }
    }
    return {};
}

base::Result<json::Value> primitive_from_text(std::string_view type, std::string text) {
    if (text.empty()) return base::fail(base::Kind::invalid, "an attribute may not be empty", {}, "value");
    switch (form_of(type)) {
        case Form::literal:
            if (text == "true") return json::Value(true);
            if (text == "false") return json::Value(false);
            return base::fail(base::Kind::invalid, "a boolean is true or false", {}, "value");
        case Form::number:
            if (is_json_number(text, type != "decimal")) return json::Value(json::Number{std::move(text)});
            return base::fail(base::Kind::invalid, "the value is no " + std::string(type) + " that JSON can hold", {}, "value");
        case Form::text:
            break;
    }
    return json::Value(std::move(text));
}

base::Result<std::string_view> primitive_to_text(std::string_view type, const json::Value& value) {
    const auto form = form_of(type);
    if (const auto* literal = value.if_bool(); literal != nullptr && form == Form::literal)
        return std::string_view(*literal ? "true" : "false");
    if (const auto* number = value.if_number(); number != nullptr && form == Form::number) return std::string_view(number->text);
    if (const auto* text = value.if_string(); text != nullptr && form == Form::text) {
        if (text->empty()) return base::fail(base::Kind::invalid, "an empty string has no form in XML", {}, "value");
        if (const auto character = forbidden_character(*text); !character.empty()) {
            return base::fail(base::Kind::invalid, "XML cannot hold the character " + character, {}, "value");
        }
        return std::string_view(*text);
    }
    const auto* wanted = form == Form::literal ? "true or false" : form == Form::number ? "a number" : "a string";
    return base::fail(base::Kind::invalid, "a " + std::string(type) + " is " + wanted + " in JSON", {}, "structure");
}

}  // namespace codec
