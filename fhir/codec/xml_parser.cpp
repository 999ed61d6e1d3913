#include "fhir/codec/xml_parser.hpp"

#include "fhir/codec/xml.hpp"
#include "fhir/codec/xml_text.hpp"
#include "storage/base/encoding.hpp"

#include <algorithm>
#include <mutex>

#include <xercesc/framework/MemBufInputSource.hpp>
#include <xercesc/sax/Locator.hpp>
#include <xercesc/sax/SAXParseException.hpp>
#include <xercesc/sax2/Attributes.hpp>
#include <xercesc/sax2/DefaultHandler.hpp>
#include <xercesc/sax2/SAX2XMLReader.hpp>
#include <xercesc/sax2/XMLReaderFactory.hpp>
#include <xercesc/util/OutOfMemoryException.hpp>
#include <xercesc/util/PlatformUtils.hpp>
#include <xercesc/util/SecurityManager.hpp>
#include <xercesc/util/XMLUni.hpp>

namespace xml = xercesc;

namespace codec {
namespace {

std::string utf8_of(const XMLCh* text, std::size_t length) {
    std::string out;
    out.reserve(length);
    append_utf8({text, length}, out);
    return out;
}
std::string utf8_of(const XMLCh* text) {
    return text == nullptr ? std::string() : utf8_of(text, std::char_traits<char16_t>::length(text));
}

constexpr const char* kNoDoctype = "a DOCTYPE is not taken; FHIR resources have none";

// Carries an Error through Xerces, which lets exceptions of its handlers pass. Never leaves this file.
struct Stop {
    base::Error error;
};

class Handler final : public xml::DefaultHandler {
  public:
    Handler(xml::SAX2XMLReader& reader, std::string_view source, XmlEvents& events) : reader_(reader), source_(source), events_(events) {}

    void setDocumentLocator(const xml::Locator* locator) override { locator_ = locator; }
    void startPrefixMapping(const XMLCh* prefix, const XMLCh* space) override {
        if (prefix == nullptr || *prefix == 0) declares_default_ = true;
        if (declarations_.size() <= kMaxXmlAttributes) declarations_.emplace_back(utf8_of(prefix), utf8_of(space));
    }
    void startElement(const XMLCh* space, const XMLCh* local, const XMLCh* qualified, const xml::Attributes& attributes) override {
        XmlTag tag{utf8_of(space), utf8_of(local), utf8_of(qualified), {}, std::move(declarations_), 0, declares_default_};
        declares_default_ = false;
        declarations_.clear();
        const auto shown = std::min<XMLSize_t>(attributes.getLength(), kMaxXmlAttributes + 1);  // one too many is enough to refuse it
        for (XMLSize_t i = 0; i < shown; ++i) {
            tag.attributes.push_back({utf8_of(attributes.getURI(i)), utf8_of(attributes.getLocalName(i)), utf8_of(attributes.getQName(i)),
                                      utf8_of(attributes.getValue(i))});
        }
        // Xerces stands behind the tag; in a tag no second '<' may stand, also not in a value.
        const auto end = source_end();
        tag.source_begin = end == 0 ? 0 : source_.rfind('<', end - 1);
        check(events_.start(tag));
    }
    void endElement(const XMLCh*, const XMLCh* local, const XMLCh*) override { check(events_.end(utf8_of(local), source_end())); }
    void characters(const XMLCh* text, const XMLSize_t length) override {
        std::u16string all(held_);
        all.append(text, length);
        held_.clear();
        // Xerces hands text out in pieces, and a pair of surrogates may be cut in two.
        if (!all.empty() && all.back() >= 0xd800 && all.back() < 0xdc00) {
            held_.assign(1, all.back());
            all.pop_back();
        }
        check(events_.text(utf8_of(all.data(), all.size())));
    }

    // A document type is where entities, external ones and their expansion come from. FHIR has none (R4 xml.html).
    void startDTD(const XMLCh*, const XMLCh*, const XMLCh*) override { stop({base::Kind::invalid, kNoDoctype, {}, "structure"}); }
    xml::InputSource* resolveEntity(const XMLCh*, const XMLCh*) override {
        stop({base::Kind::invalid, "external entities are not taken", {}, "structure"});
    }
    // What a processing instruction asks for is for programs, and no part of a resource: HL7's validator refuses them too. The XML
    // declaration is none.
    void processingInstruction(const XMLCh*, const XMLCh*) override { stop({base::Kind::invalid, "processing instructions are not taken", {}, "structure"}); }
    void skippedEntity(const XMLCh*) override { stop({base::Kind::invalid, "entities are not taken", {}, "structure"}); }

    void warning(const xml::SAXParseException&) override {}
    void error(const xml::SAXParseException& e) override { fatalError(e); }
    void fatalError(const xml::SAXParseException& e) override {
        stop({base::Kind::invalid, std::string(base::utf8_prefix(utf8_of(e.getMessage()), 300)), {}, "structure"});
    }

  private:
    void check(const base::Status& status) const {
        if (!status) stop(status.error());
    }
    [[noreturn]] void stop(base::Error error) const {
        if (locator_ != nullptr) {
            error.diagnostics = "line " + std::to_string(locator_->getLineNumber()) + ", column " +
                                std::to_string(locator_->getColumnNumber()) + ": " + error.diagnostics;
        }
        if (error.expression.empty()) {
            if (auto place = events_.place(); !place.empty()) error.expression.push_back(std::move(place));
        }
        throw Stop{std::move(error)};
    }
    std::size_t source_end() const { return std::min<std::size_t>(static_cast<std::size_t>(reader_.getSrcOffset()), source_.size()); }

    xml::SAX2XMLReader& reader_;
    std::string_view source_;
    XmlEvents& events_;
    const xml::Locator* locator_ = nullptr;
    bool declares_default_ = false;
    std::vector<std::pair<std::string, std::string>> declarations_;
    std::u16string held_;
};

// What the XML declaration says of `name` (version, encoding), empty when it says nothing. Whether the declaration is sound is for the
// parser.
std::string_view declared(std::string_view text, std::string_view name) {
    if (!text.starts_with("<?xml")) return {};
    text = text.substr(0, text.find("?>"));
    const auto at = text.find(name);
    const auto open = at == std::string_view::npos ? at : text.find_first_of("\"'", at);
    if (open == std::string_view::npos) return {};
    const auto close = text.find(text[open], open + 1);
    return text.substr(open + 1, close == std::string_view::npos ? close : close - open - 1);
}

// What stands before the root: white space, comments and processing instructions, of which the XML declaration looks like one. Xerces does
// not tell of a DOCTYPE that declares nothing.
bool has_doctype(std::string_view text) {
    for (;;) {
        text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
        const std::string_view end = text.starts_with("<!--") ? "-->" : text.starts_with("<?") ? "?>" : "";
        if (end.empty()) return text.starts_with("<!DOCTYPE");
        const auto at = text.find(end, end.size() + 1);
        if (at == std::string_view::npos) return false;
        text.remove_prefix(at + end.size());
    }
}

bool is_utf8_name(std::string_view name) {
    constexpr std::string_view kNames[] = {"utf-8", "utf8", "us-ascii"};
    for (const auto wanted : kNames) {
        if (name.size() != wanted.size()) continue;
        bool same = true;
        for (std::size_t i = 0; i < name.size(); ++i) same = same && (name[i] | 0x20) == (wanted[i] | 0x20);
        if (same) return true;
    }
    return false;
}

tl::unexpected<base::Error> declaration_refused(const char* what, std::string_view value, const char* why) {
    return base::fail(base::Kind::invalid, std::string("line 1, column 1: ") + what + std::string(base::utf8_prefix(value, 32)) + why, {},
                      "structure");
}

}  // namespace

struct XmlParser::Reader {
    xml::SecurityManager security;
    std::unique_ptr<xml::SAX2XMLReader> sax;

    // May throw what Xerces throws.
    Reader() {
        static std::once_flag once;
        std::call_once(once, [] { xml::XMLPlatformUtils::Initialize(); });
        sax.reset(xml::XMLReaderFactory::createXMLReader());
        sax->setFeature(xml::XMLUni::fgSAX2CoreNameSpaces, true);
        sax->setFeature(xml::XMLUni::fgSAX2CoreNameSpacePrefixes, false);
        sax->setFeature(xml::XMLUni::fgSAX2CoreValidation, false);
        sax->setFeature(xml::XMLUni::fgXercesSchema, false);
        sax->setFeature(xml::XMLUni::fgXercesLoadExternalDTD, false);
        sax->setFeature(xml::XMLUni::fgXercesLoadSchema, false);
        sax->setFeature(xml::XMLUni::fgXercesSkipDTDValidation, true);
        sax->setFeature(xml::XMLUni::fgXercesDisableDefaultEntityResolution, true);
        sax->setFeature(xml::XMLUni::fgXercesCalculateSrcOfs, true);
        // A second line behind startDTD: without a document type there is nothing to expand.
        security.setEntityExpansionLimit(1);
        sax->setProperty(xml::XMLUni::fgXercesSecurityManager, &security);
    }

    void listen(Handler* handler) {
        sax->setContentHandler(handler);
        sax->setLexicalHandler(handler);
        sax->setErrorHandler(handler);
        sax->setEntityResolver(handler);
    }
};

XmlParser::XmlParser() = default;
XmlParser::~XmlParser() = default;

base::Status XmlParser::parse(std::string_view text, XmlEvents& events) {
    using base::Kind;
    if (text.empty()) return base::fail(Kind::invalid, "the document is empty", {}, "structure");
    if (!base::is_utf8(text)) return base::fail(Kind::invalid, "the document is not UTF-8", {}, "structure");
    if (const auto encoding = declared(text, "encoding"); !encoding.empty() && !is_utf8_name(encoding)) {
        return declaration_refused("the encoding ", encoding, " is not read here; FHIR is UTF-8");
    }
    // XML 1.1 has characters that neither 1.0 nor the answers of this server can hold.
    if (const auto version = declared(text, "version"); !version.empty() && version != "1.0") {
        return declaration_refused("XML ", version, " is not read here; FHIR is XML 1.0");
    }
    if (has_doctype(text)) return base::fail(Kind::invalid, kNoDoctype, {}, "structure");
    base::Status out;
    try {
        if (!reader_) reader_ = std::make_unique<Reader>();
        Handler handler(*reader_->sax, text, events);
        reader_->listen(&handler);
        xml::MemBufInputSource input(reinterpret_cast<const XMLByte*>(text.data()), text.size(), "resource");
        input.setEncoding(xml::XMLUni::fgUTF8EncodingString);
        input.setCopyBufToStream(false);
        reader_->sax->parse(input);
    } catch (Stop& stop) {
        out = tl::unexpected(std::move(stop.error));
    } catch (const xml::OutOfMemoryException&) {
        out = base::fail(Kind::unavailable, "there is no memory for this document now");
    } catch (const xml::XMLException& e) {
        out = base::fail(Kind::invalid, std::string(base::utf8_prefix(utf8_of(e.getMessage()), 300)), {}, "structure");
    } catch (const xml::SAXException& e) {
        out = base::fail(Kind::invalid, std::string(base::utf8_prefix(utf8_of(e.getMessage()), 300)), {}, "structure");
    }
    if (reader_) reader_->listen(nullptr);
    return out;
}

}  // namespace codec
