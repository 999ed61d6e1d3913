#include "fhir/codec/xml_narrative.hpp"

#include "fhir/codec/xml_text.hpp"

namespace codec {
namespace {

constexpr std::string_view kXmlNamespace = "http://www.w3.org/XML/1998/namespace";  // xml:lang, xml:space; always declared

}  // namespace

base::Status Narrative::start(const XmlTag& tag) {
    if (tag.space != kXhtmlNamespace)
        return base::fail(base::Kind::invalid, "the narrative holds <" + tag.qualified + ">, which is not XHTML", {}, "structure");
    if (depth_ == 0) source_begin_ = tag.source_begin;
    if (tag.qualified != tag.name || (depth_ == 0 && !tag.declares_default)) alone_ = false;
    if (open_) rewritten_ += '>';
    rewritten_.append("<").append(tag.name);
    if (depth_ == 0) rewritten_.append(" xmlns=\"").append(kXhtmlNamespace).append("\"");
    for (const auto& attribute : tag.attributes) {
        if (!attribute.space.empty() && attribute.space != kXmlNamespace) {
            return base::fail(base::Kind::invalid, "the narrative's attribute " + attribute.qualified + " is not XHTML", {}, "structure");
        }
        rewritten_.append(" ").append(attribute.qualified).append("=\"");
        append_attribute(attribute.value, rewritten_);
        rewritten_ += '"';
    }
    open_ = true;
    ++depth_;
    return {};
}

void Narrative::text(std::string_view text) {
    if (text.empty()) return;
    if (open_) rewritten_ += '>';
    open_ = false;
    append_text(text, rewritten_);
}

bool Narrative::end(std::string_view local_name) {
    if (open_)
        rewritten_ += "/>";
    else
        rewritten_.append("</").append(local_name).append(">");
    open_ = false;
    return --depth_ == 0;
}

std::string Narrative::take(std::string_view source, std::size_t source_end) {
    if (!alone_) return std::move(rewritten_);
    return std::string(source.substr(source_begin_, source_end - source_begin_));
}

}  // namespace codec
