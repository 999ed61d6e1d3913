#include "fhir/fhirpath/text.hpp"

#include "storage/base/encoding.hpp"
#include "storage/base/json.hpp"

#include <algorithm>
#include <array>

#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace fhirpath {
namespace {

bool continues(char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}
bool ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}
icu::UnicodeString to_icu(std::string_view text) {
    return icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}
std::string from_icu(const icu::UnicodeString& text) {
    std::string out;
    text.toUTF8String(out);
    return out;
}
char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

struct Entity {
    char character;
    std::string_view name;
};
constexpr std::array<Entity, 5> kEntities{{{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}}};

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kJsonEscapes = "\"\\/bfnrtu";

std::string to_html(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto* entity = std::find_if(kEntities.begin(), kEntities.end(), [&](const Entity& e) { return e.character == c; });
        if (entity == kEntities.end())
            out += c;
        else
            out += entity->name;
    }
    return out;
}
std::string from_html(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto* entity =
            std::find_if(kEntities.begin(), kEntities.end(), [&](const Entity& e) { return text.substr(at).starts_with(e.name); });
        if (entity == kEntities.end()) {
            out += text[at++];
        } else {
            out += entity->character;
            at += entity->name.size();
        }
    }
    return out;
}

}  // namespace

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::size_t byte_of(std::string_view text, std::size_t character) {
    std::size_t at = 0;
    for (; at < text.size(); ++at) {
        if (continues(text[at])) continue;
        if (character == 0) return at;
        character -= 1;
    }
    return at;
}

std::string upper(std::string_view text) {
    return from_icu(to_icu(text).toUpper(icu::Locale::getRoot()));
}

std::string lower(std::string_view text) {
    return from_icu(to_icu(text).toLower(icu::Locale::getRoot()));
}

std::string folded(std::string_view text) {
    std::string out(text);
    if (!ascii(text)) {
        auto wide = to_icu(text).foldCase();
        for (std::int32_t i = 0; i < wide.length(); ++i) {
            if (u_isUWhiteSpace(wide[i])) wide.setCharAt(i, u' ');
        }
        out = from_icu(wide);
    }
    for (char& c : out) c = c == '\t' || c == '\n' || c == '\r' || c == '\f' ? ' ' : ascii_lower(c);
    return out;
}

std::optional<std::string> encode(std::string_view text, std::string_view format) {
    if (format == "hex") return base::to_hex(base::as_bytes(text));
    if (format != "base64" && format != "urlbase64") return std::nullopt;
    auto out = base::to_base64(base::as_bytes(text));
    // N1's urlbase64 keeps the padding that RFC 4648 section 5 lets one leave out.
    if (format == "urlbase64")
        std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c == '+' ? '-' : c == '/' ? '_' : c; });
    return out;
}

std::optional<std::string> decode(std::string_view text, std::string_view format) {
    std::string plain(text);
    if (format == "urlbase64") {
        if (plain.find_first_of("+/") != std::string::npos) return std::nullopt;
        std::transform(plain.begin(), plain.end(), plain.begin(), [](char c) { return c == '-' ? '+' : c == '_' ? '/' : c; });
        while (plain.size() % 4 != 0) plain += '=';
    } else if (format != "base64" && format != "hex") {
        return std::nullopt;
    }
    const auto bytes = format == "hex" ? base::from_hex(plain) : base::from_base64(plain);
    if (!bytes || !base::is_utf8(base::as_text(*bytes))) return std::nullopt;
    return std::string(base::as_text(*bytes));
}

std::optional<std::string> escape(std::string_view text, std::string_view format) {
    if (format == "html") return to_html(text);
    if (format != "json") return std::nullopt;
    std::string out;
    json::write_string(text, out);
    return out.substr(1, out.size() - 2);
}

std::optional<std::string> unescape(std::string_view text, std::string_view format) {
    if (format == "html") return from_html(text);
    if (format != "json") return std::nullopt;
    // A string may come with its escapes or, out of a FHIRPath literal, without some of them: quotes and line ends alone are let pass.
    std::string quoted = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool pair = text[i] == '\\' && i + 1 < text.size() && kJsonEscapes.find(text[i + 1]) != std::string_view::npos;
        if (pair)
            quoted += text.substr(i++, 2);
        else if (text[i] == '"' || text[i] == '\\')
            quoted += std::string("\\") + text[i];
        else if (static_cast<unsigned char>(text[i]) < 0x20)
            quoted += text[i] < 0x10 ? std::string("\\u000") + kHex[text[i] & 15] : std::string("\\u001") + kHex[text[i] & 15];
        else
            quoted += text[i];
    }
    const auto parsed = json::parse(quoted + "\"");
    return parsed && parsed->is_string() ? std::optional(*parsed->if_string()) : std::nullopt;
}

}  // namespace fhirpath
