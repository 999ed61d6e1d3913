#include "fhir/fhirpath/html.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace fhirpath {
namespace {

constexpr std::array<std::string_view, 64> kTags{
    "a",     "abbr",   "acronym", "b",  "big",   "blockquote", "br",   "caption",  "cite", "code",    "col", "colgroup", "dd",
    "dfn",   "div",    "dl",      "dt", "em",    "h1",         "h2",   "h3",       "h4",   "h5",      "h6",  "hr",       "i",
    "img",   "li",     "ol",      "p",  "pre",   "q",          "samp", "small",    "span", "strong",  "sub", "sup",      "table",
    "tbody", "td",     "tfoot",   "th", "thead", "tr",         "tt",   "ul",       "var",  "address", "bdo", "del",      "ins",
    "kbd",   "center", "font",    "u",  "s",     "strike",     "dir",  "basefont", "map",  "area",    "nav", "section"};
constexpr std::array<std::string_view, 52> kAttributes{
    "title",    "style",  "class",       "id",          "lang",    "xml:lang", "dir",      "accesskey", "tabindex", "span",    "width",
    "align",    "valign", "char",        "charoff",     "abbr",    "axis",     "headers",  "scope",     "rowspan",  "colspan", "border",
    "frame",    "rules",  "cellspacing", "cellpadding", "summary", "href",     "name",     "rel",       "rev",      "charset", "hreflang",
    "type",     "coords", "shape",       "target",      "src",     "alt",      "longdesc", "height",    "usemap",   "ismap",   "cite",
    "datetime", "start",  "value",       "compact",     "nowrap",  "bgcolor",  "color",    "size"};

bool name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '-' || c == '_' || c == '.';
}
bool space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// One pass over the text; no tree is made.
class Checker {
  public:
    explicit Checker(std::string_view text) : text_(text) {}

    bool check() {
        skip_space();
        if (!at("<div")) return false;
        do {
            if (!piece()) return false;
        } while (!open_.empty() && at_ < text_.size());
        skip_space();
        return open_.empty() && at_ == text_.size();
    }
    bool says_something() const { return something_; }

  private:
    bool at(std::string_view expected) const { return text_.substr(at_, expected.size()) == expected; }
    void skip_space() {
        while (at_ < text_.size() && space(text_[at_])) at_ += 1;
    }
    std::string_view name() {
        const std::size_t first = at_;
        while (at_ < text_.size() && name_character(text_[at_])) at_ += 1;
        return text_.substr(first, at_ - first);
    }

    bool piece() {
        if (at("<!--")) {
            const auto end = text_.find("-->", at_ + 4);
            at_ = end == std::string_view::npos ? text_.size() : end + 3;
            return end != std::string_view::npos;
        }
        if (at("</")) return end_tag();
        if (at("<")) return start_tag();
        if (!space(text_[at_])) something_ = true;
        if (text_[at_] == '&') return entity();
        at_ += 1;
        return true;
    }

    bool entity() {
        const auto end = text_.find(';', at_);
        const bool ends = end != std::string_view::npos && end > at_ + 1 && end - at_ < 12;
        at_ = ends ? end + 1 : at_ + 1;
        return ends;
    }

    bool end_tag() {
        at_ += 2;
        const auto closed = name();
        skip_space();
        if (open_.empty() || open_.back() != closed || !at(">")) return false;
        open_.pop_back();
        at_ += 1;
        return true;
    }

    bool start_tag() {
        at_ += 1;
        const auto tag = name();
        if (std::find(kTags.begin(), kTags.end(), tag) == kTags.end()) return false;
        if (tag == "img") something_ = true;
        while (true) {
            skip_space();
            if (at("/>")) {
                at_ += 2;
                return true;
            }
            if (at(">")) {
                at_ += 1;
                open_.push_back(tag);
                return open_.size() < 200;
            }
            if (!attribute(tag)) return false;
        }
    }

    bool attribute(std::string_view tag) {
        const auto attribute = name();
        skip_space();
        if (attribute.empty() || !at("=")) return false;
        at_ += 1;
        skip_space();
        if (!at("\"") && !at("'")) return false;
        const auto end = text_.find(text_[at_], at_ + 1);
        if (end == std::string_view::npos) return false;
        const auto value = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        if (attribute == "xmlns") return tag != "div" || open_.size() > 0 || value == "http://www.w3.org/1999/xhtml";
        if (attribute.starts_with("xmlns:")) return true;
        const bool script = value.find("javascript:") != std::string_view::npos;
        return !script && value.find('<') == std::string_view::npos &&
               std::find(kAttributes.begin(), kAttributes.end(), attribute) != kAttributes.end();
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<std::string_view> open_;
    bool something_ = false;
};

}  // namespace

bool html_is_allowed(std::string_view xhtml) {
    Checker checker(xhtml);
    return checker.check() && checker.says_something();
}

}  // namespace fhirpath
