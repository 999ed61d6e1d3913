// Xerces-C's SAX2 reader, with everything off that reaches outside the document: the only door to Xerces. Inside codec only.
#pragma once

#include "fhir/codec/xml_narrative.hpp"

#include <memory>
#include <string_view>

namespace codec {

// Who listens to the events of a document. An error stops the parser.
class XmlEvents {
  public:
    virtual base::Status start(const XmlTag& tag) = 0;
    virtual base::Status text(std::string_view text) = 0;
    // source_end: the place after the end tag, in bytes
    virtual base::Status end(std::string_view local_name, std::size_t source_end) = 0;
    // Where in the resource the events have come to, for an error of the parser's own; empty: nowhere.
    virtual std::string place() const = 0;

  protected:
    ~XmlEvents() = default;
};

class XmlParser {
  public:
    XmlParser();
    ~XmlParser();

    // Error: the listener's, or Kind::invalid for what is no well-formed XML 1.0 in UTF-8 and for any DOCTYPE; both begin with line and
    // column. May be called again for another document. Not thread-safe; each thread has its own.
    base::Status parse(std::string_view text, XmlEvents& events);

  private:
    struct Reader;
    std::unique_ptr<Reader> reader_;
};

}  // namespace codec
