// XML Patch, RFC 5261, on the XML form of a resource. Inside patch, its tests and its fuzz target only.
#pragma once

#include "fhir/codec/xml_document.hpp"
#include "fhir/patch/operations.hpp"
#include "fhir/patch/xml_selector.hpp"

#include <vector>

namespace patch {

class XmlPatch final : public Operations {
  public:
    // A document whose element is <diff> (RFC 5261, and R4's examples) or <patch> (RFC 7351), in whatever namespace. Error: Kind::invalid
    // for what is no XML Patch, Kind::too_large for the limits, Kind::not_supported for namespace nodes and selectors beyond RFC 5261.
    static base::Result<XmlPatch> parse(std::string_view text, const Limits& limits = {});
    static bool is_diff(std::string_view text);

    Form form() const override { return Form::xml; }
    std::size_t size() const override { return steps_.size(); }
    base::Result<json::Value> apply(const json::Value& resource, const Limits& limits = {}) const override;

  private:
    enum class Op { add, replace, remove };
    enum class Position { append, prepend, before, after };
    using Nodes = std::vector<std::unique_ptr<codec::XmlNode>>;
    struct Step {
        Op op = Op::add;
        Label label;
        XmlSelector selector;
        Position position = Position::append;
        std::string attribute_space, attribute_name;  // add of an attribute; empty: of nodes
        Nodes nodes;                                  // the content
        std::string text;                             // the content as text
    };
    class Run;

    static base::Result<Step> parse_step(codec::XmlNode& element, std::size_t number, const Limits& limits);
    static base::Status parse_add(const codec::XmlNode& element, Step& step);

    std::vector<Step> steps_;
};

}  // namespace patch
