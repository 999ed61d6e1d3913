#include "fhir/fhirpath/html.hpp"

#include "fhir/definitions/xhtml_entities.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

namespace fhirpath {
namespace {

constexpr std::string_view kXhtml = "http://www.w3.org/1999/xhtml";

// R4 narrative.html: "a limited subset of XHTML": the formatting of HTML 4.0 chapters 7-11 (but section 4 of 9) and 15, <a> and images,
// and internally contained styles.
constexpr std::string_view kElements[] = {
    "a",     "abbr",  "acronym", "b",     "big",  "blockquote", "br",     "caption", "cite", "code",   "col",   "colgroup", "dd",
    "dfn",   "div",   "dl",      "dt",    "em",   "h1",         "h2",     "h3",      "h4",   "h5",     "h6",    "hr",       "i",
    "img",   "li",    "ol",      "p",     "pre",  "q",          "samp",   "small",   "span", "strong", "style", "sub",      "sup",
    "table", "tbody", "td",      "tfoot", "th",   "thead",      "tr",     "tt",      "u",    "ul",     "var",   "address",  "kbd",
    "del",   "ins",   "bdo",     "map",   "area", "s",          "strike", "center",  "font"};
constexpr std::string_view kAttributes[] = {
    "title",  "style",  "class",   "id",         "lang",        "xml:lang",    "xml:space", "dir",     "accesskey", "tabindex", "span",
    "width",  "align",  "valign",  "char",       "charoff",     "abbr",        "axis",      "headers", "scope",     "rowspan",  "colspan",
    "name",   "href",   "charset", "type",       "hreflang",    "rel",         "rev",       "target",  "src",       "alt",      "longdesc",
    "height", "usemap", "ismap",   "border",     "cellspacing", "cellpadding", "frame",     "rules",   "summary",   "cite",     "datetime",
    "start",  "value",  "compact", "clear",      "size",        "noshade",     "nowrap",    "bgcolor", "color",     "face",     "shape",
    "coords", "nohref", "xmlns",   "background", "vspace",      "hspace"};

template <std::size_t N>
bool among(const std::string_view (&list)[N], std::string_view name) {
    return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

bool name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '-' || c == '_' || c == '.' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// One pass over the text. Stops at what is not well-formed; collects each kind of foreign element and attribute once.
class Checker {
  public:
    Checker(std::string_view text, const TellHtml& tell) : text_(text), tell_(tell) {}

    void run() {
        while (at_ < text_.size() && blank(text_[at_])) ++at_;
        if (!text_.substr(at_).starts_with("<div")) return wrong("The narrative begins with <div xmlns=\"" + std::string(kXhtml) + "\">");
        while (at_ < text_.size()) {
            if (done_ && !blank(text_[at_])) return wrong("Nothing may follow the closing </div> of the narrative");
            const char c = text_[at_];
            if (c == '<') {
                if (!markup()) return;
            } else if (c == '&') {
                if (!entity()) return;
                content_ = true;
            } else {
                content_ = content_ || !blank(c);
                ++at_;
            }
        }
        if (!open_.empty()) return wrong("<" + std::string(open_.back()) + "> is never closed");
        if (!content_) tell_("txt-2", "The narrative SHALL have some non-whitespace content");
    }

  private:
    void wrong(const std::string& what) { tell_("txt-1", what); }
    bool stop(const std::string& what) {
        wrong(what);
        return false;
    }

    bool markup() {
        const auto rest = text_.substr(at_);
        if (rest.starts_with("<!--")) return comment();
        if (rest.starts_with("<!")) return stop("A narrative holds no DTD and no CDATA");
        if (rest.starts_with("<?")) return stop("A narrative holds no processing instructions");
        return rest.starts_with("</") ? close() : open();
    }
    bool comment() {
        const auto end = text_.find("-->", at_ + 4);
        if (end == std::string_view::npos) return stop("A comment is never closed");
        at_ = end + 3;
        return true;
    }
    std::string_view name() {
        const auto begin = at_;
        while (at_ < text_.size() && name_character(text_[at_])) ++at_;
        return text_.substr(begin, at_ - begin);
    }
    void skip_blanks() {
        while (at_ < text_.size() && blank(text_[at_])) ++at_;
    }
    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    bool close() {
        at_ += 2;
        const auto closed = name();
        skip_blanks();
        if (!take('>')) return stop("A closing tag does not end with >");
        if (open_.empty() || open_.back() != closed) {
            return stop("</" + std::string(base::utf8_prefix(closed, 32)) + "> closes " +
                        (open_.empty() ? "nothing" : "<" + std::string(open_.back()) + ">"));
        }
        open_.pop_back();
        done_ = open_.empty();
        return true;
    }

    bool open() {
        ++at_;
        const auto element = name();
        if (element.empty()) return stop("< stands in the text: write &lt;");
        if (!among(kElements, element))
            foreign("The element <" + std::string(base::utf8_prefix(element, 32)) + "> is not allowed in a narrative", element);
        if (element == "img" || element == "hr") content_ = content_ || element == "img";
        bool has_namespace = false;
        while (true) {
            const auto before = at_;
            skip_blanks();
            if (at_ >= text_.size()) return stop("A tag is never closed with >");
            if (text_[at_] == '>' || text_[at_] == '/') break;
            if (before == at_) return stop("The attributes of a tag are separated by blanks");
            if (!attribute(element, has_namespace)) return false;
        }
        if (open_.empty() && !has_namespace) wrong("The outer <div> needs xmlns=\"" + std::string(kXhtml) + "\"");
        if (!take('/'))
            open_.push_back(element);
        else
            done_ = open_.empty();
        if (!take('>')) return stop("A tag does not end with >");
        if (open_.size() > 200) return stop("The narrative is nested deeper than 200 elements");
        return true;
    }

    bool attribute(std::string_view element, bool& has_namespace) {
        const auto attribute = name();
        if (attribute.empty()) return stop("A tag holds a character that is no attribute");
        skip_blanks();
        if (!take('=')) return stop("The attribute " + std::string(base::utf8_prefix(attribute, 32)) + " has no value");
        skip_blanks();
        const char quote = at_ < text_.size() ? text_[at_] : '\0';
        if (quote != '"' && quote != '\'') return stop("The value of an attribute stands in quotes");
        const auto end = text_.find(quote, at_ + 1);
        if (end == std::string_view::npos) return stop("The value of an attribute is never closed");
        const auto value = text_.substr(at_ + 1, end - at_ - 1);
        if (value.find('<') != std::string_view::npos) return stop("< stands in an attribute: write &lt;");
        at_ = end + 1;
        if (attribute == "xmlns") {
            has_namespace = value == kXhtml;
        } else if (!attribute.starts_with("xmlns:") && !among(kAttributes, attribute)) {
            foreign("The attribute " + std::string(base::utf8_prefix(attribute, 32)) + " on <" +
                        std::string(base::utf8_prefix(element, 32)) + "> is not allowed in a narrative",
                    attribute);
        }
        if (scripted(value)) foreign("A link of the narrative runs a script", "javascript:");
        return true;
    }
    // Of "#9", "#x6A", "colon", "Tab": the character when it is ASCII; NUL for what cannot stand in the name of a scheme.
    static char referred_character(std::string_view name) {
        if (name == "colon") return ':';
        if (!name.starts_with('#')) return '\0';
        const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
        const auto digits = name.substr(hex ? 2 : 1);
        int code = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
        return code > 0 && code < 128 ? static_cast<char>(code) : '\0';
    }
    static bool scripted(std::string_view value) {
        // A browser reads character references and drops blanks inside the scheme, so "java&#9;script:" is one too.
        std::string plain;
        for (std::size_t i = 0; i < value.size() && plain.size() < 16; ++i) {
            char c = value[i];
            const auto end = c == '&' ? value.find(';', i) : std::string_view::npos;
            if (end != std::string_view::npos) {
                c = referred_character(value.substr(i + 1, end - i - 1));
                i = end;
            }
            if (static_cast<unsigned char>(c) > ' ') plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
        return plain.starts_with("javascript:") || plain.starts_with("vbscript:");
    }

    // XHTML 1.0's own names and numbers. R4 would have numbers alone; HL7's reader takes the names.
    bool entity() {
        const auto end = text_.find(';', at_);
        const auto body = end == std::string_view::npos ? std::string_view{} : text_.substr(at_ + 1, end - at_ - 1);
        const bool number = body.starts_with('#');
        const auto digits = number ? body.substr(body.starts_with("#x") ? 2 : 1) : body;
        const bool fine = !digits.empty() && digits.size() <= 10 && std::all_of(digits.begin(), digits.end(), name_character);
        if (!fine) return stop("& stands in the text: write &amp;");
        if (!number && definitions::xhtml_entity(body) == 0) foreign("XHTML has no entity &" + std::string(body) + ";", body);
        at_ = end + 1;
        return true;
    }

    void foreign(std::string what, std::string_view name) {
        if (std::find(told_.begin(), told_.end(), name) != told_.end()) return;
        told_.push_back(name);
        wrong(what);
    }

    std::string_view text_;
    const TellHtml& tell_;
    std::size_t at_ = 0;
    std::vector<std::string_view> open_;
    std::vector<std::string_view> told_;
    bool done_ = false;
    bool content_ = false;
};

}  // namespace

void check_html(std::string_view xhtml, const TellHtml& tell) {
    Checker(xhtml, tell).run();
}

bool html_is_allowed(std::string_view xhtml) {
    bool allowed = true;
    check_html(xhtml, [&](std::string_view, const std::string&) { allowed = false; });
    return allowed;
}

}  // namespace fhirpath
