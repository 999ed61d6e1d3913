// Builds a resource as JSON from the events of an XML reader, along R4's element tables. Knows no XML library. Inside codec only.
#pragma once

#include "fhir/codec/xml_narrative.hpp"
#include "fhir/codec/xml_parser.hpp"
#include "fhir/definitions/elements.hpp"
#include "storage/base/json.hpp"

#include <optional>
#include <string>
#include <vector>

namespace codec {

class XmlTree final : public XmlEvents {
  public:
    XmlTree(std::string_view source, const json::Limits& limits) : source_(source), limits_(limits) {}

    // The events, in the document's order. Errors as from_xml's, with the place in `expression` but without line and column.
    base::Status start(const XmlTag& tag) override;
    base::Status text(std::string_view text) override;
    base::Status end(std::string_view local_name, std::size_t source_end) override;

    json::Value take() { return std::move(root_); }
    // Where the reader stands: Patient.name[0].given
    std::string place() const override;

  private:
    struct Frame {
        enum class Kind { resource, complex, primitive, holder };  // holder: an element whose one child is a resource
        Kind kind = Kind::complex;
        const definitions::Group* group = nullptr;      // of its children
        const definitions::Element* element = nullptr;  // as its parent knows it; nullptr for a resource
        const definitions::ElementType* type = nullptr;
        std::string name;       // JSON name in the parent; for a resource its type
        std::size_t index = 0;  // among its repetitions
        std::size_t next = 0;   // the first of group->elements that may still come
        json::Object members;   // of a primitive: id and extension
        json::Value value;      // of a primitive, or a holder's resource
    };

    base::Status count(std::size_t values);
    base::Status open_resource(const XmlTag& tag);
    base::Status open_element(Frame& parent, const XmlTag& tag);
    base::Status attributes(Frame& frame, const XmlTag& tag);
    base::Status close(Frame frame);
    static base::Status close_primitive(Frame frame, json::Object& parent);
    base::Error fault(std::string what, std::string issue = "structure") const;

    std::string_view source_;
    json::Limits limits_;
    std::size_t values_ = 0;
    std::size_t depth_ = 0;
    std::vector<Frame> frames_;
    std::optional<Narrative> narrative_;
    json::Value root_;
};

}  // namespace codec
